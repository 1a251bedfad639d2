"""What AWS refuses by size: lengths of names, and combinations of processor and memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..aws import types
from ..graph import Resource
from ..graph.reading import items, read, text
from ..reach import Reach
from .registry import Severity, guide, rule

_SUFFIX: Final = 8
"""A hyphen and seven digits, which Pulumi puts behind a logical name to make a physical one."""

_LENGTHS: Final = {
    **dict.fromkeys((*types.LOAD_BALANCER, *types.TARGET_GROUP), 32),
    **dict.fromkeys((*types.ROLE, *types.FUNCTION), 64),
    "aws:iam/instanceProfile:InstanceProfile": 128,
    "aws:iam/policy:Policy": 128,
    "aws:ec2/launchTemplate:LaunchTemplate": 128,
    "aws:sqs/queue:Queue": 80,
    "aws:s3/bucket:Bucket": 63,
    "aws:ecs/cluster:Cluster": 255,
    "aws:rds/instance:Instance": 63,
}
_NAME_KEYS: Final = ("name", "bucket", "identifier")

_FARGATE_MEMORY: Final = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
"""Mebibytes by CPU units. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""


@rule(
    "LIMIT-01",
    "Names are as short as AWS wants them",
    Severity.HIGH,
    on=_LENGTHS,
    why="A name that is too long is refused when the resource is made, in the middle of the deployment.",
    remedy="Shorten the logical name, to which Pulumi adds eight characters, or give a name of your own.",
    source=guide("elasticloadbalancing/latest/APIReference", "API_CreateLoadBalancer"),
    program_only=True,
)
def names_fit(_reach: Reach, resource: Resource) -> Iterator[str]:
    given = next((written for key in _NAME_KEYS if (written := text(read(resource, key)))), "")
    prefixed = read(resource, "namePrefix") or read(resource, "bucketPrefix")
    length = len(given) if given else len(resource.name) + _SUFFIX
    limit = _LENGTHS[resource.type]
    if length > limit and not prefixed:
        yield f"the name of {resource.name} would have {length} characters, and {limit} are allowed"


@rule(
    "LIMIT-02",
    "A Fargate task has memory that goes with its processor",
    Severity.HIGH,
    on=types.TASK_DEFINITION,
    why="Fargate knows a fixed list of pairs and refuses every other.",
    remedy="Take a pair of the list: 256 units with 512 to 2048 MiB, 512 with 1024 to 4096, and so on.",
    source=guide("AmazonECS/latest/developerguide", "fargate-tasks-services"),
    alone=True,
)
def fargate_sizes_fit(_reach: Reach, resource: Resource) -> Iterator[str]:
    if "FARGATE" not in items(read(resource, "requiresCompatibilities")):
        return
    processor, memory = _number(read(resource, "cpu")), _number(read(resource, "memory"))
    if memory not in _FARGATE_MEMORY.get(processor, ()):
        yield f"{resource.name} asks for {processor} units and {memory} MiB"


def _number(value: object) -> int:
    """`256`, `256.0` or `.25 vCPU`, `0.5 GB`."""
    words = str(value).lower().split()
    try:
        number = float(words[0])
    except (ValueError, IndexError):
        return 0
    return int(number * 1024) if len(words) > 1 and words[1] in ("vcpu", "gb") else int(number)

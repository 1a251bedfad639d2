"""Each setting is switched on and off again: no value stays that should go, and nothing changes at every update.

AWS's provider keeps some inputs if a program leaves them out, and reads others in another form than they were written
in. Mocks and emulators show neither. provider_facts.json has the first, from the provider's schema; `REWRITTEN` has
the second, from its source.
"""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from components.facts import hook_names
from review.aws.catalog.provider_facts import provider_facts
from review.compare.replacements import left_out
from review.compare.resources import compare_resources
from review.graph import Graph, Resource
from review.graph.reading import input_at
from tests.helpers.draws import draws
from tests.integration.topologies.built import built
from tests.integration.topologies.engine_model import faults
from tests.integration.topologies.switched_configs import ALL_KEYS, pairs

_INTENDED: Final = {
    # The number is the scaling's once it has begun.
    ("aws:autoscaling/group:Group", "desiredCapacity"),
    # AWS reads it only beside an imported certificate, and needs another one then: the settings' text says so.
    ("aws:apigateway/domainName:DomainName", "ownershipVerificationCertificateArn"),
}
"""Values that stay, and should."""
REWRITTEN: Final[Mapping[str, Mapping[str, str]]] = {
    # internal/service/lambda/permission.go, resourcePermissionRead: without alias or version
    "aws:lambda/permission:Permission": {"function": r"[^:]+|arn:[^:]+:lambda:[^:]*:\d*:function:[^:]+"},
    # internal/service/ec2/vpc_subnet.go, vpc_security_group_ingress_rule.go: ranges come back from their first address
    "aws:ec2/subnet:Subnet": {"cidrBlock": r"[\d.]+/\d+", "ipv6CidrBlock": r"[0-9a-f:]+::/\d+"},
}
"""For each type whose Read writes another form than a program may: an input, and the form that comes back."""
_REQUIRED: Final = frozenset(
    {
        *(f"api.authorizers.NAME.{key}" for key in ("audiences", "function", "issuer", "kind", "userPoolArns")),
        *(
            f"api.{place}.{key}"
            for place in ("authorizers.NAME.function", "functions.NAME")
            for key in ("arn", "folder", "zip", "image")
        ),
        *(
            f"api.{place}.{key}"
            for place in ("authorizers.NAME.function", "functions.NAME")
            for key in ("calls.NAME.securityGroupId", "calls.NAME.cidr", "calls.NAME.port")
        ),
        *("api.routes[].target", "backend.build", "backend.listenerArn", "backend.url", "backend.userData"),
        *("network.vpcId", "network.subnetIds"),
    }
)
"""Keys of which a stack has either the one or another: without them it is refused."""


@functools.cache
def _graph(config: str) -> Graph | None:
    return built(json.loads(config), known=True)


def kept(before: Graph, after: Graph) -> Iterator[str]:
    """Inputs that the update leaves in AWS although the program does not give them any more."""
    found = compare_resources(before, after)
    replaced = {change.new.urn for change in found.changes if change.replacing}
    for old, new in found.pairs:
        if new.urn not in replaced and not _refused(old, new):
            for key in left_out(old, new):
                if (new.type, key) not in _INTENDED:
                    yield f"{new.name} keeps {key}"


def _refused(old: Resource, new: Resource) -> bool:
    """Whether a hook refuses the update in the preview."""
    hooked = any(one.endswith(hook_names.PROTOCOL_STAYS) for one in new.options.hooks.get("before_update", ()))
    return hooked and bool(old.inputs["protocol"] != new.inputs["protocol"])


def unstable(graph: Graph) -> Iterator[str]:
    """Inputs that the provider reads in another form, so that each update would change or replace them again."""
    for resource in graph:
        for key, form in REWRITTEN.get(resource.type, {}).items():
            value = input_at(resource, *key.split("."))
            if isinstance(value, str) and not re.fullmatch(form, value):
                yield f"{resource.name}: {key} {value} comes back in another form"


@pytest.mark.slow
@pytest.mark.parametrize("section", sorted({key.partition(".")[0] for key in ALL_KEYS}))
def test_a_setting_is_switched_on_and_off_again(section: str) -> None:
    wrong: list[tuple[str, str]] = []
    never = []
    for key, pair in pairs().items():
        if not key.startswith(section):
            continue
        switched = 0
        for given, ways in pair:
            graph = _graph(given)
            assert graph is not None, (key, given)
            without = next((made for made in map(_graph, ways) if made is not None), None)
            if without is not None:
                wrong += [(key, one) for one in unstable(graph)]
                for before, after in ((graph, without), (without, graph)):
                    wrong += [(key, one) for one in (*kept(before, after), *faults(before, after))]
                switched += 1
                # In CI, in several kinds of stacks.
                if switched == draws(4):
                    break
        never += [] if switched else [key]
    assert not wrong
    assert {*never} <= _REQUIRED


@pytest.mark.slow
def test_every_declared_type_is_in_the_providers_table() -> None:
    configs = (given for pair in pairs().values() for given, _ in pair[:1])
    declared = {one.type for config in configs for one in _graph(config) or () if one.type.startswith("aws:")}
    assert {token for token in declared if provider_facts(token) is None} == set()

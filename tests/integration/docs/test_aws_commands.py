"""Commands of the AWS CLI in the documents: operation, options and fields of the answer exist in botocore's models."""

import re
import shlex
from collections.abc import Iterator
from typing import Any, Final

import botocore.session
import jmespath
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import Shape

from tests.integration.docs.test_documents import DOCUMENTS, FENCE
from tests.integration.docs.test_names_in_documents import QUOTED

# Commands that the CLI has besides the operations, with their options.
OWN: Final = {
    ("logs", "tail"): {"since", "filter-pattern", "follow", "format"},
    ("ecs", "wait"): {"cluster", "services"},
}
UNREAD: Final = {"sso", "configure", "s3", "s3api", "ec2-instance-connect", "cloudformation"}
"""Services whose commands are not compared: the CLI's own, and those of other tools' pages."""
GLOBAL: Final = {"query", "output", "region", "profile"}
_INNER: Final = re.compile(r'"\$\(.*?\)"')
"""A command whose output is a value of another one."""
_SESSION: Final = botocore.session.get_session()


def commands() -> Iterator[tuple[str, bool]]:
    """Each command, and whether it is whole: one within a sentence may be only the name of an operation."""
    for path in DOCUMENTS:
        text = path.read_text()
        for kind, block in FENCE.findall(text):
            for line in block.splitlines() if kind == "sh" else ():
                if line.strip().startswith("aws "):
                    yield line.strip(), True
        for word in QUOTED.findall(FENCE.sub("", text)):
            if word.startswith("aws "):
                yield word, "--" in word


COMMANDS: Final = sorted(set(commands()))


def faults(command: str, *, whole: bool) -> Iterator[str]:
    words = shlex.split(_INNER.sub("VALUE", command))
    if len(words) < 3 or words[1] in UNREAD:
        return
    service, name = words[1:3]
    options = [word.removeprefix("--").split("=")[0] for word in words if word.startswith("--")]
    if (service, name) in OWN:
        yield from (f"--{option}" for option in options if option not in OWN[service, name] | GLOBAL)
        return
    try:
        model = _SESSION.get_service_model(service)
    except UnknownServiceError:
        yield service
        return
    operation = next((one for one in model.operation_names if xform_name(one, "-") == name), None)
    if operation is None:
        yield name
        return
    described = model.operation_model(operation)
    members = described.input_shape.members if described.input_shape else {}
    known = {xform_name(member, "-") for member in members}
    yield from (f"--{option}" for option in options if option.removeprefix("no-") not in known | GLOBAL)
    required = {xform_name(member, "-") for member in (described.input_shape.required_members if members else ())}
    if whole:
        yield from sorted(f"{option} is missing" for option in required - {*options})
    if "--query" in words:
        query = jmespath.compile(words[words.index("--query") + 1]).parsed
        answered = set(_members(described.output_shape, set()))
        yield from (field for field in _fields(query) if field not in answered)


def _fields(node: Any) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in node["children"]:
        # A slice has its bounds as children.
        if isinstance(child, dict):
            yield from _fields(child)


def _members(shape: Shape | None, seen: set[str]) -> Iterator[str]:
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    for name, member in getattr(shape, "members", {}).items():
        yield name
        yield from _members(member, seen)
    yield from _members(getattr(shape, "member", None), seen)


@pytest.mark.parametrize(("command", "whole"), COMMANDS)
def test_a_command_of_the_aws_cli_exists_with_its_options(command: str, whole: bool) -> None:
    assert [*faults(command, whole=whole)] == []


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("aws ecs describe-service --cluster a", "describe-service"),
        ("aws ecs describe-services --cluster a --service b", "--service"),
        ("aws ecs describe-services --cluster a", "services is missing"),
        ("aws ecs describe-services --cluster a --services b --query 'services[].runing'", "runing"),
        ("aws logs tail a --since 1h --pattern b", "--pattern"),
        ("aws ekz list-clusters", "ekz"),
    ],
)
def test_a_command_that_does_not_exist_is_found(command: str, wrong: str) -> None:
    assert wrong in [*faults(command, whole=True)]

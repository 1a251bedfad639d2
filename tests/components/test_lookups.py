"""Lookups that fail: one message with the argument, its value and what to do, whichever lookup it is."""

import ast
import gc
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import (
    ApiConsumer,
    Ec2Backend,
    ExistingIngress,
    FargateBackend,
    PrivateApiEndpoint,
    PrivateNetwork,
)
from components.aws_lookups.lookup import look_up
from components.stack.topologies import lookups
from review.tests.helpers.in_process.loop import own_loop
from tests.helpers import mocks
from tests.helpers.declare import ProgramError, declare

VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
PLACE = {"vpc_id": VPC, "subnet_ids": SUBNETS}
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/0123456789abcdef"


def adopt_network() -> None:
    PrivateNetwork("network", {**PLACE, "existing_endpoints": ["logs"], "egress": ["s3-packages"]})


def declare_network() -> None:
    PrivateNetwork("network", {"zones": 2, "endpoints": ["logs"], "flow_logs_retention_days": 7})


def adopt_ingress() -> None:
    ExistingIngress("shop", {**PLACE, "listener_arn": LISTENER, "vpc_cidr": "10.0.0.0/16", "link_id": "abc123"})


def adopt_endpoint() -> None:
    PrivateApiEndpoint("door", {"vpc_id": VPC, "endpoint_id": "vpce-0123456789abcdef0", "vpc_cidr": "10.0.0.0/16"})


def declare_endpoint() -> None:
    PrivateApiEndpoint("door", {**PLACE, "vpc_cidr": "10.0.0.0/16"})


def declare_consumer() -> None:
    ApiConsumer("consumer", {"vpc_id": VPC, "subnet_ids": SUBNETS[:1], "egress": ["ipv6"]})


def declare_instance() -> None:
    image = {"user_data": "#!/bin/sh\n", "image_id": "ami-0123456789abcdef0", "disk_gib": 8}
    Ec2Backend("backend", {**PLACE, **image, "port": 80, "endpoint_services": ["ssm", "ssmmessages"]})


def declare_tasks() -> None:
    FargateBackend("backend", {**PLACE, "image": "nginx:1", "port": 80, "egress": ["nat-gateway"]})


def find_place() -> None:
    lookups.find_zones_offering("t4g.nano")
    lookups.build_invoke_arn("arn:aws:lambda:eu-west-1:123456789012:function:orders")


PROGRAMS = [
    adopt_network,
    declare_network,
    adopt_ingress,
    adopt_endpoint,
    declare_endpoint,
    declare_consumer,
    declare_instance,
    declare_tasks,
    find_place,
]
ARGUMENTS = {
    "getVpc": "vpc_id|link_id",
    "getSubnet": "subnet_ids|link_id|existing_endpoints",
    "getRouteTables": "subnet_ids",
    "getRouteTable": "subnet_ids",
    "getListener": "listener_arn",
    "getLoadBalancer": "listener_arn",
    "getVpcLink": "link_id",
    "getVpcEndpoint": "endpoint_id|existing_endpoints",
    "getVpcEndpointService": "endpoints|subnet_ids",
    "getSecurityGroupRules": "existing_endpoints",
    "getSecurityGroupRule": "existing_endpoints",
    "getAmi": "image_id",
}
"""Arguments that a failed lookup may name. The others name the credentials."""


def list_lookups(program: Callable[[], None]) -> list[str]:
    return sorted({invoke.token for invoke in declare(program).invokes})


def declare_with(
    monkeypatch: pytest.MonkeyPatch, token: str, answer: mocks.Answer, program: Callable[[], None]
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(mocks.ANSWERS, token, answer)
        declare(program)


@pytest.fixture(autouse=True)
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, mocks.Answer], None]:
    return lambda token, of: monkeypatch.setitem(mocks.ANSWERS, token, of)


def refuse(words: str) -> mocks.Answer:
    def answer(_: mocks.StackMocks, __: Mapping[str, Any]) -> Any:
        raise mocks.LookupRefusedError(f"invocation of x returned an error: 1 error occurred:\n\t* {words}\n\n")

    return answer


@pytest.mark.parametrize("program", PROGRAMS)
def test_something_that_does_not_exist_is_named_with_its_argument(
    monkeypatch: pytest.MonkeyPatch, program: Callable[[], None]
) -> None:
    for token in list_lookups(program):
        with pytest.raises(ProgramError) as refused:
            declare_with(monkeypatch, token, refuse("no matching thing found"), program)
        message, short = str(refused.value), token.rpartition(":")[2]
        if short in ARGUMENTS:
            assert re.match(rf"\w+: ({ARGUMENTS[short]}): got '[\w.:/-]+'; ", message), token
            # The remedy: which value to correct, or what to create.
            assert re.search("correct|create|describe-vpc-endpoint-services", message), token
        else:
            assert f"{short} failed: no matching thing found; check the credentials, aws:region" in message


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_result_of_mocks_that_lacks_what_a_component_reads_is_named(
    monkeypatch: pytest.MonkeyPatch, program: Callable[[], None]
) -> None:
    for token in list_lookups(program):
        lacking = rf"\w+: the result of {token.rpartition(':')[2]} has no .*; let `call`"
        with pytest.raises(ProgramError, match=lacking):
            declare_with(monkeypatch, token, lambda _made, _given: {}, program)


def test_another_failure_has_the_words_of_aws(answer: Callable[[str, mocks.Answer], None]) -> None:
    answer("aws:ec2/getVpc:getVpc", refuse("UnauthorizedOperation: You are not authorized to perform this operation."))
    with pytest.raises(ProgramError, match=f"vpc_id: got '{VPC}'; the VPC could not be looked up: UnauthorizedOp"):
        declare(adopt_network)


def test_an_id_that_is_known_later_is_named_as_well(answer: Callable[[str, mocks.Answer], None]) -> None:
    answer("aws:ec2/getVpcEndpoint:getVpcEndpoint", refuse("no matching EC2 VPC Endpoint found"))
    later = {"vpc_id": VPC, "vpc_cidr": "10.0.0.0/16"}
    with pytest.raises(ProgramError, match="endpoint_id: got 'vpce-0123456789abcdef0'; AWS finds no VPC endpoint"):
        declare(
            lambda: PrivateApiEndpoint(
                "door", {**later, "endpoint_id": pulumi.Output.from_input("vpce-0123456789abcdef0")}
            )
        )


def list_called(folder: Path) -> Iterator[str]:
    """Names of the SDK's lookup functions, such as `get_vpc`, in the code of the components."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("aws.") and node.attr[:4] == "get_":
                yield node.attr.removesuffix("_output")


def test_these_are_all_lookups() -> None:
    tried = {token.rpartition(":")[2].lower() for program in PROGRAMS for token in list_lookups(program)}
    called = {name.replace("_", "") for name in list_called(Path(lookups.__file__).parents[2])}
    assert called == tried


def test_a_lookup_that_a_failing_program_leaves_behind_warns_of_nothing() -> None:
    with own_loop():
        look_up(lambda **_: pulumi.Output.from_input(1), {}, pulumi.Resource.__new__(pulumi.Resource))
    # One that was never begun warns when it is collected, in whatever runs then.
    coroutines = [one for one in gc.get_objects() if inspect.iscoroutine(one) and "look_up." in one.__qualname__]
    assert [one for one in coroutines if inspect.getcoroutinestate(one) == inspect.CORO_CREATED] == []

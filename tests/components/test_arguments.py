"""How components read their arguments."""

import asyncio
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import pulumi
import pytest

from components import (
    AlertsArgs,
    ApiConsumerArgs,
    ApiFront,
    ApiFrontArgs,
    ApiFunction,
    ApiFunctionArgs,
    ArgumentError,
    ArgumentErrors,
    Ec2Backend,
    Ec2BackendArgs,
    ExistingIngressArgs,
    FargateBackendArgs,
    GreeterArgs,
    NatInstanceArgs,
    PrivateApiEndpointArgs,
    PrivateIngressArgs,
    PrivateNetwork,
    PrivateNetworkArgs,
    RouteArgs,
    ServerlessProxy,
    ServerlessProxyArgs,
    UrlBackend,
    UrlBackendArgs,
)
from components.arguments.addresses import Ranges
from components.arguments.faults import Fault
from components.arguments.inputs import to_inputs
from components.arguments.marks import Sized, Some
from components.arguments.numbers import Count, Port
from components.arguments.reader import resolve
from components.arguments.schema import build_schema, describe_schema
from components.arguments.secrets import SecretText
from tests.helpers.declare import ProgramError, declare
from tests.helpers.stacks import ROOT


@dataclasses.dataclass(frozen=True, kw_only=True)
class RuleArgs:
    port: Port
    why: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class SizeArgs:
    zones: Count
    disk_gib: int | None = None
    share: float = 1.0
    label: str = "none"
    kind: Literal["a", "b"] = "a"
    subnet_ids: pulumi.Input[Annotated[Sequence[pulumi.Input[str]], Some]] = ()
    rules: Mapping[str, Sequence[RuleArgs]] = dataclasses.field(default_factory=dict)
    secret: SecretText | None = None
    secrets: Sequence[SecretText] = ()
    on: bool = False
    subnets: Ranges = ()
    kinds: Sequence[Literal["a", "b"]] = ()

    def find_faults(self) -> Iterator[Fault]:
        if self.kind == "b" and self.on:
            yield Fault("on", self.on, "only with kind a")
        if self.kind == "b" and self.label == "none":
            yield Fault("label", self.label, "needed with kind b")


def test_whole_numbers_that_come_as_floats_are_whole_again() -> None:
    rules = {"in": [{"port": 80.0, "why": None}]}
    size = resolve(SizeArgs, {"zones": 2.0, "disk_gib": 8.0, "share": 2.0, "rules": rules})
    assert (repr(size.zones), repr(size.disk_gib), repr(size.share)) == ("2", "8", "2.0")
    assert repr(size.rules["in"][0].port) == "80"
    assert resolve(SizeArgs, {"zones": 2, "label": None}) == SizeArgs(zones=2)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"zones": 2, "disk_gb": 8}, "Size: disk_gb: got (not shown); did you mean 'disk_gib'?"),
        ({"zones": 2, "private_subnet_ids": []}, "private_subnet_ids: got (not shown); did you mean 'subnet_ids'?"),
        ({"zones": 2, "colour": "red"}, "known arguments: disk_gib, kind, kinds, label, on"),
        ({}, "Size: zones: got None; it is required"),
        ({"zones": None}, "Size: zones: got None; it is required"),
        ({"zones": True}, "Size: zones: got True; a whole number"),
        ({"zones": 0}, "Size: zones: got 0; a whole number of at least 1"),
        ({"zones": 1, "on": 1}, "Size: on: got 1; true or false"),
        ({"zones": 1, "share": "1"}, "Size: share: got '1'; a number"),
        ({"zones": 1, "kind": "c"}, "Size: kind: got 'c'; one of a, b"),
        (
            {"zones": 1, "subnet_ids": "subnet-00000001"},
            "Size: subnet_ids: got 'subnet-00000001'; a list, each item a text",
        ),
        ({"zones": 1, "subnets": 2}, "Size: subnets: got 2; a list, each item an IPv4 or IPv6 range such as"),
        ({"zones": 1, "kinds": 2}, "Size: kinds: got 2; a list, each item one of a, b"),
        ({"zones": 1, "rules": {"in": 2}}, "Size: rules.in: got 2; a list, each item a map with the keys port, why"),
        ({"zones": 1, "subnet_ids": []}, "Size: subnet_ids: got []; a list of one or more, each item a text"),
        ({"zones": 1, "subnet_ids": ["a", 1]}, "Size: subnet_ids[1]: got 1; a text"),
        (
            {"zones": 1, "rules": {"in": [{"port": 70000}]}},
            "Size: rules.in[0].port: got 70000; a whole number from 1 to 65,535",
        ),
        ({"zones": 1, "rules": {"in": [{"prot": 1, "port": 1}]}}, "rules.in[0].prot: got (not shown); did you mean"),
        ({"zones": 1, "rules": [1]}, "Size: rules: got [1]; a map, each value a list, each item"),
        ({"zones": 1, "secret": 12345}, "Size: secret: got (not shown); a text"),
        (
            {"zones": 1, "secrets": ["hunter2", "hunter2"]},
            "Size: secrets: got (not shown); each member once; take the repetition out",
        ),
        # A secret under a wrong name, or in the place of the mapping that would hold it.
        ({"zones": 1, "webhook_secret": "hunter2"}, "Size: webhook_secret: got (not shown); did you mean 'secret'?"),
        ("hunter2", "Size: args: got (not shown); a map with the keys zones, disk_gib, "),
        (None, "Size: args: got None; a map with the keys zones, disk_gib, "),
    ],
)
def test_a_mistake_is_refused(args: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        resolve(SizeArgs, args)
    assert message in str(refused.value)


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(ArgumentErrors) as refused:
        resolve(SizeArgs, {"disk_gib": "8", "rules": {"in": [{"port": 0}]}, "kind": "b", "on": True})
    assert [error.property_path for error in refused.value.single] == ["zones", "disk_gib", "rules.in[0].port"]
    # What does not go together is looked at when each is sound by itself.
    with pytest.raises(ArgumentErrors) as refused:
        resolve(SizeArgs, {"zones": 1, "kind": "b", "on": True})
    assert str(refused.value) == "Size: on: got True; only with kind a\nSize: label: got 'none'; needed with kind b"


def test_what_is_known_later_is_taken_where_it_may_be() -> None:
    async def made() -> None:
        ids = pulumi.Output.from_input(["subnet-00000001"])
        read = resolve(SizeArgs, {"zones": 1, "subnet_ids": ids}).subnet_ids
        assert await pulumi.Output.from_input(read).future() == ["subnet-00000001"]
        # An output may turn out to be empty.
        none = resolve(SizeArgs, {"zones": 1, "subnet_ids": pulumi.Output.from_input([])}).subnet_ids
        with pytest.raises(ArgumentError, match=r"Size: subnet_ids: got \[\]; a list of one or more"):
            await pulumi.Output.from_input(none).future()
        with pytest.raises(ArgumentError, match="got 'an Output'; a plain value"):
            resolve(SizeArgs, {"zones": 1, "label": pulumi.Output.from_input("x")})

    asyncio.run(made())


PROXY = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"], "url": "http://10.0.0.1:80", "port": 80}
ROUTE = {"path": "/a", "methods": ["GET"], "target": "t"}
FRONT = {"kind": "http", "targets": {"t": {"function_name": "f", "invoke_arn": "arn"}}, "routes": [ROUTE]}
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/x/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"
PLACE = {"vpc_id": "vpc-00000001", "subnet_ids": ("subnet-00000001",)}


@pytest.mark.parametrize(
    ("component", "args", "paths"),
    [
        (
            ServerlessProxy,
            {**PROXY, "url": "10.0.0.1", "subnet_ids": [], "architecture": "amd64", "webhook": {"scheme": "g"}},
            ["webhook.secret", "subnet_ids", "url", "architecture", "webhook.scheme"],
        ),
        (ServerlessProxy, {**PROXY, "port": 8080}, ["port", "backend_security_group_id"]),
        (ServerlessProxy, {**PROXY, "mean_milliseconds": 400_000, "vpc_cidr": "10.0.0.0/16"}, ["mean_milliseconds"]),
        (
            ApiFront,
            {**FRONT, "routes": [{**ROUTE, "path": "a", "methods": ["got"]}]},
            ["routes[0].path", "routes[0].methods[0]"],
        ),
        (ApiFront, {**FRONT, "routes": [{**ROUTE, "methods": "GET"}]}, ["routes[0].methods"]),
        (ApiFront, {**FRONT, "routes": []}, ["routes"]),
        (ApiFront, {**FRONT, "targets": {}}, ["routes[0].target"]),
        (
            ApiFront,
            {**FRONT, "plans": {"p": {"throttle": {"rate": "NaN", "burst": 0}, "quota": {"limit": 0}}}},
            [f"plans.p.{key}" for key in ("quota.limit", "throttle.burst", "throttle.rate")],
        ),
        (ApiFront, {**FRONT, "tracing": True, "deny_cidrs": ["1.2.3.4/32"]}, ["deny_cidrs", "tracing"]),
        (PrivateNetwork, {"egress": ["nat"], "flow_logs_retention_days": 2}, ["egress[0]", "flow_logs_retention_days"]),
        (PrivateNetwork, None, ["args"]),
        (
            Ec2Backend,
            {**PLACE, "count": 2, "access": "bastion"},
            ["target_group_arn", "image", "bastion_security_group_id"],
        ),
        (UrlBackend, {"url": "http://localhost:3000"}, ["url"]),
    ],
)
def test_components_refuse_every_mistake(component: Any, args: Any, paths: list[str]) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        component("a", args)
    error: Any = refused.value
    found = error.single if isinstance(error, ArgumentErrors) else [error]
    assert all(isinstance(one, ArgumentError) for one in found)
    assert sorted(one.property_path for one in found) == sorted(paths)


@pytest.mark.parametrize(
    ("kind", "required"),
    [
        (AlertsArgs, {}),
        (ApiConsumerArgs, PLACE),
        (ApiFrontArgs, {"kind": "rest", "routes": (), "targets": {}}),
        (Ec2BackendArgs, {**PLACE, "image": "nginx:1.29"}),
        (
            ExistingIngressArgs,
            {
                **PLACE,
                "listener_arn": LISTENER,
                "vpc_cidr": "10.0.0.0/16",
            },
        ),
        (FargateBackendArgs, {**PLACE, "image": "nginx:1.29"}),
        (ApiFunctionArgs, {"folder": "handlers/greeter"}),
        (GreeterArgs, {}),
        (NatInstanceArgs, {"vpc_id": "vpc-00000001", "vpc_cidr": "10.0.0.0/16", "subnet_id": "subnet-00000001"}),
        (PrivateApiEndpointArgs, {**PLACE, "vpc_cidr": "10.0.0.0/16"}),
        (PrivateIngressArgs, {**PLACE, "kind": "nlb", "link": "v2"}),
        (PrivateNetworkArgs, {"zones": ("eu-west-1a",)}),
        (ServerlessProxyArgs, {**PLACE, "url": "http://10.0.0.1", "vpc_cidr": "10.0.0.0/16"}),
        (UrlBackendArgs, {"url": "http://10.0.0.1"}),
    ],
)
def test_a_component_takes_its_class_and_a_mapping(kind: Any, required: dict[str, Any]) -> None:
    """With every default, also one that is none of the values that a program may give."""
    if kind is ApiFrontArgs:
        required = {**required, "routes": (RouteArgs(path="/", methods=("GET",), target="t"),)}
    assert resolve(kind, kind(**required)) == resolve(kind, required) == kind(**required)


def test_a_mapping_may_hold_classes_and_a_class_mappings() -> None:
    route: Any = {"path": "/", "methods": ["GET"], "target": "t"}
    by_class = ApiFrontArgs(kind="http", routes=[route], targets={})
    by_mapping = {"kind": "http", "routes": [RouteArgs(path="/", methods=["GET"], target="t")], "targets": {}}
    assert resolve(ApiFrontArgs, by_class) == resolve(ApiFrontArgs, by_mapping)
    wrong = RouteArgs(path="a", methods=["GET"], target="t")
    with pytest.raises(ArgumentError, match=r"ApiFront: routes.0.\.path: got 'a'; a path such as /forward"):
        resolve(ApiFrontArgs, ApiFrontArgs(kind="http", routes=[wrong], targets={}))


@pytest.mark.parametrize("password", ["hunter2", "p@hunter2", "/hunter2", "hunter2 @ home", "hun\nter2"])
def test_no_message_shows_the_password_of_a_url(password: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        UrlBackend("backend", UrlBackendArgs(url=f"http://u:{password}@10.0.1.5"))
    assert "got 'http://(hidden)@10.0.1.5'" in str(refused.value)
    assert "ter2" not in str(refused.value)


def test_a_secret_by_an_output_that_is_no_arn_is_refused_as_a_text_is() -> None:
    def program() -> None:
        name = pulumi.Output.from_input("/shop/db-password")
        ApiFunction("program", {"folder": str(ROOT / "handlers/greeter"), "secrets": {"DB": name}})

    with pytest.raises(ProgramError, match=r"secrets.DB: got .*the ARN of a Secrets Manager secret or"):
        declare(program)


def test_what_is_secret_in_a_list_of_mappings_is_secret() -> None:
    def program() -> None:
        (part,) = to_inputs({"parts": [{"key": "hush", "name": "n"}]}, {"key"})["parts"]
        assert (isinstance(part["key"], pulumi.Output), part["name"]) == (True, "n")

    declare(program)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (Sized(1), "a text that is not empty"),
        (Sized(16), "a text of 16 characters or more"),
        (Sized(1, 1024), "a text of 1 to 1024 characters"),
        (Sized(most=64), "a text of at most 64 characters"),
    ],
)
def test_a_text_of_a_limited_length_is_described_with_both_ends(size: Sized, words: str) -> None:
    assert describe_schema(build_schema(Annotated[str, size])) == words

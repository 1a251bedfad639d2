"""Names that AWS would refuse, and options that would do nothing: each component refuses both."""

import inspect
from typing import Any

import pulumi
import pytest

from components import (
    COMPONENTS,
    Alerts,
    ApiFront,
    FargateBackend,
    Greeter,
    NatInstance,
    PrivateIngress,
    PrivateNetwork,
)
from components.facts.resource_names import RULES, find_autonaming, list_name_faults, make_name
from components.resource_options.accepted_options import ACCEPTED, REFUSED
from tests.components.arguments_of_each import BASE
from tests.helpers.declare import ProgramError, changed, declare, evaluate, refusal
from tests.helpers.mocks import StackMocks

TOKENS = {
    f"aws:{short.split('.')[0]}/{(name := short.split('.')[1])[0].lower()}{name[1:]}:{name}": short for short in RULES
}
TWO = ["subnet-00000001", "subnet-00000002"]
BUILT = {"image": None, "build": "examples/functions"}


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_refuses_a_name_that_no_tag_can_have(component: type) -> None:
    error = refusal(lambda: component("shop*eu", BASE[component]))
    assert str(error).startswith(f"{component.__name__}: name: got 'shop*eu'; ")
    assert "give the component another name" in str(error)


@pytest.mark.parametrize(
    ("component", "name", "changes", "reason"),
    [
        # klothoplatform/klotho#196, terraform-linters/tflint-ruleset-aws#353
        (PrivateIngress, "internal", {}, "begins with internal-, which AWS reserves"),
        (PrivateIngress, "internal-shop", {"kind": "alb", "subnet_ids": TWO}, "begins with internal-"),
        (PrivateIngress, "order_service", {}, "letters, digits and hyphens"),
        (PrivateIngress, "shop.eu", {}, "letters, digits and hyphens"),
        (PrivateIngress, "-shop", {}, "no hyphen at an end"),
        (PrivateIngress, "name-of-17-chars1", {}, "33 characters, and AWS allows 32"),
        (PrivateIngress, "sg-shop", {"kind": "cloud-map"}, "begins with sg-"),
        (FargateBackend, "shop.eu", {}, "a cluster, whose name shop.eu-"),
        (FargateBackend, "Orders", BUILT, "small letters"),
        (Greeter, "shop.eu", {}, "a function, whose name shop.eu-function-"),
        (Greeter, "g" * 48, {}, "65 characters, and AWS allows 64"),
        (PrivateNetwork, "n" * 40, {"egress": ["nat-instance"]}, "65 characters, and AWS allows 64"),
        (PrivateNetwork, "sg-net", {}, "begins with sg-"),
        (Alerts, "shop.eu", {}, "a topic, whose name"),
        (ApiFront, "shop.eu", {"firewall": {"requests_per_five_minutes": 100}}, "an address set"),
        (NatInstance, "caf\u00e9", {}, "a security group"),
    ],
)  # fmt: skip
def test_names_that_aws_refuses_are_refused(component: type, name: str, changes: dict[str, Any], reason: str) -> None:
    error = refusal(lambda: component(name, changed(BASE[component], changes)))
    assert str(error).startswith(f"{component.__name__}: name: got {name!r}; ")
    assert reason in str(error)


@pytest.mark.parametrize(
    ("component", "name", "changes"),
    [
        (PrivateIngress, "shop-internal", {}),
        (PrivateIngress, "internal-shop", {"kind": "cloud-map"}),
        (PrivateIngress, "order_service", {"kind": "cloud-map"}),
        (PrivateIngress, "name-of-16-chars", {}),
        (FargateBackend, "Order_service", {}),
        (Greeter, "internal-Order_service", {}),
        (Alerts, "Shop_eu", {}),
        (PrivateNetwork, "n" * 40, {}),
        (ApiFront, "Shop.eu_live", {}),
    ],
)
def test_names_that_aws_accepts_are_declared(component: type, name: str, changes: dict[str, Any]) -> None:
    graph = declare(lambda: component(name, changed(BASE[component], changes)))
    for resource in graph:
        if (short := TOKENS.get(resource.type)) is not None and "name" not in resource.inputs:
            assert not [*list_name_faults(RULES[short], f"{resource.name}-1234567")], resource.urn


def test_autonaming_of_the_stack_decides() -> None:
    def program() -> None:
        PrivateIngress("internal-shop", BASE[PrivateIngress])

    config = {"aws:region": "eu-west-1", "pulumi:autonaming": '{"pattern": "live-${name}-${hex(4)}"}'}
    assert evaluate(program, StackMocks(region="eu-west-1"), config=config).resources


@pytest.mark.parametrize(
    ("settings", "made"),
    [
        (None, "app-1234567"),
        ({"mode": "verbatim"}, "app"),
        ({"mode": "disabled"}, None),
        ({"pattern": "${project}-${stack}-${name}-${hex(4)}${num(2)}"}, "shop-dev-app-111111"),
        ({"pattern": "${organization}-${name}"}, None),
        ({"providers": {"aws": {"resources": {"aws:lb/loadBalancer:LoadBalancer": {"mode": "verbatim"}}}}}, "app"),
    ],
)
def test_names_are_made_as_pulumi_makes_them(settings: Any, made: str | None) -> None:
    narrowest = find_autonaming(settings, "aws:lb/loadBalancer:LoadBalancer")
    assert make_name("app", narrowest, "shop", "dev") == made


def test_every_option_of_the_sdk_is_in_the_table() -> None:
    assert sorted([*ACCEPTED, *REFUSED]) == sorted(inspect.signature(pulumi.ResourceOptions).parameters)


VALUES: dict[str, Any] = {
    "ignore_changes": ["routes"], "replace_on_changes": ["*"], "replacement_trigger": "1",
    "delete_before_replace": True,
        "custom_timeouts": pulumi.CustomTimeouts(create="5m"), "additional_secret_outputs": ["url"], "import_": "vpc-1",
    "id": "x", "urn": "urn:pulumi:a::b::c::d", "version": "7.0.0", "plugin_download_url": "https://x.invalid",
    "env_var_mappings": {"A": "B"},
}  # fmt: skip


@pytest.mark.parametrize("component", COMPONENTS)
@pytest.mark.parametrize("option", [*REFUSED])
def test_options_that_would_do_nothing_are_refused(component: type, option: str) -> None:
    def program() -> None:
        value = VALUES[option] if option in VALUES else [pulumi.ComponentResource("a:b:C", "other")]
        options: dict[str, Any] = {option: value}
        component("shop", BASE[component], pulumi.ResourceOptions(**options))

    if option in VALUES:
        assert f"{component.__name__}: opts.{option}: got 'set'; an option that Pulumi hands on" in str(
            refusal(program)
        )


def test_options_that_components_hand_on_reach_their_resources() -> None:
    def program() -> None:
        first = Greeter("first", {})
        options = pulumi.ResourceOptions(
            protect=True,
            retain_on_delete=True,
            deleted_with=first,
            depends_on=[first],
            aliases=[pulumi.Alias(name="old")],
        )
        Greeter("greeter", {}, options)

    graph = declare(program)
    (function,) = [each for each in graph if each.kind == "Function" and each.name.startswith("greeter")]
    assert function.options.protect
    assert function.options.retain_on_delete
    assert str(function.options.deleted_with).endswith("gatehouse:index:Greeter::first")


def test_a_service_refuses_a_name_that_its_target_group_cannot_have() -> None:
    def program() -> None:
        ingress = PrivateIngress(
            "shop", {"vpc_id": "vpc-00000001", **BASE[PrivateIngress], "kind": "alb", "subnet_ids": TWO}
        )
        ingress.add_service("order_service", backend_port=8080)

    with pytest.raises(ProgramError) as refused:
        declare(program)
    error = str(refused.value)
    assert error.startswith("ServiceIngress: name: got 'order_service'; its resource order_service-targets")
    assert "letters, digits and hyphens" in error

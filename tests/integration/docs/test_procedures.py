"""Procedures of docs/operating.md, walked through: each step is compared with the one before, as by `--against`."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
import yaml

from components.facts import defaults, limits
from review.aws.catalog import types
from review.aws.catalog.tables import load_table
from review.compare.replacements import find_replacing_inputs
from review.compare.resources import compare_resources
from review.graph import Graph, Resource
from review.graph.reading import get_declared_input
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import ROOT, remembered
from tests.helpers.declare import names, one

pytestmark = pytest.mark.xdist_group("procedures")
PAGE: Final = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
IMAGE: Final = "traefik/whoami:v1.11.0"
SECRET: Final = {"DB_PASSWORD": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf"}
PROXY: Final[Mapping[str, Any]] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {"kind": "ec2", "image": IMAGE, "port": 80, "secrets": SECRET},
    "api": {"kind": "rest", "routes": [{"path": "/orders", "methods": ["GET"], "authorization": "iam"}]},
}
LINK: Final[Mapping[str, Any]] = {**PROXY, "topology": "vpc-link", "ingress": {"kind": "alb"}}
SEVERAL: Final[Mapping[str, Any]] = {**LINK, "backend": {**PROXY["backend"], "count": 2}}
FARGATE: Final[Mapping[str, Any]] = {
    **LINK,
    "backend": {"kind": "fargate", "image": IMAGE, "port": 80, "secrets": SECRET},
}
CLOUD_MAP: Final[Mapping[str, Any]] = {
    **FARGATE,
    "ingress": {"kind": "cloud-map"},
    "api": {**PROXY["api"], "kind": "http"},
}
CONSUMER: Final[Mapping[str, Any]] = {
    "topology": "private-api",
    "network": {"endpoints": ["ssm", "ssmmessages"]},
    "backend": {"kind": "greeter"},
    "consumer": {"access": "session-manager"},
    "api": {"routes": [{"path": "/a"}]},
}
BASTION: Final[Mapping[str, Any]] = {**PROXY, "backend": {**PROXY["backend"], "access": "bastion"}}


def section(heading: str) -> str:
    """The text under a heading of the page, up to the next one."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def keys_of(graph: Graph) -> dict[str, Any]:
    return dict(graph.exports["apiKeyIds"])


def test_an_api_key_is_replaced_without_a_refused_call() -> None:
    """The lists of keys are those of the page."""
    text = " ".join(section("Replace an API key").split())
    first, both, last = (yaml.safe_load(f"{{{keys}}}")["keys"] for keys in re.findall(r"`(keys: \[.*?\])`", text))
    assert (both[:1], both[1:]) == (first, last)
    steps = [remembered(_with_keys(keys)) for keys in (first, both, last)]
    added, removed = (compare_graphs(old, new) for old, new in itertools.pairwise(steps))
    said = re.findall(r"comparison says `(.+?)`", text)
    assert said[0] in added.heading
    assert said[1] in removed.heading
    for old, new in itertools.pairwise(steps):
        # What callers use stays: the API, its deployment and stage, the plan and the key that both steps have.
        assert compare_resources(old, new).changes == []
        shared = keys_of(old).keys() & keys_of(new).keys()
        assert {key: keys_of(old)[key] for key in shared} == {key: keys_of(new)[key] for key in shared}
    assert {*keys_of(steps[0])} == {*first}
    assert {*keys_of(steps[2])} == {*last}


def _with_keys(keys: list[str]) -> dict[str, Any]:
    routes = [{"path": "/orders", "methods": ["GET"], "authorization": "none", "keyRequired": True}]
    plans = {"partners": {"keys": keys, "throttle": {"rate": 50, "burst": 100}}}
    return {**PROXY, "api": {"kind": "rest", "routes": routes, "plans": plans}}


# --- secrets of the backend


@pytest.mark.parametrize(("config", "is_called"), [(FARGATE, True), (CLOUD_MAP, False)])
def test_a_forced_deployment_keeps_the_old_tasks_until_new_ones_count(config: dict[str, Any], is_called: bool) -> None:
    graph = remembered(config)
    service, definition = (
        one(graph, "Service", "backend-service" if is_called else "backend-registered-service"),
        one(graph, "TaskDefinition"),
    )
    defaults_of = load_table("stated_defaults")[service.type]
    percent = {key: str(service.inputs.get(key, defaults_of[key])) for key in defaults_of if "Percent" in key}
    assert percent == {"deploymentMinimumHealthyPercent": "100", "deploymentMaximumPercent": "200"}
    # Another kind of deployment would not heed them.
    assert not {"deploymentController", "deploymentConfiguration", "schedulingStrategy"} & service.inputs.keys()
    assert service.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    # A task counts once the balancer calls it healthy; without a balancer and a check of its own, after 40 seconds.
    assert bool(service.inputs.get("loadBalancers")) is is_called
    (container,) = json.loads(definition.inputs["containerDefinitions"])
    assert "healthCheck" not in container
    assert [each["name"] for each in container["secrets"]] == [*SECRET]
    assert graph.exports["backendCluster"] == one(graph, "Cluster").state["name"]
    assert graph.exports["backendService"] == service.state["name"]


def test_a_group_counts_instances_as_healthy_for_as_long_as_the_page_says() -> None:
    group = one(remembered({**SEVERAL}), "Group")
    seconds = group.inputs["healthCheckGracePeriod"]
    assert seconds == limits.BOOT_SECONDS + defaults.START_SECONDS
    text = " ".join(section("Rotate a secret of the backend").split())
    assert f" {seconds // 60} minutes with the default" in text
    assert not {"instanceRefresh", "defaultInstanceWarmup", "instanceMaintenancePolicy"} & group.inputs.keys()


# --- machine images

REPLACED: Final[Mapping[str, tuple[Mapping[str, Any], str, set[str]]]] = {
    "**::backend-instance": (PROXY, "backend-instance", {"backend-instance"}),
    "**::backend-template": (
        SEVERAL,
        "backend-template",
        {"backend-template", "backend-group-of-instances"},
    ),
    "**::network-nat*-instance": (PROXY, "network-nat-instance", {"network-nat-instance"}),
    "**::consumer-instance": (CONSUMER, "consumer-instance", {"consumer-instance"}),
    "**::bastion-instance": (BASTION, "bastion-instance", {"bastion-instance"}),
}
"""By the pattern of a command: a config, the resource that it means, and all that an update then replaces."""


def matching(graph: Graph, pattern: str) -> list[Resource]:
    """The resources that `--replace` means: `**` is any text, and `*` any without a colon.

    pulumi/pulumi, pkg/resource/deploy/target.go
    """
    parts = (".*" if part == "**" else "[^:]*" if part == "*" else re.escape(part) for part in _pieces(pattern))
    form = re.compile("".join(parts))
    return [resource for resource in graph if form.fullmatch(resource.urn)]


def _pieces(pattern: str) -> Iterator[str]:
    yield from re.findall(r"\*\*|\*|[^*]+", pattern)


def with_older_image(graph: Graph, target: Resource) -> tuple[Graph, Graph]:
    """The stack before and after a replacement of the target: its image differs, and nothing keeps the older one.

    `--replace` takes the program's inputs and not those that `ignore_changes` keeps.
    pulumi/pulumi, pkg/resource/deploy/step_generator.go, isTargetedReplace
    """
    key = "ami" if target.kind == "Instance" else "imageId"
    heeded = replace(target.options, ignore_changes=(), replace_on_changes=(*target.options.replace_on_changes, key))
    older = {key: "ami-0000000000older00"}
    before = replace(target, inputs={**target.inputs, **older}, state={**target.state, "id": "older"}, options=heeded)
    after = replace(target, options=heeded)
    first, second = (replace(graph, resources=graph.resources | {target.urn: each}) for each in (before, after))
    return first, second


def test_the_page_has_the_command_of_each_instance_that_starts_from_an_image() -> None:
    commands = re.findall(r"`pulumi up --replace '(\S+)'`", section("Renew machine images"))
    assert sorted(commands) == sorted(REPLACED)
    for config in (
        PROXY,
        SEVERAL,
        CONSUMER,
        BASTION,
        {**PROXY, "network": {"cidr": "10.9.0.0/16", **PROXY["network"]}},
    ):
        graph = remembered({**config})
        found = [resource.urn for pattern in commands for resource in matching(graph, pattern)]
        assert sorted(found) == sorted(resource.urn for resource in graph.list_by_type(*types.BOOTED))


@pytest.mark.parametrize("pattern", REPLACED)
def test_a_command_replaces_its_instance_and_what_stands_on_it(pattern: str) -> None:
    config, name, replaced = REPLACED[pattern]
    graph = remembered({**config})
    (target,) = matching(graph, pattern)
    assert target.name == name
    found = compare_resources(*with_older_image(graph, target))
    assert {change.new.name for change in found.changes if change.replacing} == replaced
    assert found.added == found.removed == []
    for change in found.changes:
        # Only the NAT instance goes before its successor is there: one interface cannot be on two instances.
        gone_first = change.new.name == "network-nat-instance"
        assert bool(change.new.options.delete_before_replace) is gone_first, change.new.name


@pytest.mark.parametrize("config", [PROXY, SEVERAL])
def test_callers_are_led_to_a_new_instance_only_once_it_answers(config: dict[str, Any]) -> None:
    """The gate refers to the instances, and what leads calls there waits for the gate."""
    graph = remembered(config)
    gate = one(graph, "Stash", "backend-answers")
    assert {"before_create", "before_update"} <= gate.options.hooks.keys()
    (root,) = matching(graph, "**::backend-instance") or [one(graph, "Group")]
    assert root.urn in gate.dependencies
    waiting = "proxy-function" if config is PROXY else "ingress-listener"
    assert gate.urn in next(resource for resource in graph if resource.name == waiting).dependencies


def test_a_nat_instance_is_replaced_beneath_its_address_and_routes() -> None:
    """The engine first deletes what would be replaced with it, and so would cut more than the instance."""
    graph = remembered({**PROXY})
    nat = one(graph, "Instance", "network-nat-instance")
    following = [
        (resource, [key for key, urns in resource.property_dependencies.items() if nat.urn in urns])
        for resource in graph
        if resource.custom
    ]
    assert "network-private-1-ipv4" in {resource.name for resource, keys in following if keys}
    assert {
        resource.name for resource, keys in following if find_replacing_inputs(resource, resource, keys) != ()
    } == set()


def test_a_gateway_carries_the_traffic_while_a_nat_instance_is_replaced() -> None:
    """The values of `egress` are those of the page."""
    text = section("Renew machine images")
    listed, alone = (yaml.safe_load(f"{{{value}}}")["egress"] for value in re.findall(r"Write `(egress: .+?)`", text))
    first, during = (remembered({**PROXY, "network": {"egress": egress}}) for egress in (alone, listed))
    for old, new in ((first, during), (during, first)):
        changed = {change.new.name: change.replacing for change in compare_resources(old, new).changes}
        # Routes change in place, and the NAT instance and its address stay.
        assert {name for name, why in changed.items() if why != ()} == set()
        assert {name for name in changed if name.startswith("network-nat-")} == set()
    routes = [name for name in names(during, "Route") if re.fullmatch(r"network-private-\d-ipv4", name)]
    assert routes
    for name in routes:
        assert get_declared_input(one(during, "Route", name), "natGatewayId")
        assert get_declared_input(one(first, "Route", name), "networkInterfaceId")


def test_a_restart_on_the_instance_reads_the_secrets_again() -> None:
    """The unit of the command is the boot script's, and what it starts reads each value by its ARN."""
    unit = re.findall(r"`sudo systemctl restart (\w+)`", section("Rotate a secret of the backend"))
    script = one(remembered({**PROXY}), "Instance", "backend-instance").inputs["userData"]
    assert [f"systemctl enable --now {name}\n" in script for name in unit] == [True]
    assert "ExecStart=/usr/local/bin/backend" in script
    assert SECRET["DB_PASSWORD"] in script


def test_a_function_reads_a_secret_by_its_arn_and_gets_new_processes_by_its_environment() -> None:
    """No command is needed for the first, and the second changes nothing but the function."""
    before, after = (remembered(_with_function({"READ": day})) for day in ("2026-11-28", "2026-11-29"))
    assert one(before, "Function").inputs["environment"]["variables"] == {**SECRET, "READ": "2026-11-28"}
    changes = compare_resources(before, after).changes
    assert [(change.new.kind, change.replacing) for change in changes] == [("Function", ())]


def _with_function(environment: dict[str, str]) -> dict[str, Any]:
    functions = {"own": {"folder": "handlers/greeter", "environment": environment, "secrets": SECRET}}
    routes = [{"path": "/a", "authorization": "iam", "target": "own"}]
    return {"topology": "public-proxy", "api": {"functions": functions, "routes": routes}}

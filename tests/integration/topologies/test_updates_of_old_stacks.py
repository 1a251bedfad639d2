"""Updates that AWS or its provider would refuse, cut or never finish, and accounts in which many stacks have lived."""

import json
import os
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.api.access_logs import VENDED_LOGS
from components.facts import limits
from components.ingress.left_zones import refuse_left_zones
from components.refusals import RefusedUpdateError
from review.compare.resources import Resources, compare_resources
from review.graph import Graph
from review.permissions import permissions
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import one
from tests.helpers.draws import draws
from tests.integration.topologies.built import built
from tests.integration.topologies.engine_model import faults
from tests.integration.topologies.test_switched_settings import kept, unstable

_IAM: Final = {"path": "/", "authorization": "iam"}
_ARN: Final = "arn:aws:{}:eu-west-1:111122223333:{}"
_TLS: Final = {"port": 443, "certificateArn": _ARN.format("acm", "certificate/x"), "serverName": "app.example.com"}
_LINK: Final[dict[str, Any]] = {
    "topology": "vpc-link",
    "network": {"zones": 3, "egress": "nat-instance"},
    "backend": {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
    "ingress": {"kind": "alb"},
    "api": {"kind": "http", "routes": [_IAM]},
}
_FUNCTION: Final[dict[str, Any]] = {
    "topology": "public-proxy",
    "api": {"routes": [{"path": "/", "target": "orders", "authorization": "iam"}]},
}


def _with(config: Mapping[str, Any], **sections: Mapping[str, Any]) -> dict[str, Any]:
    return {**config, **{name: {**config.get(name, {}), **keys} for name, keys in sections.items()}}


def _replaced(found: Resources) -> set[str]:
    return {change.new.name for change in found.changes if change.replacing}


@pytest.mark.parametrize("kind", ["alb", "nlb"])
def test_tls_is_switched_off_by_another_listener(kind: str) -> None:
    """terraform-provider-aws#1851: the provider sends the old policy of TLS, which AWS refuses for HTTP and TCP."""
    secure, plain = (graph_with(_with(_LINK, ingress={"kind": kind, **tls})) for tls in (_TLS, {}))
    assert not [*kept(secure, plain), *kept(plain, secure), *faults(secure, plain), *faults(plain, secure)]
    assert {"ingress-listener", "ingress-standby"} <= _replaced(compare_resources(secure, plain))


def test_tls_at_the_same_port_is_refused_in_the_preview() -> None:
    hooks = one(graph_with(_LINK), "Listener", "ingress-listener").options.hooks
    assert [name.endswith("port-keeps-its-protocol") for name in hooks["before_update"]] == [True]


@pytest.mark.parametrize("qualifier", ["", ":live", ":7"])
def test_a_permission_names_the_function_as_the_provider_reads_it(qualifier: str) -> None:
    arn = _ARN.format("lambda", "function:orders")
    graph = graph_with(_with(_FUNCTION, api={"functions": {"orders": {"arn": arn + qualifier}}}))
    inputs = one(graph, "Permission").inputs
    assert (inputs["function"], inputs.get("qualifier")) == (arn, qualifier.removeprefix(":") or None)
    assert not [*unstable(graph)]


def test_a_function_of_another_region_is_refused() -> None:
    arn = _ARN.format("lambda", "function:orders").replace("eu-west-1", "us-east-1")
    with pytest.raises(Exception, match=r"a function of eu-west-1.*this one lies in us-east-1"):
        graph_with(_with(_FUNCTION, api={"functions": {"orders": {"arn": arn}}}))


@pytest.mark.parametrize(("seconds", "minutes"), [(30, 35), (3_600, 35)])
def test_a_service_waits_for_the_draining_and_so_does_the_session(seconds: int, minutes: int) -> None:
    graph = graph_with(_with(_LINK, ingress={"kind": "nlb", "deregistrationDelaySeconds": seconds}))
    limit = f"{minutes * 60 + limits.NAT_BOOT_SECONDS + seconds}s"
    timeouts = one(graph, "Service", "backend-service").options.custom_timeouts
    assert timeouts == dict.fromkeys(("create", "update", "delete"), limit)
    assert permissions(graph).longest_wait >= minutes * 60 + seconds


def test_the_session_lasts_as_long_as_hooks_and_groups_wait() -> None:
    config = _with(_LINK, backend={"kind": "ec2", "count": 2}, network={"egress": "nat-gateway", "zones": 2})
    assert permissions(graph_with(config)).longest_wait == limits.LAMBDA_INTERFACES_SECONDS


def test_an_old_network_keeps_its_way_out_until_the_new_backend_answers() -> None:
    before, after = (graph_with(_with(_LINK, network={"cidr": cidr})) for cidr in ("10.0.0.0/16", "10.1.0.0/16"))
    found = compare_resources(before, after)
    # The engine deletes at the end, so the way out must be deleted and neither updated nor replaced.
    assert {"network-nat-association", "network-nat-instance"} <= {resource.name for resource in found.removed}
    assert not any(change.new.name.startswith("network-nat-") for change in found.changes)


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ({}, {}, True),
        ({"target_zones": 2}, {"target_zones": 2}, False),
        ({"target_zones": 3}, {"target_zones": 2}, True),
        ({"kind": "nlb"}, {"kind": "nlb"}, False),
        ({}, {"vpc_id": "vpc-2"}, False),
    ],
)
def test_a_balancer_keeps_the_zones_that_copies_had(old: dict[str, Any], new: dict[str, Any], refused: bool) -> None:
    base = {"kind": "alb", "vpc_id": "vpc-1"}
    before, after = {**base, "subnet_ids": ["a", "b", "c"], **old}, {**base, "subnet_ids": ["a", "b"], **new}
    args: Any = SimpleNamespace(name="ingress", old_inputs=before, new_inputs=after)
    if refused:
        with pytest.raises(RefusedUpdateError, match=r"First set backend\.zones to 2"):
            refuse_left_zones(args)
    else:
        refuse_left_zones(args)


def test_delivered_logs_take_one_entry_of_the_regions_policy() -> None:
    """AWS adds each log group of an HTTP API to a policy of 5,120 characters unless its name has this prefix.

    https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
    """
    prefix = str(one(graph_with(_LINK), "LogGroup", "front-access").inputs["namePrefix"])
    # The provider completes the prefix with a suffix of its own for each group.
    names = {f"{prefix}{number:026}" for number in range(1_000)}
    entries = {VENDED_LOGS + "*" if name.startswith(VENDED_LOGS) else name for name in names}
    size = sum(len(f'"arn:aws:logs:eu-west-1:111122223333:log-group:{name}:log-stream:*",') for name in entries)
    assert len(entries) == 1
    assert size < 100


def test_a_second_stack_maps_a_base_path_of_a_domain_that_exists() -> None:
    domain = {"name": "api.example.com", "basePath": "orders", "existing": True}
    graph = graph_with(
        {"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": {"routes": [_IAM], "domain": domain}}
    )
    mapping = one(graph, "ApiMapping").inputs
    assert (mapping["domainName"], mapping["apiMappingKey"]) == ("api.example.com", "orders")
    assert not [each for each in graph if each.type.endswith((":DomainName", ":Certificate", ":Record"))]


def test_another_listener_of_a_balancer_is_a_difference() -> None:
    listener = _ARN.format("elasticloadbalancing", "listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f405{}")
    subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]
    adopted = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": subnets}
    one_listener, other = (
        graph_with(
            {
                **_LINK,
                "network": adopted,
                "ingress": None,
                "api": {"routes": [_IAM]},
                "backend": {"listenerArn": listener.format(end)},
            }
        )
        for end in (1, 2)
    )
    assert compare_resources(one_listener, other).changes


# --- five changes over one stack

_CHANGES: Final[tuple[dict[str, Mapping[str, Any]], ...]] = (
    {"ingress": {"kind": "nlb"}},
    {"ingress": {"kind": "alb"}},
    {"ingress": dict(_TLS)},
    {"ingress": {"port": 80, "certificateArn": None, "serverName": None}},
    {"ingress": {"deregistrationDelaySeconds": 300}},
    {"backend": {"scaling": {"maximum": 4, "cpuPercent": 60}, "count": None}},
    {"backend": {"scaling": None, "count": 2}},
    {"backend": {"zones": 2}},
    {"backend": {"zones": None}},
    {"backend": {"kind": "ec2"}},
    {"backend": {"kind": "fargate"}},
    {"backend": {"permissions": {"own": {"kind": "table", "name": "orders", "allow": ["read"]}}}},
    {"backend": {"permissions": {}}},
    {"network": {"zones": 2}},
    {"network": {"zones": 3}},
    {"network": {"egress": "nat-gateway"}},
    {"network": {"egress": "nat-instance"}},
    {"network": {"cidr": "10.1.0.0/16"}},
    {"api": {"kind": "rest"}},
    {"api": {"kind": "http"}},
    {"api": {"routes": [_IAM, {"path": "/b", "authorization": "iam"}]}},
    {"api": {"throttle": "off"}},
    {"protection": {"alarms": {"emails": ["a@example.com"]}}},
    {"protection": {"alarms": None}},
)


def _changed(config: Mapping[str, Any], change: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    made = json.loads(json.dumps(_with(config, **change)))
    return {
        name: {key: value for key, value in keys.items() if value is not None} if isinstance(keys, dict) else keys
        for name, keys in made.items()
    }


def _is_refused(before: Mapping[str, Any], after: Mapping[str, Any], old: Graph, new: Graph) -> bool:
    """Whether a hook refuses the update in its preview, as engine and component would."""
    zones, copies = (config["network"]["zones"] for config in (before, after)), before["backend"].get("zones")
    was, becomes = zones
    same_range = before["network"].get("cidr") == after["network"].get("cidr")
    gateway = before["network"]["egress"] == after["network"]["egress"] == "nat-gateway"
    balanced = before["ingress"]["kind"] == after["ingress"]["kind"] == "alb"
    single = before["backend"]["kind"] == "ec2" and not {"count", "scaling"} & before["backend"].keys()
    listeners = [{each.name: each.inputs for each in graph if each.type.endswith(":Listener")} for graph in (old, new)]
    return (
        (same_range and balanced and becomes < min(was, 1 if single else copies or was))
        or (not same_range and gateway)
        or any(
            inputs["port"] == listeners[1].get(name, inputs)["port"]
            and inputs["protocol"] != listeners[1].get(name, inputs)["protocol"]
            and before["ingress"]["kind"] == after["ingress"]["kind"]
            for name, inputs in listeners[0].items()
        )
    )


@pytest.mark.slow
@settings(
    max_examples=draws(12),
    deadline=None,
    derandomize="GATEHOUSE_DRAWS" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.sampled_from(_CHANGES), min_size=5, max_size=5))
def test_five_changes_leave_nothing_behind(drawn: list[dict[str, Any]]) -> None:
    config = _changed(_LINK, {})
    before = graph_with(config)
    for change in drawn:
        wanted = _changed(config, change)
        after = built(wanted, known=True)
        if after is None or _is_refused(config, wanted, before, after):
            continue
        assert [*kept(before, after), *unstable(after), *faults(before, after)] == [], (config, change)
        config, before = wanted, after

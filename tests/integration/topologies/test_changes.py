"""Lists change, settings are switched on and off, and changes follow each other: every update must succeed.

AWS's provider keeps some inputs if a program leaves them out (provider_facts.json), and reads others in another form
than they were written in (`_REWRITTEN`). Mocks and emulators show neither.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import components.alerts
import components.private_api_endpoint
import components.serverless_proxy
from components.stack.settings.section import build_json_schema, list_maps
from components.stack.settings.sections import SECTIONS
from review.aws.catalog.provider_facts import find_provider_facts
from review.compare.replacements import list_omitted
from review.compare.resources import compare_resources
from review.graph import Graph, Resource
from review.graph.reading import get_declared_input
from review.reach import trace
from review.tests.helpers.stacks import graph_with
from tests.helpers.draws import draws
from tests.integration.topologies.changed_configs import BASES, LISTS, built, pairs, share_out, with_members
from tests.integration.topologies.engine_model import faults

_INTENDED: Final = {
    # The number is the scaling's once it has begun.
    ("aws:autoscaling/group:Group", "desiredCapacity"),
    # AWS reads it only beside an imported certificate, and needs another one then: the settings' text says so.
    ("aws:apigateway/domainName:DomainName", "ownershipVerificationCertificateArn"),
}
"""Values that stay, and should."""
_REWRITTEN: Final[Mapping[str, Mapping[str, str]]] = {
    # internal/service/lambda/permission.go, resourcePermissionRead: without alias or version
    "aws:lambda/permission:Permission": {"function": r"[^:]+|arn:[^:]+:lambda:[^:]*:\d*:function:[^:]+"},
    # internal/service/ec2/vpc_subnet.go, vpc_security_group_ingress_rule.go: ranges come back from their first address
    "aws:ec2/subnet:Subnet": {"cidrBlock": r"[\d.]+/\d+", "ipv6CidrBlock": r"[0-9a-f:]+::/\d+"},
}
"""For each type whose Read writes another form than a program may: an input, and the form that comes back."""


def kept(before: Graph, after: Graph) -> Iterator[str]:
    """Inputs that the update leaves in AWS although the program does not give them any more."""
    found = compare_resources(before, after)
    replaced = {change.new.urn for change in found.changes if change.replacing}
    for old, new in found.pairs:
        if new.urn not in replaced and not _refused(old, new):
            for key in list_omitted(old, new):
                if (new.type, key) not in _INTENDED:
                    yield f"{new.name} keeps {key}"


def _refused(old: Resource, new: Resource) -> bool:
    """Whether PrivateIngress refuses the update in the preview: TLS on or off at the same port."""
    return new.type == "aws:lb/listener:Listener" and bool(old.inputs["protocol"] != new.inputs["protocol"])


def unstable(graph: Graph) -> Iterator[str]:
    """Inputs that the provider reads in another form, so that each update would change or replace them again."""
    for resource in graph:
        for key, form in _REWRITTEN.get(resource.type, {}).items():
            value = get_declared_input(resource, *key.split("."))
            if isinstance(value, str) and not re.fullmatch(form, value):
                yield f"{resource.name}: {key} {value} comes back in another form"


def undescribed(graph: Graph) -> Iterator[str]:
    """Types of the provider that its table lacks, in which nothing would be found."""
    for token in {one.type for one in graph if one.type.startswith("aws:") and find_provider_facts(one.type) is None}:
        yield f"{token} is not in the provider's table"


# --- lists


def _lists(place: str, model: object) -> Iterator[str]:
    for key, field in build_json_schema(model)["properties"].items():
        branches = [field, *field.get("anyOf", [])]
        if any(branch.get("type") == "array" for branch in branches):
            yield f"{place}.{key}"
    for inner, part in list_maps(model):
        yield from _lists(f"{place}.{inner}", part)


def test_each_list_of_the_settings_has_a_case() -> None:
    models = [(name, model) for name, (_, models) in SECTIONS.items() for model in models.values()]
    assert {path for name, model in models for path in _lists(name, model)} == set(LISTS)


_ALONE: Final = ("network.zones", "network.egress", "network.routeTableIds", "api.routes", "api.routes[].allowCidrs")
"""Lists that decide what others of their base may be, or are refused."""
_SIDE_BY_SIDE: Final = [[path] for path in _ALONE] + [
    [path for path, (own, _) in LISTS.items() if own == base and path not in _ALONE] for base in BASES
]


def _listed(paths: list[str], choose: Callable[[list[Any]], list[Any]]) -> Graph | None:
    config = None
    for path in paths:
        config = with_members(path, choose(LISTS[path][1]), config)
    return built(json.dumps(config))


def _find_faults(paths: list[str]) -> list[list[str]]:
    """The faults of each update by which lists lose or get their first members, or change them for their last."""
    whole = _listed(paths, list)
    others = [
        _listed(paths, choose) for choose in (lambda all_: all_[1:], lambda all_: [all_[-1], *all_[1:-1], all_[0]])
    ]
    assert paths == ["network.routeTableIds"] or (whole and all(others))
    known = [(whole, other) for other in others if whole and other]
    return [[*faults(*update)] for one, other in known for update in ((one, other), (other, one))]


@pytest.mark.slow
@pytest.mark.parametrize("paths", _SIDE_BY_SIDE, ids="+".join)
def test_lists_change_without_a_fault(paths: list[str]) -> None:
    found = [bool(each) for each in _find_faults(paths)]
    # The network's own hook refuses in the preview that a zone moves.
    wanted = [paths == ["network.zones"]] * len(found)
    assert found == wanted, [(path, _find_faults([path])) for path in paths]


@pytest.mark.slow
@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_no_member_twice(path: str) -> None:
    repeated = _listed([path], lambda all_: [*all_, all_[0]])
    # The same argument of a command, one rule for two resources, or an acknowledgement may be there twice.
    assert (repeated is None) != (path in ("backend.command", "protection.waive", "protection.acknowledgePublic"))


@pytest.mark.parametrize("path", ["protection.alarms.emails", "api.private.allowCidrs", "backend.cidrs"])
def test_the_model_finds_members_that_are_named_by_position(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def declared(members: list[Any]) -> Graph:
        positions = itertools.count(1)
        for module, name in (
            (components.alerts, "_hash_email"),
            (components.private_api_endpoint, "name_range"),
            (components.serverless_proxy, "name_range"),
        ):
            monkeypatch.setattr(module, name, lambda _: f"position-{next(positions)}")
        return graph_with(with_members(path, members))

    first, second = LISTS[path][1][:2]
    for before, after in (([first, second], [second]), ([first], [second, first]), ([first, second], [second, first])):
        assert [*faults(declared(before), declared(after))], (before, after)


# --- settings, on and off

_CODE: Final = ("authorizers.NAME.function", "functions.NAME")
_PROGRAMS: Final = ("backend", *(f"api.{place}" for place in _CODE))
_REQUIRED: Final = {
    *(f"api.authorizers.NAME.{key}" for key in ("audiences", "function", "issuer", "kind", "userPoolArns")),
    *(f"api.{place}.{key}" for place in _CODE for key in ("arn", "folder", "zip", "image")),
    *(f"{place}.calls.NAME.{key}" for place in _PROGRAMS for key in ("securityGroupId", "cidr", "port")),
    *(
        "api.routes[].target",
        "backend.build",
        "backend.image",
        "backend.listenerArn",
        "backend.url",
        "backend.userData",
    ),
    *("network.vpcId", "network.subnetIds"),
}
"""Keys of which a stack has either the one or another: without them it is refused."""


@pytest.mark.slow
@pytest.mark.parametrize("key", share_out(pairs()))
def test_a_setting_is_switched_on_and_off_again(key: str) -> None:
    wrong: list[str] = []
    switched = 0
    for config, ways in pairs()[key]:
        graph = built(config)
        assert graph is not None, config
        wrong += undescribed(graph)
        without = next((made for made in map(built, ways) if made is not None), None)
        if without is not None:
            wrong += unstable(graph)
            for before, after in ((graph, without), (without, graph)):
                wrong += [*kept(before, after), *faults(before, after)]
            switched += 1
            if switched == 2:
                break
    assert not wrong
    assert switched or key in _REQUIRED


# --- five changes over one stack

_IAM: Final = {"path": "/", "authorization": "iam"}
TLS: Final = {
    "port": 443,
    "certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/x",
    "serverName": "app.example.com",
}
LINK: Final[dict[str, Any]] = {
    "topology": "vpc-link",
    "network": {"zones": 3, "egress": "nat-instance"},
    "backend": {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
    "ingress": {"kind": "alb"},
    "api": {"kind": "http", "routes": [_IAM]},
}
_TABLE: Final = {"kind": "table", "name": "orders", "allow": ["read"]}
_CHANGES: Final[tuple[dict[str, dict[str, Any]], ...]] = (
    {"ingress": {"kind": "nlb"}},
    {"ingress": {"kind": "alb"}},
    {"ingress": {**TLS}},
    {"ingress": {"port": 80, "certificateArn": None, "serverName": None}},
    {"ingress": {"deregistrationDelaySeconds": 300}},
    {"backend": {"scaling": {"maximum": 4, "cpuPercent": 60}, "count": None}},
    {"backend": {"scaling": None, "count": 2}},
    {"backend": {"zones": 2}},
    {"backend": {"zones": None}},
    {"backend": {"kind": "ec2"}},
    {"backend": {"kind": "fargate"}},
    {"backend": {"permissions": {"own": _TABLE}}},
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


def changed(config: Mapping[str, Any], **sections: Mapping[str, Any]) -> dict[str, Any]:
    """The config with other keys in its sections. None takes one away."""
    whole = {name: {**config.get(name, {}), **keys} for name, keys in sections.items()}
    there = {name: {key: value for key, value in keys.items() if value is not None} for name, keys in whole.items()}
    return {**config, **there}


def _is_refused(before: Mapping[str, Any], after: Mapping[str, Any], old: Graph, new: Graph) -> bool:
    """Whether a hook refuses the update in its preview, as engine and component would."""
    was, becomes = (config["network"]["zones"] for config in (before, after))
    same_range = before["network"].get("cidr") == after["network"].get("cidr")
    gateway = before["network"]["egress"] == after["network"]["egress"] == "nat-gateway"
    kinds = {config["ingress"]["kind"] for config in (before, after)}
    single = before["backend"]["kind"] == "ec2" and not {"count", "scaling"} & before["backend"].keys()
    zones = 1 if single else before["backend"].get("zones") or was
    listeners = [{each.name: each.inputs for each in graph if each.type.endswith(":Listener")} for graph in (old, new)]
    same_port = [
        inputs["protocol"] != other["protocol"]
        for name, inputs in listeners[0].items()
        if (other := listeners[1].get(name, inputs))["port"] == inputs["port"]
    ]
    return (
        (same_range and kinds == {"alb"} and becomes < min(was, zones))
        or (not same_range and gateway)
        or (len(kinds) == 1 and any(same_port))
    )


@pytest.mark.slow
@settings(max_examples=draws(6), suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(_CHANGES), min_size=5, max_size=5))
def test_five_changes_leave_nothing_behind(drawn: list[dict[str, dict[str, Any]]]) -> None:
    config, before = LINK, built(json.dumps(LINK))
    assert before is not None
    for change in drawn:
        wanted = changed(config, **change)
        after = built(json.dumps(wanted))
        if after is None or _is_refused(config, wanted, before, after):
            continue
        assert [*kept(before, after), *unstable(after), *faults(before, after)] == [], (config, change)
        config, before = wanted, after


# --- permissions

_STATES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"orders": _TABLE},
    {"renamed": _TABLE},
    {
        "orders": _TABLE,
        "jobs": {"kind": "queue", "name": "jobs", "allow": ["send"]},
        "reports": {"kind": "bucket", "name": "reports", "allow": ["write"]},
    },
)


@pytest.mark.parametrize(
    ("backend", "egress"),
    [
        ({"kind": "ec2", "image": "s3://images-of-mine/app.tar.gz", "access": "none"}, "s3-packages"),
        ({"kind": "fargate", "image": "nginx:1.29"}, "nat-instance"),
    ],
    ids=["ec2", "fargate"],
)
def test_permissions_come_and_go_in_place(backend: dict[str, Any], egress: str) -> None:
    base = {**LINK, "network": {"egress": egress}}
    graphs = [graph_with({**base, "backend": {**backend, "permissions": state}}) for state in _STATES]
    for before, after in itertools.permutations(graphs, 2):
        assert [*faults(before, after)] == []
        assert [one.new.name for one in compare_resources(before, after).changes if one.replacing != ()] == []
    renamed = compare_resources(graphs[1], graphs[2])
    assert [*renamed.added, *renamed.removed, *renamed.changes] == []
    paths = trace(graphs[-1]).paths
    found = {
        path.target: path.open for path in paths if path.target in ("table orders", "queue jobs", "bucket reports")
    }
    assert found == dict.fromkeys(("table orders", "queue jobs", "bucket reports"), True)

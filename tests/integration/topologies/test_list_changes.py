"""Members of each list of the settings are inserted, removed, exchanged and repeated; each update must succeed.

`GATEHOUSE_DRAWS=10000 pytest` with this file draws more than a run of all tests does.
"""

import functools
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import components.alerts
import components.private_api_endpoint
import components.serverless_proxy
from components import Alerts, Ec2Backend, PrivateApiEndpoint, ServerlessProxy
from components.stack.settings.section import json_schema, parts
from components.stack.settings.sections import SECTIONS
from review.graph import Graph
from review.tests.helpers.declare import declare
from review.tests.helpers.stacks import graph_with
from tests.helpers.draws import draws, sampled
from tests.integration.topologies.built import built
from tests.integration.topologies.engine_model import faults

_IMAGE: Final = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
_IAM: Final = {"path": "/", "authorization": "iam"}
_PROXY: Final[dict[str, Any]] = {"topology": "public-proxy", "backend": _IMAGE, "api": {"routes": [_IAM]}}
_PRIVATE: Final[dict[str, Any]] = {"topology": "private-api", "backend": {"kind": "greeter"}}
_URL: Final[dict[str, Any]] = {
    "topology": "public-proxy",
    "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]},
    "backend": {"url": "http://app.internal:8080"},
    "api": {"routes": [_IAM]},
}
_HTTP: Final[dict[str, Any]] = {**_PROXY, "api": {"kind": "http", "routes": [_IAM]}}
_OPEN: Final[dict[str, Any]] = {
    **_PROXY,
    "api": {"kind": "http", "routes": [{"path": "/", "authorization": "none"}]},
    "protection": {"acknowledgePublic": ["GET HEAD POST PUT /", "GET HEAD POST PUT /{proxy+}"]},
}
_KEYED: Final[dict[str, Any]] = {**_PROXY, "api": {"routes": [{"path": "/", "keyRequired": True}]}}
_JWT: Final[dict[str, Any]] = {
    **_HTTP,
    "api": {
        "kind": "http",
        "authorizers": {"own": {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}},
        "routes": [{"path": "/", "authorization": "own"}],
    },
}
_POOLS: Final[dict[str, Any]] = {
    **_PROXY,
    "api": {"authorizers": {"own": {"kind": "cognito"}}, "routes": [{"path": "/", "authorization": "own"}]},
}
_LAMBDA: Final = {"kind": "lambda", "function": {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:x"}}
_OWN: Final[dict[str, Any]] = {
    **_PROXY,
    "api": {"authorizers": {"own": _LAMBDA}, "routes": [{"path": "/", "authorization": "own"}]},
}
_BUCKET: Final[dict[str, Any]] = {"own": {"kind": "bucket", "name": "reports-of-mine", "allow": ["read"]}}
_PERMITTED: Final[dict[str, Any]] = {**_PROXY, "backend": {**_IMAGE, "permissions": _BUCKET}}
_CODE: Final[dict[str, Any]] = {"folder": "handlers/greeter", "permissions": _BUCKET}
_FUNCTION: Final[dict[str, Any]] = {
    **_PROXY,
    "api": {"functions": {"own": _CODE}, "routes": [{"path": "/", "authorization": "iam", "target": "own"}]},
}
_FOLDER: Final[dict[str, Any]] = {
    **_PROXY,
    "api": {
        "authorizers": {"own": {"kind": "lambda", "function": _CODE}},
        "routes": [{"path": "/", "authorization": "own"}],
    },
}
_POLICIES: Final = tuple(
    f"arn:aws:iam::{owner}:policy/{name}" for owner in ("aws", "111122223333") for name in ("A", "a/A")
)
_RANGES: Final = ("10.9.0.0/16", "10.9.0.0/24", "10.90.0.0/24", "192.168.0.0/24", "2001:db8::/32", "2001:db8::/48")
_LAYERS: Final = tuple(f"arn:aws:lambda:eu-west-1:111122223333:layer:{name}:1" for name in ("a", "b", "a-b"))
_WORDS: Final = ("a", "b", "a-b", "b-a", "a.b")


def _ids(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}-0a1b2c3d4e5f6071{last}" for last in range(5))


def _arns(service: str, resource: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:{service}:eu-west-1:111122223333:{resource}-{name}" for name in "abcd")


_MAILS: Final = ("a@example.com", "b@example.com", "a.b@example.com", "a+b@example.com")
_METHODS: Final = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
# A config that has the list, and members that are easily confused.
CASES: Final[Mapping[str, tuple[dict[str, Any], tuple[Any, ...]]]] = {
    "network.zones": (_PROXY, tuple(f"eu-west-1{letter}" for letter in "abc")),
    "network.egress": (_PROXY, ("ipv6", "nat-instance", "nat-gateway")),
    "network.endpoints": (_PROXY, ("ecr.api", "ecr.dkr", "logs", "ssm")),
    "network.requiredHosts": (_PROXY, ("quay.io", "example.com", "a.example.com")),
    "network.buckets": (_PROXY, ("bucket-a", "bucket-b", "bucket-a-b")),
    "network.subnetIds": (_URL, _ids("subnet")[:3]),
    "network.routeTableIds": (_URL, _ids("rtb")),
    "network.existingEndpoints": (_URL, ("logs", "s3", "dynamodb", "ssm")),
    "backend.command": (_PROXY, ("--verbose", "--name", "a", "b")),
    "backend.policyArns": (_PROXY, _POLICIES),
    "backend.permissions.NAME.allow": (_PERMITTED, ("list", "read", "write", "delete")),
    "backend.kmsKeyArns": (_PROXY, _arns("kms", "key/x")),
    "backend.cidrs": (_URL, _RANGES[:4]),
    "api.functions.NAME.policyArns": (_FUNCTION, _POLICIES),
    "api.functions.NAME.layers": (_FUNCTION, _LAYERS),
    "api.authorizers.NAME.function.layers": (_FOLDER, _LAYERS),
    "api.functions.NAME.permissions.NAME.allow": (_FUNCTION, ("list", "read", "write", "delete")),
    "api.authorizers.NAME.function.policyArns": (_FOLDER, _POLICIES),
    "api.authorizers.NAME.function.permissions.NAME.allow": (_FOLDER, ("list", "read", "write", "delete")),
    "api.routes[].methods": (_PROXY, _METHODS),
    "api.routes[].scopes": (_JWT, _WORDS),
    "api.routes": (_PROXY, tuple({"path": path, "authorization": "iam"} for path in ("/a", "/b", "/a-b", "/a/b"))),
    "api.authorizers.NAME.audiences": (_JWT, _WORDS),
    "api.authorizers.NAME.userPoolArns": (_POOLS, _arns("cognito-idp", "userpool/x")),
    "api.authorizers.NAME.identityHeaders": (_OWN, ("Authorization", "X-Token", "X-Other")),
    "api.plans.NAME.keys": (_KEYED, ("a", "b", "a-b", "b-a")),
    "api.policy.allow": (_PROXY, ("github-hooks", *_RANGES)),
    "api.policy.deny": (_PROXY, _RANGES),
    "api.cors.origins": (_OPEN, tuple(f"https://{name}.example.com" for name in "abc")),
    "api.cors.methods": (_OPEN, _METHODS),
    "api.cors.headers": (_OPEN, ("X-A", "X-B", "X-A-B")),
    "api.cors.exposeHeaders": (_OPEN, ("X-A", "X-B", "X-A-B")),
    "api.private.allowSecurityGroupIds": (_PRIVATE, _ids("sg")),
    "api.private.allowPrefixListIds": (_PRIVATE, _ids("pl")),
    "api.private.allowCidrs": (_PRIVATE, (*_RANGES, "10.0.0.0/16")),
    "api.private.vpcEndpointIds": (_PRIVATE, _ids("vpce")),
    "api.private.vpcIds": (_PRIVATE, _ids("vpc")),
    "api.callerAccountIds": (_PROXY, ("222233334444", "333344445555", "444455556666")),
    "protection.waf.managedRules": (_PROXY, ("ip-reputation", "sql-injection", "known-bad-inputs")),
    "protection.waf.allow": (_PROXY, _RANGES),
    "protection.budget.emails": (_PROXY, _MAILS),
    "protection.alarms.emails": (_PROXY, _MAILS),
    "protection.acknowledgePublic": (_OPEN, ("GET /", "POST PUT /", "GET /{proxy+}", "HEAD /{proxy+}")),
    "protection.waive": (
        _PROXY,
        tuple({"rule": f"LOG-0{number}", "reason": "drawn by a test"} for number in (1, 2, 3)),
    ),
}


def _lists(place: str, model: object) -> Iterator[str]:
    for key, field in json_schema(model)["properties"].items():
        branches = [field, *field.get("anyOf", [])]
        if any(branch.get("type") == "array" for branch in branches):
            yield f"{place}.{key}"
    for inner, part in parts(model):
        yield from _lists(f"{place}.{inner}", part)


def test_each_list_of_the_settings_has_a_case() -> None:
    paths = {
        path for name, (_, models) in SECTIONS.items() for model in models.values() for path in _lists(name, model)
    }
    assert paths == set(CASES)


def with_members(config: Mapping[str, Any], path: str, members: list[Any]) -> dict[str, Any]:
    """The config with the list at this path; of a map's sections its first, or one that is made."""
    whole: dict[str, Any] = json.loads(json.dumps(config))
    *places, last = path.split(".")
    node: Any = whole
    for place in places:
        if place == "NAME":
            node = node.setdefault(next(iter(node), "gold"), {})
        elif place.endswith("[]"):
            node = node[place[:-2]][0]
        else:
            node = node.setdefault(place, {})
    node[last] = members
    if path.startswith("protection.budget"):
        node["monthlyUsd"] = 10
    if path == "api.cors.origins" or "cors" in path:
        node.setdefault("origins", ["https://app.example.com"])
    return whole


@functools.cache
def _graph(path: str, members: str) -> Graph | None:
    """The graph of a case with these members, given as JSON; None if they are refused. Draws repeat lists."""
    return built(with_members(CASES[path][0], path, json.loads(members)), known=True)


EDITS: Final = ("insert", "remove", "exchange", "repeat", "replace")


def _edited(members: list[Any], edit: str, at: int, other: Any) -> list[Any]:
    found = [*members]
    place = at % len(found)
    match edit:
        case "insert":
            found.insert(place, other)
        case "remove":
            del found[place]
        case "exchange":
            found[place], found[0] = found[0], found[place]
        case "repeat":
            found.insert(place, found[0])
        case "replace":
            found[place] = other
    return found


def _draws(pool: tuple[Any, ...]) -> st.SearchStrategy[tuple[list[Any], list[Any]]]:
    """Two lists that one edit separates."""

    def pairs(drawn: tuple[list[int], str, int, int]) -> tuple[list[Any], list[Any]]:
        places, edit, at, other = drawn
        members = [pool[place] for place in places]
        return members, _edited(members, edit, at, pool[other])

    least = st.lists(st.integers(0, len(pool) - 1), min_size=1, max_size=4, unique=True)
    return st.tuples(least, st.sampled_from(EDITS), st.integers(0, 4), st.integers(0, len(pool) - 1)).map(pairs)


DRAWN: Final = st.sampled_from(sorted(CASES)).flatmap(lambda path: st.tuples(st.just(path), _draws(CASES[path][1])))


@pytest.mark.slow
@settings(max_examples=draws(120), suppress_health_check=list(HealthCheck))
@given(DRAWN)
def test_a_changed_list_is_refused_or_updated_without_a_fault(drawn: tuple[str, tuple[list[Any], list[Any]]]) -> None:
    path, lists = drawn
    before, after = (_graph(path, json.dumps(members)) for members in lists)
    if before is not None and after is not None:
        found = sorted(faults(before, after))
        # The network's own hook refuses this update in the preview.
        moved = path == "network.zones" and not _begins(*lists)
        assert bool(found) == moved, (path, lists, found)


def _begins(before: list[Any], after: list[Any]) -> bool:
    return all(one == other for one, other in zip(before, after, strict=False))


@pytest.mark.parametrize("path", sorted(CASES, key="network.egress".__ne__))
def test_equal_members_are_refused(path: str) -> None:
    config, pool = CASES[path]
    members = pool[:3] if path != "network.egress" else pool[:2]
    assert path == "network.routeTableIds" or built(with_members(config, path, [*members]), known=True) is not None
    repeated = built(with_members(config, path, [*members, members[0]]), known=True)
    # The same argument of a command, one rule for two resources, or an acknowledgement may be there twice.
    assert (repeated is None) != (path in ("backend.command", "protection.waive", "protection.acknowledgePublic"))


# --- arguments of components, and the faults of earlier versions

_VPC: Final = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}
_FORWARDER: Final = {**_VPC, "url": "http://app.internal", "port": 80}
_MACHINE: Final = {**_VPC, "image": "nginx:1.29", "egress": ["nat-instance"]}
_KEYS: Final = {
    arn: arn for arn in ("arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B", "arn:aws:iam::1:policy/A")
}
ARGUMENTS: Final[Mapping[str, tuple[Callable[[list[Any]], object], tuple[Any, ...]]]] = {
    "alerts": (lambda found: Alerts("alerts", {"emails": found}), _MAILS),
    "endpoint": (
        lambda found: PrivateApiEndpoint("endpoint", {**_VPC, "vpc_cidr": "10.0.0.0/16", "allow_cidrs": found}),
        _RANGES,
    ),
    "forwarder": (lambda found: ServerlessProxy("proxy", {**_FORWARDER, "backend_cidrs": found}), _RANGES),
    "policies": (
        lambda found: Ec2Backend("backend", {**_MACHINE, "policy_arns": {_named(arn): arn for arn in found}}),
        tuple(_KEYS),
    ),
}


def _named(arn: str) -> str:
    return arn.split(":", 4)[4]


def _declared(name: str, members: list[Any]) -> Graph:
    return declare(lambda: ARGUMENTS[name][0](members))


def _pairs(pool: tuple[Any, ...]) -> Iterator[tuple[list[Any], list[Any]]]:
    for members in itertools.chain(itertools.permutations(pool[:3], 1), itertools.permutations(pool[:3], 2)):
        for edit in ("insert", "remove", "exchange"):
            for at in range(len(members)):
                after = _edited([*members], edit, at, pool[-1])
                if after and len(set(after)) == len(after):
                    yield [*members], after


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_changed_argument_is_updated_without_a_fault(name: str) -> None:
    for before, after in sampled([*_pairs(ARGUMENTS[name][1])], 7):
        found = [*faults(_declared(name, before), _declared(name, after))]
        assert found == [], (before, after)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_the_model_finds_members_that_are_named_by_position(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    positions = itertools.count(1)

    def position(_: object) -> str:
        return f"position-{next(positions)}"

    monkeypatch.setattr(components.alerts, "_digest", position)
    monkeypatch.setattr(components.private_api_endpoint, "range_name", position)
    monkeypatch.setattr(components.serverless_proxy, "range_name", position)
    monkeypatch.setitem(globals(), "_named", position)

    def declared(members: list[Any]) -> Graph:
        nonlocal positions
        positions = itertools.count(1)
        return _declared(name, members)

    first, second = ARGUMENTS[name][1][:2]
    for before, after in (([first, second], [second]), ([first], [second, first]), ([first, second], [second, first])):
        assert [*faults(declared(before), declared(after))], (before, after)


def test_a_zone_that_moves_is_found_by_the_model() -> None:
    first, second = (with_members(_PROXY, "network.zones", zones) for zones in (["eu-west-1a"], ["eu-west-1b"]))
    assert [*faults(graph_with(first), graph_with(second))] == [
        "network-private-1 is created while its predecessor is there"
    ]

"""Independent mistakes are named at once: those of values all, those between values as far as these are right."""

import copy
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.stack.settings import backend, network
from components.stack.settings.section import Section, build_json_schema
from components.stack.settings.sections import KEYS, SECTIONS
from tests.helpers.draws import draws, sampled
from tests.helpers.stacks import ROOT
from tests.settings.wrong_configs import BASE, EXISTING, FARGATE, PRIVATE, WRONG, Wrong

Load = Callable[..., list[Any]]
_UNKNOWN: Final = "qqq"
"""A key that is like no other."""
_WRONG: Final[dict[str, Any]] = {"object": 7.5, "array": 7.5}
"""A value of another type than these. A list of a list is none of the others."""


_IN_SECTIONS: Final = [
    wrong
    for wrong in WRONG
    for section in [(BASE | wrong.config).get(wrong.key.partition(".")[0])]
    if isinstance(section, dict)
    and section
    and wrong.key != "backend.kind"
    and not wrong.key.startswith("aws:")
    and not wrong.key.endswith("qqq")
]


@pytest.mark.parametrize("wrong", sampled(_IN_SECTIONS), ids=lambda wrong: f"{wrong.key} {str(wrong.config)[:40]}")
def test_an_unknown_key_hides_no_mistake(mistakes: Load, wrong: Wrong) -> None:
    """Beside each wrong config that the tests have: an unknown key in the same section."""
    whole = copy.deepcopy({name: value for name, value in (BASE | wrong.config).items() if value is not None})
    section = wrong.key.partition(".")[0]
    whole[section][_UNKNOWN] = 1
    secret = ("proxy",) if section == "proxy" and "encrypted" not in wrong.allowed else wrong.secret
    found = {mistake.key.removeprefix("gatehouse:"): mistake.allowed for mistake in mistakes(whole, secret)}
    assert found.keys() == {wrong.key, f"{section}.{_UNKNOWN}"}
    assert wrong.allowed in found[wrong.key]


Place = tuple[str | int, ...]


def _list_mistakes(model: type[Section], schema: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Any]]:
    """Each mistake that can be planted in a section or in a part of it: its place and the value."""
    if len(place) > 1 and "type" in schema and place[-1] != "kind":
        yield place, _WRONG.get(schema["type"], [[]])
        yield from ((place, schema[limit] + by) for limit, by in _OUTSIDE.items() if limit in schema)
    for key, inner in schema.get("properties", {}).items():
        yield from _list_mistakes(model, inner, (*place, key))
    if "properties" in schema:
        yield (*place, _UNKNOWN), 1
        yield from (((*place, key), None) for key in schema.get("required", ()) if len(place) > 1)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _list_mistakes(model, schema["additionalProperties"], (*place, "own"))
    if "properties" in schema.get("items", {}):
        yield from _list_mistakes(model, schema["items"], (*place, 0))


_OUTSIDE: Final = {"minimum": -1, "maximum": 1, "exclusiveMinimum": 0}
"""Limits, and how far from them a value is wrong."""
_STACKS: Final = [
    BASE | {"proxy": {"memory": 256}, "protection": {"waf": {}}},
    EXISTING | {"api": {"kind": "http"}},
    FARGATE | {"network": {"egress": "nat-instance"}},
    PRIVATE | {"consumer": {"access": "instance-connect"}},
]


def _model(section: str, given: Mapping[str, Any]) -> type[Section]:
    choose = {"network": network.choose_model, "backend": backend.choose_model}.get(section, lambda _: None)
    return choose(given) or next(iter(SECTIONS[section][1].values()))


_MISTAKES: Final = [
    [
        plant
        for section in SECTIONS
        for model in [_model(section, stack.get(section, {}))]
        for plant in _list_mistakes(model, build_json_schema(model), (section,))
    ]
    for stack in _STACKS
]


def _insert(config: Any, place: Place, value: Any) -> None:
    """Put a value at its place, in maps and lists that are there or are made; None is no value."""
    for part, following in itertools.pairwise(place):
        made: Any = [] if following == 0 else {}
        if part == 0:
            config[:] = config or [made]
            config = config[0]
        else:
            config = config.setdefault(part, made)
    if place[-1] == 0:
        config[:] = [value]
    elif value is not None:
        config[place[-1]] = value


def _shown(place: Place) -> str:
    return "".join(f"[{part}]" if part == 0 else f".{part}" for part in place).removeprefix(".")


@settings(max_examples=draws(60), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_independent_mistakes_all_come_at_once(mistakes: Load, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(_STACKS) - 1))
    drawn = data.draw(
        st.lists(st.sampled_from(_MISTAKES[at]), min_size=2, max_size=3, unique_by=lambda one: one[0][:2])
    )
    config = json.loads(json.dumps(_STACKS[at]))
    for place, value in drawn:
        _insert(config, place, value)
    found = [mistake.key.removeprefix("gatehouse:") for mistake in mistakes(config)]
    for place, _ in drawn:
        key = _shown(place)
        assert any(one == key or one.startswith((f"{key}.", f"{key}[")) for one in found), (config, key, found)


_CORS: Final = BASE | {"api": {"kind": "http", "cors": {"origins": ["https://a.example.com"]}}}


@pytest.mark.parametrize(
    ("config", "section", "wrong", "key"),
    [
        (_CORS, "api", {"cors": {"origins": ["https://a.example.com"], "methods": 7}}, "api.cors.methods"),
        (_CORS, "api", {"kind": "htp"}, "api.kind"),
        (BASE, "api", {"routes": [{"bodySchema": 7.5, "authorization": "iam"}]}, "api.routes[0].bodySchema"),
        (EXISTING, "network", {"vpcId": None, "vpcID": "vpc-0123456789abcdef0"}, "network.vpcID"),
    ],
    ids=str,
)
def test_what_follows_from_a_mistake_is_no_other(
    mistakes: Load, config: dict[str, Any], section: str, wrong: dict[str, Any], key: str
) -> None:
    changed = {name: value for name, value in (config.get(section, {}) | wrong).items() if value is not None}
    assert [mistake.key for mistake in mistakes(config | {section: changed})] == [f"gatehouse:{key}"]


@pytest.mark.parametrize(
    "wrong",
    [{"topology": "nowhere"}, {"proxy": 7}, {"backend": {"kind": "ec3"}}, {"api": {"logs": 7}}, {"ingress": 7},
     {"api": {"stripPrefix": 7}}, {"aws:region": "eu-west-1", "network": {"zones": ["us-east-1a"]}}], ids=str,
)  # fmt: skip
def test_a_route_that_no_route_has_is_named_beside_another_mistake(mistakes: Load, wrong: dict[str, Any]) -> None:
    config = BASE | {"protection": {"acknowledgePublic": ["GET /x"]}} | wrong
    assert {mistake.key for mistake in mistakes(config)} > {"gatehouse:protection.acknowledgePublic[0]"}


def _example(path: Path) -> dict[str, Any]:
    """The config of an example, with encrypted values as they are once decrypted."""
    config = yaml.load(path.read_text(), yaml.CSafeLoader)["config"]
    return dict(
        json.loads(json.dumps(config), object_hook=lambda one: "0123456789abcdefghij" if "secure" in one else one)
    )


_EXAMPLES: Final = {path: _example(path) for path in sorted((ROOT / "examples").glob("*.yaml"))}


_MEMBERS: Final[list[tuple[dict[str, Any], list[str]]]] = [
    ({"functions": {"a": {"arn": 7}, "b": {}}}, ["functions.a.arn", "functions.b"]),
    (
        {"functions": {"a": {"folder": "./a", "zip": "a.zip"}, "b": {"folder": 7}}},
        ["functions.a", "functions.b.folder"],
    ),
    ({"routes": [{"target": 7}, {"target": "bakend"}]}, ["routes[0].target", "routes[1].target"]),
    ({"routes": [{"path": "/a", "target": "bakend"}, {"path": 7}]}, ["routes[0].target", "routes[1].path"]),
]


@pytest.mark.parametrize(("api", "keys"), _MEMBERS, ids=str)
def test_mistakes_of_two_members_come_at_once(mistakes: Load, api: dict[str, Any], keys: list[str]) -> None:
    found = {mistake.key.removeprefix("gatehouse:api.") for mistake in mistakes(BASE | {"api": api})}
    assert {*keys} <= found


_OF_A_ROUTE: Final[dict[str, Any]] = {
    "path": ("orders", "/a~b"),
    "methods": (7, ["ANY", "GET"]),
    "target": (7, "nowhere"),
    "timeoutMilliseconds": ("x", 30_500),
    "throttle": ({"rate": 20_000}, {"rate": 0}),
    "keyRequired": ("x", True),
    "authorization": ("n n", "who"),
    "scopes": (7, "a"),
    "bodySchema": (7, {"type": "strin"}),
}
"""Keys of a route with two wrong values: by itself, or beside the rest of the stack."""


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(_OF_A_ROUTE, 2)], ids=str)
def test_mistakes_of_one_route_come_at_once(mistakes: Load, one: str, other: str) -> None:
    for kind, *pair in itertools.product(("rest", "http"), _OF_A_ROUTE[one], _OF_A_ROUTE[other]):
        route = {"path": "/a", **dict(zip((one, other), pair, strict=True))}
        found = {mistake.key for mistake in mistakes(BASE | {"api": {"kind": kind, "routes": [route]}})}
        for key in (one, other):
            named = any(name.startswith(f"gatehouse:api.routes[0].{key}") for name in found)
            assert named or (kind, route[key]) == ("http", "/a~b"), (route, found)


def _is_written(config: Any, place: Place) -> bool:
    for part in place:
        if not (part in config if isinstance(config, dict) else isinstance(config, list) and part == 0):
            return False
        config = config[part]
    return True


@settings(max_examples=draws(30), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_single_mistake_in_an_example_is_all_that_is_said(mistakes: Load, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([*_EXAMPLES]))
    config = copy.deepcopy(_EXAMPLES[path])
    written = yaml.load(path.read_text(), yaml.CSafeLoader)["config"]
    secret = tuple(section for section in KEYS if "secure" in str(written.get(section)))
    mistakes_to_insert = [
        (place, value)
        for section in SECTIONS
        if section in config
        for model in [_model(section, config[section])]
        for place, value in _list_mistakes(model, build_json_schema(model), (section,))
        if _is_written(config, place) and value is not None
    ]
    place, value = data.draw(st.sampled_from(mistakes_to_insert))
    _insert(config, place, value)
    found = [mistake.key.removeprefix("gatehouse:") for mistake in mistakes(config, secret)]
    key = _shown(place)
    assert {one for one in found if one != key and not one.startswith((f"{key}.", f"{key}["))} == set(), found
    assert found

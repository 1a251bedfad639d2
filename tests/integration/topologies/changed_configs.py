"""Configs that differ in a list or in a key, made of configs.yaml and of the examples."""

import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from components.stack.settings.section import fields_by_key, list_maps
from components.stack.settings.sections import SECTIONS
from review.evaluate.problems import ProgramError
from review.graph import Graph
from review.tests.helpers.stacks import EXAMPLES, ROOT, remembered
from tests.helpers.stacks import ADOPTED

_WRITTEN: Final = yaml.load(Path(__file__).with_name("configs.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
BASES: Final[Mapping[str, dict[str, Any]]] = _WRITTEN["bases"]
LISTS: Final[Mapping[str, tuple[str, list[Any]]]] = _WRITTEN["lists"]
# Keys that only go together, and keys of which each value is another toggle.
_TOGETHER: Final = (
    {"port", "certificateArn", "serverName", "insecureSkipVerification"},
    *({"cpu", "memory"}, {"diskGib", "imageId", "userData", "instanceType"}),
    *({"scaling", "spot"}, {"endpoints", "endpointZones"}, {"truststore", "truststoreVersion"}),
    *({"scaling", "count"}, {"vpc", "calls"}),
)
_URL: Final = {"url": "http://app.internal:8080"}
_TOGGLES: Final = ("network.egress", "ingress.kind", "backend.access", "api.logs.execution")


@functools.cache
def built(config: str) -> Graph | None:
    """The graph of a config, given as JSON; None if the settings refuse it."""
    try:
        return remembered(json.loads(config))
    except ProgramError as error:
        if "nothing was declared" not in str(error):
            raise
        return None


def with_members(path: str, members: list[Any], config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The config of a list, or this one, with these members; of a map's sections its first, or one that is made."""
    base = config or lighten(BASES[LISTS[path][0]], path.partition(".")[0])
    whole: dict[str, Any] = json.loads(json.dumps(base))
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
    if "cors" in path:
        node.setdefault("origins", ["https://app.example.com"])
    return whole


def lighten(config: Mapping[str, Any], section: str) -> dict[str, Any]:
    """The config for a key of a section, with a network and a backend that exist where others would not matter to it.

    They are most of a stack's resources, and of the time that it takes.
    """
    network = config.get("network", {})
    ways_out = (None, "nat-gateway", "nat-instance")
    is_plain = "vpcId" not in network and network.get("egress") in ways_out and config["topology"] != "private-api"
    found = {**config, "network": ADOPTED} if section != "network" and is_plain else {**config}
    is_forwarded = config["topology"] == "public-proxy" and not {"ingress", "backends"} & config.keys()
    return {**found, "backend": _URL} if section == "api" and is_forwarded and "backend" in config else found


def _keys(place: str, model: Any) -> Iterator[str]:
    yield from (f"{place}.{alias}" for alias in fields_by_key(model))
    for inner, part in list_maps(model):
        yield from _keys(f"{place}.{inner}", part)


ALL_KEYS: Final = frozenset(
    key for name, (_, models) in SECTIONS.items() for model in models.values() for key in _keys(name, model)
)
_MAPS: Final = frozenset(key[: at.start()] for key in ALL_KEYS for at in re.finditer(r"\.NAME\b", key))


@functools.cache
def pairs() -> Mapping[str, list[tuple[str, list[str]]]]:
    """For each key, configs as JSON: with it, and without it in the ways to try. One for each kind of stack."""
    found: dict[str, dict[tuple[str, ...], tuple[str, list[str]]]] = {}
    examples = (yaml.safe_load((ROOT / example).read_text())["config"] for example in EXAMPLES)
    listed = (with_members(path, pool[:1]) for path, (_, pool) in LISTS.items())
    for config in itertools.chain(_WRITTEN["more"], examples, listed):
        config.pop("aws:region", None)
        for path in _paths(config):
            place = _placed(path)
            if place in ALL_KEYS:
                kind = (config["topology"], *(str(_kind(config, name)) for name in ("backend", "ingress", "api")))
                value = json.dumps(_at(config, path)) if place in _TOGGLES else ""
                tried = lighten(config, str(path[0]))
                pair = json.dumps(tried), [json.dumps(one) for one in _without(tried, path)]
                found.setdefault(place, {}).setdefault((*kind, value), pair)
    return {key: [*each.values()] for key, each in found.items()}


_PROCESSES: Final = 8


@functools.cache
def _groups() -> Mapping[str, str]:
    """The process of each key, the same in each test that shares keys out."""
    keys = {*ALL_KEYS, "topology"}
    ordered = sorted(keys, key=lambda key: (key not in pairs(), pairs().get(key, [("", [])])[0], key))
    size = -(-len(ordered) // _PROCESSES)  # rounded up
    return {key: f"settings-{place // size}" for place, key in enumerate(ordered)}


def share_out(keys: Iterable[str]) -> list[Any]:
    """Keys as parameters of a long test. One process tests those that share stacks, and builds each stack once."""
    wanted = {*keys}
    return [
        pytest.param(key, marks=pytest.mark.xdist_group(group)) for key, group in _groups().items() if key in wanted
    ]


def _kind(config: Mapping[str, Any], section: str) -> object:
    found = config.get(section, {})
    return found.get("kind", "url" if "url" in found else "")


def _paths(node: Any) -> Iterator[tuple[str | int, ...]]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        yield (key,)
        yield from ((key, *path) for path in _paths(value))


def _placed(path: tuple[str | int, ...]) -> str:
    """The path as the settings' reference names it."""
    place = ""
    for part in path:
        if isinstance(part, int):
            place += "[]"
        else:
            place = f"{place}.NAME" if place in _MAPS else f"{place}.{part}" if place else part
    return place


def _at(node: Any, path: tuple[str | int, ...]) -> Any:
    return functools.reduce(lambda inner, part: inner[part], path, node)


def _without(config: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    """The config without the key; then without what goes with it; then without the section that it is in."""
    section, name = path[:-1], path[-1]
    others = next(({*group} - {name} for group in _TOGETHER if name in group), set())
    for place, names in ((section, {name}), (section, {name, *others}), (path[:-2], {*section[-1:]})):
        whole: dict[str, Any] = json.loads(json.dumps(config))
        node = _at(whole, place)
        for each in names:
            node.pop(each, None) if isinstance(node, dict) else node.remove(node[each])
        yield whole


def changes_of(config: str, key: str, change: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The config, given as JSON, with another value `to` at the first place that a key names, or with other `sections`.

    Without both, the configs without the key.
    """
    written: dict[str, Any] = json.loads(config)
    path = next((path for path in _paths(written) if _placed(path) == key), (key,))
    if "sections" in change:
        yield {**written, **change["sections"]}
    elif "to" in change:
        _at(written, path[:-1])[path[-1]] = change["to"]
        yield written
    else:
        yield from _without(written, path)

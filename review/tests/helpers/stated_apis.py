"""An API of which only the statement counts, with the functions that it calls."""

from collections.abc import Mapping
from typing import Any

from review.facts.statements import PACKAGE, VERSION
from review.tests.helpers.graph_builder import Builder, Made


def function(build: Builder, name: str = "f", memory: int = 1024, **inputs: Any) -> Made:
    return build("lambda/function:Function", name, role="r", architectures=["arm64"], memorySize=memory, **inputs)


def front(
    build: Builder,
    ways: Mapping[str, Mapping[str, Any]],
    *,
    kind: str = "rest",
    to: Made | None = None,
    keys: Mapping[int, Any] | None = None,
    **more: Any,
) -> Made:
    """An API and its component. A way has `rate` as a number, `key` if it needs one, and `to` for another function."""
    targets = {way["to"].urn: way["to"] for way in ways.values() if "to" in way} | ({"": to} if to else {})
    statement = {
        "version": VERSION,
        "kind": kind,
        "ways": {call: _make_way(way) for call, way in ways.items()},
        "to": {"": {"url": "http://a.invalid"}}
        | {name: {"function": {"of": [one.urn]}} for name, one in targets.items()},
        "keys": {f"{count}-{at}": limits for count, limits in (keys or {}).items() for at in range(count)},
        **more,
    }
    made = build(f"{PACKAGE}ApiFront", "front", reach=statement)
    api = "apigatewayv2/api:Api" if kind == "http" else "apigateway/restApi:RestApi"
    build(api, "api", parent=made)
    return made


def refer(function: Made) -> dict[str, Any]:
    """A target, or an authorizer."""
    return {"function": {"of": [function.urn]}}


def _make_way(way: Mapping[str, Any]) -> dict[str, Any]:
    stated = {key: part for key, part in way.items() if key not in ("key", "rate", "to")}
    needs = way.get("needs", {}) | ({"keys": {}} if way.get("key") else {})
    rate = {"rate": {"rate": way["rate"], "burst": 20}} if "rate" in way else {}
    return {**stated, **rate, "needs": needs, "to": way["to"].urn if "to" in way else ""}

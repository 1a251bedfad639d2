"""From the property values of a plan or a state to those of a graph: the engine's marks become the graph's own.

https://github.com/pulumi/pulumi/blob/master/pkg/resource/stack/deployment.go, SerializePropertyValue
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from pulumi.runtime import rpc

from ..graph import UNKNOWN, Asset, Secret

HIDDEN: Final = "[secret]"
"""A plan has this text in place of every secret."""
_DEFAULTS: Final = "__defaults"


def properties(given: Any) -> dict[str, Any]:
    """A bag of inputs or outputs, without the notes that the bridge keeps in it, such as `__meta`."""
    bag = given if isinstance(given, Mapping) else {}
    return {key: value(inner) for key, inner in bag.items() if not key.startswith("__")}


def declared(given: Any) -> Any:
    """Inputs without those that the provider filled in: its defaults, and names that it made up."""
    if isinstance(given, Mapping):
        filled = given.get(_DEFAULTS)
        left_out = [*filled] if isinstance(filled, list) else []
        return {key: declared(inner) for key, inner in given.items() if key not in left_out}
    return [declared(inner) for inner in given] if isinstance(given, list) else given


def value(given: Any) -> Any:
    """A property value: `UNKNOWN`, `Secret` and `Asset` in place of marks, whole numbers as int."""
    if isinstance(given, str):
        if given == HIDDEN:
            return Secret(UNKNOWN)
        return UNKNOWN if rpc.UNKNOWN in given else given
    if isinstance(given, float):
        if not isfinite(given):
            return UNKNOWN
        return int(given) if given.is_integer() else given
    if isinstance(given, list):
        return [value(inner) for inner in given]
    if not isinstance(given, Mapping):
        return given
    match given.get(rpc._special_sig_key):
        case None:
            return properties(given)
        case rpc._special_secret_sig:
            # Its value stays out, also of a state that was exported with `--show-secrets`: a name of a resource that is
            # a secret would be in messages.
            return Secret(UNKNOWN)
        case (rpc._special_asset_sig | rpc._special_archive_sig) as mark:
            return _asset(given, archive=mark == rpc._special_archive_sig)
        case rpc._special_resource_sig:
            return value(given.get("id") or given.get("urn"))
        case _:
            return UNKNOWN


def _asset(given: Mapping[str, Any], *, archive: bool) -> Asset:
    # A path is one of the machine that wrote the file: here it may lead to anything.
    place = str(given.get("path") or given.get("uri") or "")
    members = properties(given.get("assets"))
    return Asset(text=value(given.get("text") or ""), uri=place, members=members, archive=archive)

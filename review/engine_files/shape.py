"""The form of what the engine writes, as far as it is read here.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go, ResourceV3
"""

from collections.abc import Mapping
from typing import Any, Final

Kind = type | tuple[type, ...] | list[Any] | dict[str, Any]
"""A type; a list with the kind of its members; fields with their kinds, `*` for every other."""

_TEXTS: Final = [str]
STATE: Final[Kind] = {
    "urn": str,
    "type": str,
    "id": str,
    "parent": str,
    "provider": str,
    "inputs": dict,
    "outputs": dict,
    "dependencies": _TEXTS,
    "propertyDependencies": {"*": _TEXTS},
    "additionalSecretOutputs": _TEXTS,
    "ignoreChanges": _TEXTS,
    "replaceOnChanges": _TEXTS,
    "aliases": _TEXTS,
    "customTimeouts": {"*": (int, float)},
    "resourceHooks": {"*": _TEXTS},
    "deletedWith": str,
    "importID": str,
    "sourcePosition": str,
    "stackTrace": [{"sourcePosition": str}],
}
PLAN: Final[Kind] = {
    "config": {"*": str},
    "steps": [
        {
            "op": str,
            "urn": str,
            "oldState": dict,
            "newState": dict,
            "detailedDiff": dict,
            "diffReasons": _TEXTS,
            "replaceReasons": _TEXTS,
        }
    ],
    "diagnostics": [{"urn": str, "message": str, "severity": str}],
    "changeSummary": {"*": int},
}
PENDING: Final[Kind] = [{"resource": STATE}]


def fits(given: Any, kind: Kind) -> bool:
    """Whether a value is of a kind. A field that is absent or null is of each, as Go writes it."""
    match kind:
        case [member]:
            return isinstance(given, list) and all(fits(each, member) for each in given)
        case dict():
            return isinstance(given, Mapping) and all(
                inner is None or fits(inner, kind[key if key in kind else "*"])
                for key, inner in given.items()
                if key in kind or "*" in kind
            )
    assert isinstance(kind, type | tuple)
    return isinstance(given, kind)

"""From the property values of a plan or a state to those of a graph.

https://github.com/pulumi/pulumi/blob/master/pkg/resource/stack/deployment.go, SerializePropertyValue
"""

from collections.abc import Mapping
from typing import Any, Final

from pulumi.runtime import rpc

from ..recording import wire

HIDDEN: Final = "[secret]"
"""A plan has this text in place of every secret."""
_MARK: Final = rpc._special_sig_key
_SECRET: Final = {_MARK: rpc._special_secret_sig}
"""A secret without its value."""


def convert_properties(value: Any, *, filled: bool = True) -> dict[str, Any]:
    """A bag of inputs or outputs, without the notes that the bridge keeps in it, such as `__meta`.

    Without `filled` it lacks what the provider filled in: its defaults, and names that it made up.
    """
    return wire.read(_make_readable(value, filled=filled)) if isinstance(value, Mapping) else {}


def convert_value(value: Any) -> Any:
    """A property value."""
    return wire.read_value(_make_readable(value))


def _make_readable(value: Any, *, filled: bool = True) -> Any:
    """A value without the bridge's notes, what is secret, and paths."""
    if isinstance(value, list):
        return [_make_readable(inner, filled=filled) for inner in value]
    if not isinstance(value, Mapping):
        return _SECRET if value == HIDDEN else value
    mark = value.get(_MARK)
    if mark not in (None, rpc._special_asset_sig, rpc._special_archive_sig, rpc._special_resource_sig):
        # The value stays out, also of a state that was exported with `--show-secrets`: a name of a resource that is a
        # secret would be in messages.
        return _SECRET if mark == rpc._special_secret_sig else rpc.UNKNOWN
    defaults = value.get("__defaults")
    left_out = defaults if isinstance(defaults, list) and not filled else ()
    names = (key for key in value if not key.startswith("__") and key not in left_out)
    kept = {key: _make_readable(value[key], filled=filled) for key in names}
    if mark:
        # A path is one of the machine that wrote the file: here it may lead to anything.
        uri = str(value.get("path") or value.get("uri") or "")
        kept |= {"path": "", "uri": uri, "text": kept.get("text") or "", "urn": value.get("id") or value.get("urn")}
        kept.pop("id", None)
    return kept

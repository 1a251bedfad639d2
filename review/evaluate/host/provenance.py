"""Who declares a resource, and what transformations of the SDK change of it before it is registered."""

import functools
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pulumi
from pulumi import _types

from ...recording.resources import COMPONENT, PROGRAM

PROVENANCE: Final = "provenance:"
"""Address of the position in a stack trace whose line is the number of a resource's provenance."""
_PACKAGES: Final = ("gatehouse", "components")  # names of Gatehouse's package: installed, and in its repository
_HOST: Final = ("review", "gatehouse_review", "pulumi")
_INHERITED: Final = frozenset(("protect", "provider", "providers"))
"""Options that the constructor takes from the parent, after the transformations, if none is given."""
_NORMALIZED: Final = "providers"  # The constructor makes a mapping of a list.
_PLAIN: Final = frozenset((str, int, bool, float, type(None), pulumi.Output))
"""Most of what a resource is given: to ask whether each is a mapping takes ten times as long."""
_UNDERSCORE: Final = re.compile(r"_([a-z])")


@dataclass(frozen=True)
class Provenance:
    """Where a resource comes from."""

    declared_by: str
    altered: frozenset[str]


class Transformations:
    """Compares the inputs and options of resources before and after transformations, the older kind of transforms.

    The SDK runs them in the constructor of the resource, so that the recorder sees only their result.
    """

    def __init__(self) -> None:
        self._given = threading.local()  # a program may declare resources in threads of its own

    def note_arguments(self, *, resource: Any, props: Any, opts: Any, **_: Any) -> None:
        """Note what a resource was given. The SDK calls this before each transformation."""
        if getattr(self._given, "resource", None) is not resource:
            self._given.resource, self._given.state = resource, (_copy(props), _copy(vars(opts)))

    def list_altered(self, resource: pulumi.Resource, props: Any, opts: Any, types: Any) -> frozenset[str]:
        """The inputs and options that transformations changed."""
        if getattr(self._given, "resource", None) is not resource:
            return frozenset()
        given, options = self._given.state
        self._given.resource = self._given.state = None
        names = _types.input_type_py_to_pulumi_names(types) if types is not None else {}
        translate: Callable[[str], str] = resource.translate_input_property
        inputs = [names.get(key) or translate(key) for key in _list_changed(given, _copy(props))]
        changed = [
            key
            for key in _list_changed(options, _copy(vars(opts)))
            if key != _NORMALIZED and not (key in _INHERITED and options[key] is None)
        ]
        return frozenset([*inputs, *(f"option {_to_wire_case(key)}" for key in changed)])


def _list_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [key for key in {**old, **new} if not _are_equal(old.get(key), new.get(key))]


def _are_equal(old: Any, new: Any) -> bool:
    """Whether two copies are equal. Outputs are the same only if they are one object."""
    if old is new:
        return True
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_are_equal(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_are_equal, old, new))
    if isinstance(old, pulumi.Output | pulumi.Resource) or isinstance(new, pulumi.Output | pulumi.Resource):
        return old is new
    return bool(old == new)


def _copy(value: Any) -> Any:
    """Mappings, lists and blocks of inputs as new mappings and lists, so that a change in place shows."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(inner) for inner in value]
    if isinstance(value, pulumi.Asset | pulumi.Archive) or _types.is_input_type(type(value)):
        return {"": type(value).__name__, **_copy(vars(value))}
    return value


def _to_wire_case(name: str) -> str:
    return _UNDERSCORE.sub(lambda letter: letter[1].upper(), name).rstrip("_")


def find_declarer(frames: Iterable[tuple[FrameType, int]]) -> str:
    """Whether code of Gatehouse's package or other code called a constructor: the first frame above the SDK."""
    for frame, _ in frames:
        name = str(frame.f_globals.get("__name__", ""))
        if not _is_transparent(name):
            return COMPONENT if _is_component(frame.f_code.co_filename) else PROGRAM
    return PROGRAM


@functools.cache
def _is_transparent(module: str) -> bool:
    """Whether a module is the SDK's, a provider's, Python's or the review's: it calls constructors for others."""
    package = module.partition(".")[0]
    return package in _HOST or package.startswith("pulumi_") or package in sys.stdlib_module_names


@functools.cache
def _is_component(file: str) -> bool:
    """Whether a file is of Gatehouse's package. A user may have a package of the same name."""
    homes = [Path(folder) for name in _PACKAGES for folder in getattr(sys.modules.get(name), "__path__", ())]
    return any(Path(file).is_relative_to(home) and (home / "recording" / "recorder.py").is_file() for home in homes)

"""The line of the stack file that decides about a request, by the setting that a step of the gateway names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..evaluate.yaml_text import list_key_lines
from ..facts.route_paths import name_below
from ..graph import Graph, reveal_all

Keys = tuple[str | int, ...]
_ROUTE: Final = "route."
_ROUTES: Final = "routes"
_PLAN: Final = "plan:"
_INHERITED: Final = {"throttle": "api.throttle"}
"""Keys of a route that the API has for all of its routes."""


@dataclass(frozen=True)
class Line:
    """A key of a stack file."""

    file: str
    line: int
    key: str
    """`api.routes[0].keyRequired`."""


class StackLines:
    """The keys of a stack file with their lines. A stack without a file, or of a program of its own kind, has none."""

    def __init__(self, graph: Graph, file: Path | None, root: Path) -> None:
        self._name = "" if file is None else _name_file(file, root)
        self._lines: dict[Keys, int] = {}
        for keys, line in list_key_lines(file).items() if file else ():
            if keys[0] == "config" and len(keys) > 1:
                self._lines[str(keys[1]).removeprefix(f"{graph.project}:"), *keys[2:]] = line
        values = {name.removeprefix(f"{graph.project}:"): reveal_all(value) for name, value in graph.config.items()}
        self._routes = [*_list_routes(values, ())]

    def find(self, setting: str, method: str = "", path: str = "") -> Line | None:
        """The line of `api.policy`, of `plan:NAME.quota`, or of `route.keyRequired` of the route.

        None if the file does not have the key: a default decides, or a limit of AWS.
        """
        if setting.startswith(_ROUTE):
            key = setting.removeprefix(_ROUTE)
            entry = self._find_entry(method, path)
            inherited = tuple(_INHERITED.get(key, "").split("."))
            candidates: list[Keys] = [(*entry, key), inherited] if entry else [inherited]
        elif setting.startswith(_PLAN):
            name, _, key = setting.removeprefix(_PLAN).rpartition(".")
            candidates = [
                keys
                for keys in self._lines
                if keys[-3:-2] == ("plans",) and keys[-1] == key and _is_plan(keys[-2], name)
            ]
        else:
            candidates = [tuple(setting.split("."))]
        found = next((keys for keys in candidates if keys in self._lines), None)
        return None if found is None else Line(self._name, self._lines[found], _format_keys(found))

    def _find_entry(self, method: str, path: str) -> Keys | None:
        """The keys of the entry that declares a route."""
        fitting = [
            (declared == path, keys)
            for keys, declared, methods in self._routes
            if path in (declared, name_below(declared)) and (not methods or {method, "ANY"} & {*methods})
        ]
        return max(fitting, key=lambda row: row[0])[1] if fitting else None


def _list_routes(value: Any, keys: Keys) -> Iterator[tuple[Keys, str, list[str]]]:
    """The entries of every list of routes, with their path and methods."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _list_routes(inner, (*keys, str(name)))
    elif isinstance(value, list) and keys[-1:] == (_ROUTES,):
        for place, entry in enumerate(value):
            if isinstance(entry, Mapping):
                yield (*keys, place), str(entry.get("path", "")), [str(each) for each in entry.get("methods") or ()]


def _is_plan(key: str | int, resource: str) -> bool:
    """Whether a resource is of a plan: its name ends with the plan's."""
    return resource == key or resource.endswith(f"-{key}")


def _format_keys(keys: Keys) -> str:
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.removeprefix(".")


def _name_file(file: Path, root: Path) -> str:
    resolved = file.resolve()
    return str(resolved.relative_to(root.resolve())) if resolved.is_relative_to(root.resolve()) else file.name

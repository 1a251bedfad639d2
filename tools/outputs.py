"""The table of docs/library.md with the lines of other languages."""

import dataclasses
from pathlib import Path
from typing import Final

from pulumi.provider.experimental.util import camel_case

import components
from components.arguments.connections import Endpoint, Registration, TargetArgs

PAGE: Final = Path(__file__).parents[1] / "docs" / "library.md"


_OTHER_NAMES: Final = {
    "backend_security_group_id": ("entry_security_group_id", "security_group_id"),
    "callers": ("caller_security_group_id",),
    "subnet_ids": ("private_subnet_ids",),
}
"""Outputs with another name than the argument that takes them."""


def list_lines() -> str:
    """A row for each value that only Python has: the TypeScript line that replaces it."""
    client = {field.name for field in dataclasses.fields(components.FargateBackendArgs)}
    given = {
        "target": [field.name for field in dataclasses.fields(TargetArgs)],
        "registration": [*Registration.__annotations__],
        "endpoint": [*Endpoint.__annotations__],
        "client": sorted(client - {"tags"}),
    }
    rows = ["| Python | TypeScript |", "|---|---|"]
    for component in components.COMPONENTS:
        name = component.__name__[0].lower() + component.__name__[1:]
        for attribute, arguments in given.items():
            if attribute in vars(component):
                found = {key: _find_output(component, key) for key in arguments}
                parts = [_write_part(name, key, output) for key, output in found.items() if output]
                call = "()" if callable(vars(component)[attribute]) else ""
                rows.append(f"| `{name}.{attribute}{call}` | `{{ {', '.join(parts)} }}` |")
    return "\n".join(rows) + "\n"


def _find_output(component: type, argument: str) -> str:
    names = (argument, *_OTHER_NAMES.get(argument, ()))
    return next((name for name in names if name in component.__annotations__), "")


def _write_part(variable: str, argument: str, output: str) -> str:
    value = f"{variable}.{camel_case(output)}"
    return f"{camel_case(argument)}: {f'{{ ingress: {value} }}' if argument == 'callers' else value}"


_BEGIN: Final = "<!-- lines: written by make docs -->\n"
_END: Final = "<!-- lines end -->\n"


def build_texts() -> dict[Path, str]:
    """The page with today's table."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return {PAGE: f"{before}{_BEGIN}\n{list_lines()}\n{_END}{rest.partition(_END)[2]}"}

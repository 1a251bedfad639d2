"""The tables of docs/library.md that follow from the code: arguments that may be outputs, options of
components, and lines of other languages.

`python -m tools.outputs` writes them; `--check` writes nothing, and fails if they are out of date.
"""

import dataclasses
import inspect
import sys
from pathlib import Path
from typing import Any, Final, get_args

from pulumi.provider.experimental.util import camel_case

import components
from components.arguments.connections import Endpoint, Registration, TargetArgs
from components.arguments.kinds import takes_outputs
from components.resource_options.accepted_options import OPTIONS

PAGE: Final = Path(__file__).parents[1] / "docs" / "library.md"


def list_arguments() -> str:
    """A row for each component: arguments that may be outputs. All others are plain."""
    rows = ["| component | arguments |", "|---|---|"]
    for component in components.COMPONENTS:
        annotation = inspect.signature(component).parameters["args"].annotation
        (kind,) = filter(dataclasses.is_dataclass, get_args(annotation))
        fields: list[dataclasses.Field[Any]] = sorted(dataclasses.fields(kind), key=lambda field: field.name)
        later = ", ".join(f"`{field.name}`" for field in fields if takes_outputs(field.type))
        rows.append(f"| `{component.__name__}` | {later} |")
    return "\n".join(rows) + "\n"


def list_options() -> str:
    """A row for each option that a component accepts, and one for the others, whose messages have a remedy."""
    rows = ["| option | effect on a component |", "|---|---|"]
    rows += [f"| `{name}` | {option.effect} |" for name, option in OPTIONS.items() if option.accepted]
    refused = ", ".join(f"`{name}`" for name, option in OPTIONS.items() if not option.accepted)
    rows.append(f"| {refused} | refused: the message says what to do instead |")
    return "\n".join(rows) + "\n"


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


_TABLES: Final = {"outputs": list_arguments, "options": list_options, "lines": list_lines}
"""By the mark around it in the page."""


def page() -> str:
    """The page with today's tables."""
    text = PAGE.read_text(encoding="utf-8")
    for name, build in _TABLES.items():
        begin, end = f"<!-- {name}: written by make docs -->\n", f"<!-- {name} end -->\n"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{build()}\n{end}{rest.partition(end)[2]}"
    return text


def main() -> int:
    """Writes the page, or says with `--check` that it is out of date."""
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    if "--check" in sys.argv:
        sys.stderr.write("docs/library.md is out of date: run `make docs`\n")
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

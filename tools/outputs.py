"""The list of arguments that may be outputs, in docs/library.md, from the types of the arguments.

`python -m tools.outputs` writes it; `--check` writes nothing, and fails if it is out of date.
"""

import dataclasses
import inspect
import sys
from pathlib import Path
from typing import Any, Final, get_args

import components
from components.arguments.kinds import takes_outputs

PAGE: Final = Path(__file__).parents[1] / "docs" / "library.md"
_BEGIN: Final = "<!-- outputs: written by make docs -->\n"
_END: Final = "<!-- outputs end -->\n"


def listed() -> str:
    """A row for each component: arguments that may be outputs, and those that must be plain."""
    rows = ["| component | may be outputs | plain |", "|---|---|---|"]
    for component in components.COMPONENTS:
        annotation = inspect.signature(component).parameters["args"].annotation
        (kind,) = filter(dataclasses.is_dataclass, get_args(annotation))
        fields: list[dataclasses.Field[Any]] = sorted(dataclasses.fields(kind), key=lambda field: field.name)
        later = ", ".join(f"`{field.name}`" for field in fields if takes_outputs(field.type))
        plain = ", ".join(f"`{field.name}`" for field in fields if not takes_outputs(field.type))
        rows.append(f"| `{component.__name__}` | {later} | {plain} |")
    return "\n".join(rows) + "\n"


def page() -> str:
    """The page with today's list."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return f"{before}{_BEGIN}\n{listed()}\n{_END}{rest.partition(_END)[2]}"


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

"""The files that are written from code, from the pinned packages and from records.

`python -m tools.generated` writes them; with `--check` it writes nothing, and fails if one is out of date.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from review.rules import reference as rules_reference
from tools import added_cost, aws_names, claims, outputs, sdk_tables, settings_reference, stack_schema, structure

_MAKERS: Final[tuple[Callable[[], dict[Path, str]], ...]] = (
    settings_reference.build_texts,
    outputs.build_texts,
    aws_names.build_texts,
    sdk_tables.build_texts,
    rules_reference.build_texts,
    claims.build_texts,
    structure.build_texts,
    stack_schema.build_texts,
)
_SLOW: Final = (added_cost.build_texts,)
"""A test compares what these make, from reports of many stacks."""


def main() -> int:
    """Returns the exit status."""
    check = "--check" in sys.argv
    makers = _MAKERS if check else (*_MAKERS, *_SLOW)
    return write_texts({path: text for make in makers for path, text in make().items()}, check=check)


def write_texts(texts: dict[Path, str], *, check: bool) -> int:
    """Writes each file that has another text or is missing. With `check` it names them, and the status is 1."""
    old = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in old:
        if check:
            sys.stderr.write(f"{path} is out of date: run `make docs`\n")
        else:
            path.write_text(texts[path], encoding="utf-8")
    return int(check and bool(old))


if __name__ == "__main__":
    sys.exit(main())

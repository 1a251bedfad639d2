"""Writes the list of inputs that are not served into review/docs/try.md: `python -m review.serve.reference`."""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from .inputs import SERVED, of_type

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "try.md"
_BEGIN, _END = "<!-- inputs -->\n", "<!-- end of inputs -->\n"


def document() -> str:
    """The page with the list of today."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    rows = [f"| `{kind.rpartition(':')[2]}` | {', '.join(inputs)} |" for kind in SERVED if (inputs := [*_others(kind)])]
    table = "\n".join(["", "| type | inputs |", "|---|---|", *dict.fromkeys(rows), "", ""])
    return f"{before}{_BEGIN}{table}{_END}{after}"


def _others(kind: str) -> Iterator[str]:
    """Inputs of a type in pulumi-aws that are neither served nor without effect."""
    module, _, name = kind.partition(":")
    folder = module.partition("/")[0]
    home = importlib.import_module(f"pulumi_aws.{'lambda_' if folder == 'lambda' else folder}")
    known = {path.partition(".")[0] for path in of_type(kind)}
    for argument in list(inspect.signature(getattr(home, f"{name}Args").__init__).parameters)[1:]:
        wire = re.sub(r"_+(\w)", lambda match: match[1].upper(), argument.rstrip("_"))
        if wire not in known:
            yield f"`{wire}`"


def main(arguments: Sequence[str]) -> int:
    current = document()
    if "--check" in arguments:
        return int(current != DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`gatehouse docs`: the documents of the installed version."""

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from .arguments import FAULT, OK


def main(arguments: Sequence[str], name: str = "gatehouse docs") -> int:
    """Print a document, or the names of all. Returns the exit status."""
    about = "Print a document of this version as Markdown. Without a name, the names of all."
    parser = argparse.ArgumentParser(prog=name, description=about)
    parser.add_argument("document", nargs="?", default="", metavar="NAME", help="such as settings or troubleshooting")
    wanted = str(parser.parse_args(arguments).document).removesuffix(".md")
    found = find_documents()
    if not wanted:
        print("\n".join(sorted(found)))
        return OK
    if wanted not in found:
        print(f"{name}: there is no document {wanted}; {', '.join(sorted(found))}", file=sys.stderr)
        return FAULT
    print(found[wanted].read_text(encoding="utf-8"), end="")
    return OK


def find_documents() -> dict[str, Path]:
    """The documents by name: those of the review, and of the program if it is installed."""
    program = importlib.util.find_spec("gatehouse")
    homes = [Path(place).resolve() for place in (program.submodule_search_locations or ())] if program else []
    # In a clone, the package is the folder `components`, with the documents beside it.
    folders = [
        Path(__file__).resolve().parents[1],
        *homes,
        *(home.parent for home in homes if home.name == "components"),
    ]
    return {page.stem: page for folder in folders for page in (folder / "docs").glob("*.md") if page.stem != "README"}

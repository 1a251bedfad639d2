"""The JSON schema of stack files: for the documents, and for each project that is made from the template."""

from pathlib import Path

from components.stack.settings.json_schema import FILE, format_schema


def build_texts() -> dict[Path, str]:
    """Returns the texts by file."""
    return dict.fromkeys((Path("docs") / FILE, Path("template") / FILE), format_schema())

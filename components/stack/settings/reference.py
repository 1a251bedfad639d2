"""The settings reference, written from the sections.

`python -m components.stack.settings.reference` writes it; `--check` writes nothing, and fails if it is out of date.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .section import OFF, Section, json_schema, words
from .sections import SECTIONS
from .topology import Topology

ROOT: Final = Path(__file__).parents[3]
REFERENCE: Final = ROOT / "docs" / "settings.md"

_FEW: Final = 1
"""Keys of a map that are written wherever they are."""
_AS_ABOVE: Final = " It has the keys of "
Row = tuple[str, str, str, str]
Rows = tuple[Row, ...]

TOPOLOGY: Final = "Path of the requests: " + ", ".join(topology.value for topology in Topology)


def reference() -> str:
    """docs/settings.md, whole."""
    lines = [
        "# Settings",
        "",
        "Written from `components/stack/settings/` by `make docs`; change them there. In a stack file a key may be",
        "without the project's name in front. Unknown keys are errors, and are reported together with all wrong",
        "values.",
        "",
        "## topology",
        "",
        f"{TOPOLOGY}. Required.",
    ]
    known: dict[Rows, str] = {}
    for key, (title, models) in SECTIONS.items():
        lines += ["", f"## {key}", "", f"{title}."]
        written: dict[str, str] = {}
        for heading, model in models.items():
            lines += ["", *([f"### {heading}", ""] if heading else [])]
            lines += _table(model, f"{heading}|{key}", known, heading, written)
    return "\n".join(lines) + "\n"


def _table(
    model: type[Section], place: str, known: dict[Rows, str], heading: str, written: dict[str, str]
) -> list[str]:
    """Keys of a section. Equal keys of a map stand once; `known` has them with `heading|map` where they stand.

    `written` has the rows of the section's other models, each with its heading.
    """
    schema = json_schema(model)
    rows: list[str] = []
    again: dict[str, list[str]] = {}
    for key, allowed, default, text in _rows(schema, f"{place}.", known):
        row = f"| `{key}` | {allowed} | {default} | {text} |"
        other = written.setdefault(row.partition(_AS_ABOVE)[0].removesuffix(" |"), heading)
        if other == heading:
            rows.append(row)
        else:
            again.setdefault(other, []).append(f"`{key}`")
    same = [f"{', '.join(keys)}: as under {other}." for other, keys in again.items()]
    return [*same, *([""] if same else []), "| key | allowed | default | meaning |", "|---|---|---|---|", *rows]


def _rows(node: Mapping[str, Any], place: str, known: dict[Rows, str]) -> Iterator[Row]:
    required = node.get("required", [])
    for key, raw in node.get("properties", {}).items():
        inner, suffix = _inner(raw)
        text, inside = str(raw.get("description", "")), f"{key}{suffix}"
        # Maps inside refer to others by their place, so only the keys of maps are compared.
        keys = () if inner is None else tuple(_rows(inner, ".", {}))
        first = known.setdefault(keys, f"{place}{inside}")
        written_here = len(keys) <= _FEW or first == f"{place}{inside}"
        text += "" if written_here else f"{_AS_ABOVE}`{first.partition('|')[2]}` above."
        yield key, _allowed(raw, inner), _default(key in required, raw), text
        if written_here and inner is not None:
            rows = _rows(inner, f"{place}{inside}.", known)
            yield from ((f"{inside}.{name}", allowed, default, meaning) for name, allowed, default, meaning in rows)


def _inner(own: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """The model inside a key, its list or its map, and the suffix that a path needs for it."""
    candidates = (
        (own, ""),
        (own.get("items") or {}, "[]"),
        (_values_of(own), ".<name>"),
    )
    return next(((node, suffix) for node, suffix in candidates if node.get("properties")), (None, ""))


def _values_of(node: Mapping[str, Any]) -> Mapping[str, Any]:
    values = node.get("additionalProperties")
    return values if isinstance(values, dict) else {}


def _allowed(node: Mapping[str, Any], inner: Mapping[str, Any] | None) -> str:
    if inner is not None and "words" not in node:
        kinds = {"array": "a list of maps", "object": "a map" if node is inner else "a map by name"}
        return kinds.get(node.get("type", "object"), "a map") + (f", or {OFF}" if node.get(OFF) else "")
    return words(node).replace("|", "\\|")


def _default(required: bool, raw: Mapping[str, Any]) -> str:
    if required:
        return "required"
    default = raw.get("default")
    if isinstance(default, dict):
        return "its keys' defaults" if OFF in raw else ""
    return "" if default in (None, [], "") or _is_maps(default) else f"`{json.dumps(default, ensure_ascii=False)}`"


def _is_maps(default: object) -> bool:
    return isinstance(default, list) and any(isinstance(item, dict) for item in default)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is out of date")
    check = parser.parse_args().check
    texts = {REFERENCE: reference()}
    stale = [path for path, text in texts.items() if not (path.exists() and path.read_text() == text)]
    for path in stale:
        if check:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: run `make docs`\n")
        else:
            path.write_text(texts[path])
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())

"""The table of a proof: stack files, and rows with what must come back from AWS."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import yaml

TABLE: Final = Path("tests") / "live" / "probes.yaml"
PHASES: Final = ("preview", "up", "again", "update", "refresh", "destroy")
_PAGES: Final = "https://docs.aws.amazon.com/"
_KEYS: Final = ("stacks", "update", "rows")
_CALL_KEYS: Final = ("path", "method", "headers", "body", "sign", "key", "times", "from", "http")


class TableError(Exception):
    """A table cannot be read. The text names every mistake."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that we believe of AWS. review/docs/prove.md describes the keys."""

    id: str
    claim: str
    source: str
    otherwise: str
    stacks: tuple[str, ...] = ()
    change: Mapping[str, Any] = field(default_factory=dict)
    call: Mapping[str, Any] = field(default_factory=dict)
    ask: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    want: Mapping[str, Any] = field(default_factory=dict)
    wait: tuple[float, float] = (60, 5)
    phase: str = ""
    elsewhere: str = ""
    person: str = ""

    @property
    def local(self) -> bool:
        """Whether `make try` can answer it."""
        return bool(self.call) and not self.elsewhere


@dataclass(frozen=True)
class Table:
    """The stack files by name, the update of each, and the rows."""

    stacks: Mapping[str, Path]
    update: Mapping[str, Any]
    rows: tuple[Row, ...]

    def of_stack(self, stack: str) -> list[Row]:
        """The rows that are asked of a stack."""
        return [row for row in self.rows if stack in row.stacks and not row.phase]


def of_project(root: Path) -> Path:
    """The project's own table, or the one that is installed with this command."""
    own = root / TABLE
    return own if own.is_file() else Path(__file__).with_name(TABLE.name)


def read(path: Path) -> Table:
    """The table of a file. Raises TableError with every mistake in it."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        do = f"name a table by --table, or run this in a project that has {TABLE}"
        raise TableError(f"there is no table of probes {path} ({error.strerror}): {do}") from None
    except yaml.YAMLError as error:
        raise TableError(f"{path}: want YAML: {error}") from None
    if not isinstance(document, Mapping) or {*document} - {*_KEYS} or not {"stacks", "rows"} <= {*document}:
        raise TableError(f"{path}: want the keys {', '.join(_KEYS)}, and no others")
    stacks = {name: path.parent / file for name, file in document["stacks"].items()}
    if wrong := list(_mistakes(document["rows"], stacks)):
        raise TableError("\n  ".join([f"{path}: nothing was deployed", *wrong]))
    rows = tuple(_row(name, written, stacks) for name, written in document["rows"].items())
    return Table(stacks, document.get("update") or {}, rows)


def _row(name: str, written: Mapping[str, Any], stacks: Mapping[str, Path]) -> Row:
    given = {("arguments" if key == "with" else key): value for key, value in written.items()}
    given |= {key: tuple(given[key]) for key in ("stacks", "wait") if key in given}
    if given.get("phase"):
        given.setdefault("stacks", tuple(stacks))
    source = written["source"]
    return Row(**{**given, "id": name, "source": source if "://" in source else _PAGES + source})


def _mistakes(rows: Mapping[str, Any], stacks: Mapping[str, Path]) -> Iterator[str]:
    for name, path in stacks.items():
        if not path.is_file():
            yield f"stacks.{name}: got {path}; want the path of a stack file, from the table's folder"
    known = [{"arguments": "with"}.get(each.name, each.name) for each in fields(Row) if each.name != "id"]
    for name, row in rows.items():
        yield from _unknown(f"rows.{name}", row, known)
        yield from _unknown(f"rows.{name}.call", row.get("call") or {}, _CALL_KEYS)
        for key in ("claim", "source", "otherwise"):
            if not isinstance(row.get(key), str):
                yield f"rows.{name}.{key}: got {row.get(key)!r}; want a text"
        ways = [key for key in ("call", "ask", "phase", "person") if row.get(key)]
        if len(ways) != 1:
            yield f"rows.{name}: got {', '.join(ways) or 'none'}; want one of call, ask, phase, person"
        elif ways[0] in ("call", "ask") and not (row.get("want") and row.get("stacks")):
            yield f"rows.{name}: want `want`, with what must come back, and `stacks`"
        if row.get("phase") and row["phase"] not in PHASES:
            yield f"rows.{name}.phase: got {row['phase']!r}; want one of {', '.join(PHASES)}"
        for stack in row.get("stacks") or ():
            if stack not in stacks:
                yield f"rows.{name}.stacks: got {stack!r}; want one of {', '.join(stacks)}"


def _unknown(place: str, written: Mapping[str, Any], known: list[str] | tuple[str, ...]) -> Iterator[str]:
    for key in written:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            yield f"{place}: there is no key {key!r}; {f'did you mean {near[0]}?' if near else 'remove it'}"

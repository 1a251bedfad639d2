"""The table of claims about AWS: stack files, and rows with what must come back from AWS."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import yaml

TABLE: Final = Path(__file__).with_name("probes.yaml")
_OWN: Final = Path("prove") / "probes.yaml"
"""A table of a project's own, which takes the place of ours."""
_PAGES: Final = "https://docs.aws.amazon.com/"


class TableError(Exception):
    """A table cannot be read. The text names the mistake."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that we believe of AWS. The head of probes.yaml describes the keys."""

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
    not_local: str = ""
    person: str = ""

    @property
    def local(self) -> bool:
        """Whether `make try` can answer it."""
        return bool(self.call) and not self.not_local


@dataclass(frozen=True)
class Table:
    """The stack files by name, the update of each, and the rows."""

    stacks: Mapping[str, Path]
    update: Mapping[str, Any]
    rows: tuple[Row, ...]

    def list_rows(self, stack: str) -> list[Row]:
        """The rows that are asked of a stack."""
        return [row for row in self.rows if stack in row.stacks and not row.phase]


def find_table(root: Path) -> Path:
    """The project's own table, or the one of this command."""
    own = root / _OWN
    return own if own.is_file() else TABLE


def read_table(path: Path) -> Table:
    """The table of a file. Raises TableError."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        stacks = {name: path.parent / file for name, file in document["stacks"].items()}
        rows = tuple(_read_row(name, written, stacks) for name, written in document["rows"].items())
    except OSError as error:
        do = f"install the review again, or give your project a table of its own, {_OWN}"
        raise TableError(f"there is no table of probes {path} ({error.strerror}): {do}") from None
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise TableError(f"{path}: want the keys stacks and rows: {error}") from None
    return Table(stacks, document.get("update") or {}, rows)


def _read_row(name: str, written: Mapping[str, Any], stacks: Mapping[str, Path]) -> Row:
    given = {("arguments" if key == "with" else key): value for key, value in written.items()}
    known = [each.name for each in fields(Row)]
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise TableError(
                f"rows.{name}: there is no key {key!r}; {f'did you mean {near[0]}?' if near else 'remove it'}"
            )
    if unknown := [stack for stack in given.get("stacks", ()) if stack not in stacks]:
        raise TableError(f"rows.{name}.stacks: got {unknown[0]!r}; want one of {', '.join(stacks)}")
    ways = [key for key in ("call", "ask", "phase", "person") if given.get(key)]
    if len(ways) != 1:
        raise TableError(f"rows.{name}: got {', '.join(ways) or 'none'}; want one of call, ask, phase, person")
    given |= {key: tuple(given[key]) for key in ("stacks", "wait") if key in given}
    if given.get("phase"):
        given.setdefault("stacks", tuple(stacks))
    source = written["source"]
    return Row(**{**given, "id": name, "source": source if "://" in source else _PAGES + source})

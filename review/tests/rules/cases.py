"""All cases of the rules, and what the rules say of them.

`cases/` holds them by rule: `fails` or `cannot tell` are words of the finding, `at` the name of the resource that
it names, `-` for the stack itself. A case without them is sound: the rule, and each of `also`, leaves it alone. A case
with `each` stands for one case a value, which takes the place of `${each}`.

A step of a program is a type and a name with inputs (`lambda/function greeter: {…}`), `config` or `export`. Values are
written as in Pulumi YAML: `${api.id}`, `$${` for a plain `${`, `fn::toJSON`, `fn::secret`, assets and archives;
`${unknown}` is not known.
"""

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from review.graph import UNKNOWN, Asset, Graph, Secret
from review.rules import Finding, check
from review.tests.helpers.graph_builder import Builder, Json, Made

_EACH: Final = "${each}"
_PART: Final = re.compile(r"\$\$\{|\$\{([^}]+)\}")


@dataclass(frozen=True)
class RuleCase:
    """A program with a fault, undecided, or without: the rule, the resource that is named, and words of the message."""

    rule: str
    at: str
    message: str
    place: str
    program: list[Mapping[str, Any]]

    def __str__(self) -> str:
        return f"{self.rule} {self.place}"

    def __hash__(self) -> int:
        return hash(self.place)

    @functools.cache  # noqa: B019 # rules and pack are tested in one process, which builds and checks it once
    def build(self, *, known: bool = True) -> Graph:
        build, made = Builder(known=known), dict[str, Made]()
        for step in self.program:
            ((words, inputs),) = step.items()
            kind, _, name = words.partition(" ")
            values = _make_value(inputs, made)
            match kind:
                case "config":
                    build.config.update(values)
                case "export":
                    build.exports.update(build.resolved(values))
                case _:
                    module = kind.partition("/")[2]
                    token = kind if ":" in kind else f"{kind}:{module[0].upper()}{module[1:]}"
                    made[name] = build(token, name, **values)
        return build.graph()

    @functools.cache  # noqa: B019 # as above
    def find(self, *, known: bool = True) -> list[Finding]:
        return check(self.build(known=known))


def _make_value(written: Any, made: Mapping[str, Made]) -> Any:
    match written:
        case str():
            return _make_text(written, made)
        case list():
            return [_make_value(one, made) for one in written]
        case dict() if (name := next(iter(written), "")).startswith("fn::"):
            argument = written[name]
            return _MAKERS[name](argument if name == "fn::text" else _make_value(argument, made))
        case dict():
            return {key: _make_value(one, made) for key, one in written.items()}
    return written


def _make_text(written: str, made: Mapping[str, Made]) -> Any:
    """A text with outputs in it, or an output alone."""
    if written == "${unknown}":
        return UNKNOWN
    parts: list[Any] = []
    end = 0
    for match in _PART.finditer(written):
        name, _, key = (match[1] or "").rpartition(".")
        parts += [written[end : match.start()], getattr(made[name], key) if name else "${"]
        end = match.end()
    kept = [part for part in (*parts, written[end:]) if part != ""]
    return functools.reduce(lambda before, part: before + part, kept) if kept else ""


_MAKERS: Final[Mapping[str, Callable[..., Any]]] = {
    "fn::toJSON": Json,
    "fn::secret": Secret,
    # A long text, of parts: a text, or a text and how often it comes.
    "fn::text": lambda parts: "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts),
    "fn::stringAsset": lambda text: Asset(text=text),
    "fn::assetArchive": lambda members: Asset(members=members, archive=True),
}


@dataclass(frozen=True)
class Cases:
    """Programs that break a rule, of which it cannot tell, and that it leaves alone."""

    faulty: list[RuleCase]
    undecided: list[RuleCase]
    sound: list[RuleCase]


def _read_cases() -> Cases:
    read = Cases([], [], [])
    verdicts = {"fails": read.faulty, "cannot tell": read.undecided, "sound": read.sound}
    for file in sorted((Path(__file__).parent / "cases").glob("*.yaml")):
        for title, written in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            for number, case in enumerate(written if title != "shared" else [], 1):
                for at, value in enumerate(case.pop("each", [None])):
                    _read_case(verdicts, title, f"{file.name} {title}:{number}.{at}", _put_in(case, value))
    return read


def _read_case(verdicts: Mapping[str, list[RuleCase]], title: str, place: str, case: dict[str, Any]) -> None:
    program, also, at = case.pop("program"), case.pop("also", []), case.pop("at", "")
    (verdict, message), *more = case.items() or [("sound", "")]
    if more or verdict not in verdicts:
        raise ValueError(f"{place}: a case has `fails` or `cannot tell`, `at`, `also`, and not {[*case]}")
    verdicts[verdict] += [RuleCase(rule, at, message, place, program) for rule in (title, *also)]


def _put_in(written: Any, value: Any) -> Any:
    """A case with a value of `each` in its place."""
    if written == _EACH:
        return value
    if isinstance(written, dict):
        return {key: _put_in(inner, value) for key, inner in written.items()}
    return [_put_in(inner, value) for inner in written] if isinstance(written, list) else written


CASES: Final = _read_cases()

"""Cases that are written in YAML: a program, and what must be true of it.

A file maps titles to lists of cases, or to `given`, the steps that all programs of the title begin with, and `cases`:

    a policy that is a resource of its own:
    - program:
      - network: {egress: none}
      - lambda/function greeter:
      - apigateway/restApiPolicy more: {restApiId: '${api.id}', policy: '${unknown}'}
      truth: cannot tell

A step is a type and a name with inputs, or a function of `steps.py`, `api_programs.py` or `programs.py` with its
arguments: words after its name, then a list or a mapping. Values are written as in Pulumi YAML: `${api.id}`, `$${` for
a plain `${`, `fn::toJSON`, `fn::secret`, assets and archives; `${unknown}` is not known, and `fn::calls` is an
operation that calls a function.
A case with `each` stands for one case a value, which takes the place of `${each}`: as a value, or as steps.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from review.graph import UNKNOWN, Asset, Options, Secret
from review.tests.helpers import api_programs, programs, steps
from review.tests.helpers.graph_builder import Declare, Json
from review.tests.helpers.steps import Step, calls, declare_steps, output

_EACH: Final = "${each}"
_PART: Final = re.compile(r"\$\$\{|\$\{([^}]+)\}")


@dataclass(frozen=True)
class WrittenCase:
    """A case as it is written."""

    title: str
    place: str
    """The line that it stands in, `routes.yaml:31`."""
    declare: Declare
    expected: Mapping[str, Any]
    """What is written of it beside the program."""


def read_cases(folder: Path) -> Iterator[WrittenCase]:
    """The cases of all files of a folder."""
    for path in sorted(folder.glob("*.yaml")):
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        assert isinstance(root, yaml.MappingNode), path
        titles = [loader.construct_object(key) for key, _ in root.value]
        assert len(set(titles)) == len(titles), f"{path}: a title is there twice"
        for title, (_, node) in zip(titles, root.value, strict=True):
            if title != "shared":  # what has an anchor
                yield from _read_title(loader, title, node, path.name)


def _read_title(loader: yaml.SafeLoader, title: str, node: yaml.Node, file: str) -> Iterator[WrittenCase]:
    given, cases = [], node
    if isinstance(node, yaml.MappingNode):
        parts = {key.value: value for key, value in node.value}
        given, cases = loader.construct_object(parts["given"], deep=True), parts["cases"]
    for each in cases.value:
        written = loader.construct_object(each, deep=True)
        values = written.pop("each", [None])
        for value in values:
            expected = {key: _put_in(one, value) for key, one in written.items() if key != "program"}
            program = [*given, *_put_in_steps(written.get("program", []), value)]
            place = f"{file}:{each.start_mark.line + 1}"
            yield WrittenCase(title, place, declare_steps(list(map(_make_step, program))), expected)


def _put_in(written: Any, value: Any) -> Any:
    """A case with a value of `each` in its place."""
    if written == _EACH:
        return value
    if isinstance(written, dict):
        return {key: _put_in(inner, value) for key, inner in written.items()}
    if isinstance(written, list):
        return [_put_in(inner, value) for inner in written]
    return written


def _put_in_steps(program: list[Any], value: Any) -> list[Any]:
    """A program with a value of `each`, which may be several steps, in its place."""
    several = [(value if isinstance(value, list) else [value]) if step == _EACH else [step] for step in program]
    return [_put_in(step, value) for some in several for step in some]


def _make_step(written: Mapping[str, Any]) -> Step:
    ((words, arguments),) = written.items()
    name, *plain = words.split(" ")
    values = _make_value(arguments)
    named = values if isinstance(values, dict) else {}
    if "/" in name or ":" in name:
        options = (
            {"options": Options(ignore_changes=tuple(named["options"]["ignoreChanges"]))} if "options" in named else {}
        )
        return steps.resource(name, *plain, **{**named, **options})
    return _find_step(name)(*plain, *(values if isinstance(values, list) else ()), **named)


def _find_step(name: str) -> Callable[..., Step]:
    vocabulary = (steps, api_programs, programs)
    for module in vocabulary:
        if hasattr(module, name):
            found: Callable[..., Step] = getattr(module, name)
            return found
    files = ", ".join(module.__name__.replace(".", "/") + ".py" for module in vocabulary)
    raise LookupError(f"{name} is neither a resource's type, such as lb/listener, nor a step of {files}")


def _make_value(written: Any) -> Any:
    match written:
        case str():
            return _make_text(written)
        case list():
            return [_make_value(one) for one in written]
        case dict() if next(iter(written), "").startswith("fn::"):
            (name, argument), *more = written.items()
            return _MAKERS[name](argument, **dict(more))
        case dict():
            return {key: _make_value(one) for key, one in written.items()}
    return written


def _make_text(written: str) -> Any:
    """A text with outputs in it, or an output alone."""
    if written == "${unknown}":
        return UNKNOWN
    parts: list[Any] = []
    end = 0
    for match in _PART.finditer(written):
        parts += [written[end : match.start()], output(match[1]) if match[1] else "${"]
        end = match.end()
    kept = [part for part in (*parts, written[end:]) if part != ""]
    return functools.reduce(lambda before, part: before + part, kept) if kept else ""


def _make_archive(members: Mapping[str, Any]) -> Asset:
    return Asset(members={name: _make_value(asset) for name, asset in members.items()}, archive=True)


_MAKERS: Final[Mapping[str, Callable[..., Any]]] = {
    "fn::toJSON": lambda value: Json(_make_value(value)),
    "fn::secret": lambda value: Secret(_make_value(value)),
    "fn::calls": calls,
    "fn::inSet": lambda ranges: api_programs.in_set(*ranges),
    # A long text, of parts: a text, or a text and how often it comes.
    "fn::text": lambda parts: "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts),
    "fn::stringAsset": lambda text: Asset(text=text),
    "fn::remoteArchive": lambda uri: Asset(uri=uri, archive=True),
    "fn::fileArchive": programs.folder,
    "fn::assetArchive": _make_archive,
}

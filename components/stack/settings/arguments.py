"""Keys of a stack file that are arguments of a component: text, default, allowed values and limits are the argument's.

A section names the TypedDict of the arguments and the dataclass with their defaults. A field of the same name that
states only its type gets everything else from there. `As` is for a key with another name, or of another component.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, PydanticUndefined

from ...argument_texts import texts_of
from ...argument_types import Check

_SNAKE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
# Not one that is an example of a value.
_ADDRESS = re.compile(r"(?<!`)\bhttps://\S+")
_DEFAULT = r"\s*Defaults to {}\.(?=\s|$)"


@dataclass(frozen=True)
class Source:
    """The arguments of a component, or of a part of one, and the dataclass that holds their defaults."""

    arguments: type
    defaults: type | None = None


@dataclass(frozen=True)
class As:
    """The argument that a key stands for, if its name or its component is another."""

    name: str
    source: Source | None = None


def refused(allowed: str, remedy: str = "") -> PydanticCustomError:
    """A validator's refusal, which becomes a Mistake with these words."""
    return PydanticCustomError("mistake", "{allowed}", {"allowed": allowed, "remedy": remedy})


def camel(text: str) -> str:
    """A text about arguments as a stack file spells them."""
    return _SNAKE.sub(lambda name: to_camel(name[0]), text)


def complete(name: str, field: FieldInfo, source: Source | None) -> tuple[type, str] | None:
    """Give a field what it does not state itself: its argument's default and limits. Returns the argument, if any."""
    named = next((mark for mark in field.metadata if isinstance(mark, As)), As(name))
    field.metadata = [mark for mark in field.metadata if not isinstance(mark, As)]
    source = named.source or source
    known = {one.name: one.type for one in _fields(source.arguments)} if source else {}
    if source is None or named.name not in known:
        return None
    if field.is_required() and source.defaults is not None:
        _default(field, next((own for own in _fields(source.defaults) if own.name == named.name), None))
    if not field.metadata and not _has_marks(field.annotation):
        for check in _checks(known[named.name]):
            _limit(field, check)
    return source.arguments, named.name


def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind) if is_dataclass(kind) else ()


def _default(field: FieldInfo, known: Field[Any] | None) -> None:
    if known is None:
        return
    if isinstance(known.default, tuple):
        members = known.default
        field.default, field.default_factory = PydanticUndefined, lambda: list(members)
    elif known.default is not MISSING:
        field.default = known.default
    elif known.default_factory is not MISSING:
        field.default_factory = known.default_factory


def _has_marks(annotation: Any) -> bool:
    return get_origin(annotation) is Annotated or any(_has_marks(part) for part in get_args(annotation))


def _checks(annotation: Any) -> Iterator[Check]:
    """The checks of an argument itself, not those of its members."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Annotated:
        yield from (mark for mark in get_args(annotation)[1:] if isinstance(mark, Check))


def _limit(field: FieldInfo, check: Check) -> None:
    if check.low is None and check.high is None:
        field.metadata.append(AfterValidator(functools.partial(_run, check)))
        if check.words and field.json_schema_extra is None:
            field.json_schema_extra = {"words": check.words}
        return
    if check.low is not None:
        field.metadata.append(Gt(check.low) if check.above else Ge(check.low))
    if check.high is not None:
        field.metadata.append(Le(check.high))


def _run(check: Check, value: Any) -> Any:
    try:
        if value is not None:
            check.run(value)
    except ValueError as error:
        allowed = check.words or str(error)
        raise refused(allowed, str(error).removeprefix(allowed).lstrip("; ")) from None
    return value


def text_of(arguments: type, name: str, default: object) -> str:
    """The first paragraph on an argument, without addresses, and without the default, which has a column of its own.

    Paragraphs that follow are for programs: outputs, names of resources, arguments that a topology fills in.
    """
    paragraph = texts_of(arguments).get(name, "").split("\n\n")[0]
    text = camel(" ".join(_ADDRESS.sub("", paragraph).split()))
    if default is PydanticUndefined:
        return re.sub(_DEFAULT.format(".*?"), "", text)
    members = default if isinstance(default, list) else [default]
    shown = ", ".join(str(member).lower() if isinstance(member, bool) else str(member) for member in members)
    return re.sub(_DEFAULT.format(f"`?{re.escape(shown)}`?"), "", text)

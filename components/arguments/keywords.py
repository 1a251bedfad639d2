"""Misspelt keywords of the classes that programs call are refused in the words of all other mistakes."""

import dataclasses
import functools
import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args, get_type_hints

from .errors import HIDDEN_VALUE, ArgumentError, refuse
from .reader import suggest_key


def refuse_unknown_keywords(classes: Iterable[type]) -> None:
    """Let components, and the dataclasses of their arguments, raise ArgumentError for keywords that they do not have.

    Python's own TypeError names no other keyword, and the engine prints it with a traceback.
    """
    for kind in classes:
        kind.__init__ = _check_keywords(kind, kind.__init__)  # type: ignore[misc] # for all classes in one place


def _check_keywords(kind: type, construct: Any) -> Any:
    known = [*inspect.signature(construct).parameters][1:]

    @functools.wraps(construct)
    def checked(self: Any, *args: Any, **keywords: Any) -> None:
        refuse(_find_errors(kind, construct, known, [key for key in keywords if key not in known]))
        construct(self, *args, **keywords)

    return checked


def _find_errors(kind: type, construct: Any, known: Sequence[str], unknown: Sequence[str]) -> Iterator[ArgumentError]:
    for key in unknown:
        # A value may be a secret.
        name = kind.__name__.removesuffix("Args")
        yield ArgumentError(name, key, HIDDEN_VALUE, _suggest(kind, construct, known, key))


def _suggest(kind: type, construct: Any, known: Sequence[str], key: str) -> str:
    if dataclasses.is_dataclass(kind):
        return suggest_key(key, sorted(known))
    if (near := suggest_key(key, known)).startswith("did you mean"):
        return near
    arguments: Any = next(filter(dataclasses.is_dataclass, get_args(get_type_hints(construct)["args"])))
    names = sorted(field.name for field in dataclasses.fields(arguments))
    if key in names:
        return f"write {arguments.__name__}({key}=…)"
    return f"write {arguments.__name__}(…); {suggest_key(key, names)}"

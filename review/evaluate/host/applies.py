"""Watches functions of `apply`: their errors, those that do not run, and results that a stand-in decided."""

import builtins
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import CodeType
from typing import Any

import pulumi
from pulumi.output import UNKNOWN

from .modules import replace_attributes
from .stand_in import TEXT, StandInMapping


def watch_applies(failed: Callable[[Exception], None], waiting: dict[int, Any]) -> AbstractContextManager[None]:
    """Within, `failed` is called with each error of a function that gets an output's value. `waiting` holds the
    functions that have got none."""
    apply = pulumi.Output.apply

    def applied(output: Any, func: Any, *arguments: Any, **options: Any) -> Any:
        def checked(value: Any) -> Any:
            waiting.pop(id(checked), None)
            try:
                result = func(value)
            except Exception as error:
                failed(error)
                raise
            return _remove_guesses(result) if _holds_stand_in(value) else result

        waiting[id(checked)] = func
        return apply(output, checked, *arguments, **options)

    return replace_attributes((pulumi.Output, "apply", applied))


def may_declare(function: Any, is_own: Callable[[str], bool], seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a function of the program, or one that it names, names what may be the class of a resource."""
    code = getattr(function, "__code__", None)
    if code is None or not is_own(code.co_filename) or code in seen:
        return isinstance(function, type) and issubclass(function, pulumi.Resource)
    scope = inspect.getclosurevars(function)
    values = {**scope.builtins, **scope.globals, **scope.nonlocals}
    for name in _list_names(code):
        value = values.get(name, getattr(pulumi, name, vars(builtins).get(name)))
        is_class_elsewhere = value is None and name[:1].isupper() and not name.isupper()
        if is_class_elsewhere or may_declare(value, is_own, seen | {code}):
            return True
    return False


def _list_names(code: CodeType) -> Iterator[str]:
    yield from (*code.co_names, *code.co_freevars)
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _list_names(part)


def _remove_guesses(result: Any) -> Any:
    """The result of a function that got a stand-in: unknown if the stand-in decided it and is not in it."""
    plain = isinstance(result, str | int | float | list | tuple | dict)
    return pulumi.Output.from_input(UNKNOWN) if plain and not _holds_stand_in(result) else result


def _holds_stand_in(value: Any) -> bool:
    if isinstance(value, str):
        return TEXT in value
    if isinstance(value, Mapping):
        return isinstance(value, StandInMapping) or any(map(_holds_stand_in, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_stand_in, value))

"""Every lookup of the components: it fails with the argument, its value and what to do, and without a traceback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

import pulumi

from ..arguments.errors import ArgumentError

Result = TypeVar("Result")
_NO_ERRORS: Final[Mapping[str, Exception]] = MappingProxyType({})
# The provider's words, as in internal/tfresource/not_found_error.go, and AWS's own codes.
_ABSENT: Final = re.compile(
    r"no matching|not ?found|couldn't find|returned no results|does not exist|empty result|malformed", re.IGNORECASE
)
_LONGEST: Final = 300


class LookupFailedError(pulumi.RunError):
    """A lookup that no argument decides, such as that of the region."""


@dataclass(frozen=True)
class Sought:
    """The argument that names something which exists on AWS."""

    key: str
    value: pulumi.Input[object]
    kind: str
    """A noun for messages, such as `VPC`."""


def look_up(
    call: Callable[..., pulumi.Output[Result]],
    arguments: Mapping[str, Any],
    parent: pulumi.Resource,
    *needs: str,
    sought: Sought | None = None,
    errors: Mapping[str, Exception] = _NO_ERRORS,
) -> pulumi.Output[Result]:
    """The result of a lookup function of the SDK, such as `get_vpc_output`. It must have the fields `needs`.

    If the lookup fails, it raises the error of `errors` whose key stands in the provider's message, else ArgumentError
    about what was `sought`, else LookupFailedError.
    """
    looked_up = call(**arguments, opts=pulumi.InvokeOptions(parent=parent))

    async def check() -> bool:
        try:
            result = await looked_up.future()
        except Exception as error:
            value = await pulumi.Output.from_input(sought.value).future() if sought else None
            raise _describe_failure(error, call, parent, sought, value, errors) from None
        if await looked_up.is_known():
            _require_fields(result, call, parent, needs)
        return True

    # A task, since a coroutine that a failing program leaves unawaited warns in whatever runs after it.
    known: pulumi.Output[bool] = pulumi.Output.from_input(asyncio.ensure_future(check()))
    return known.apply(lambda _: looked_up)


def look_up_now(
    call: Callable[..., Result],
    arguments: Mapping[str, Any],
    parent: pulumi.Resource | None,
    *needs: str,
    sought: Sought | None = None,
) -> Result:
    """The same for a result that decides which resources are declared. `call` is a function such as `get_vpc`."""
    try:
        result = call(**arguments, opts=pulumi.InvokeOptions(parent=parent))
    except Exception as error:
        raise _describe_failure(error, call, parent, sought, sought and sought.value, _NO_ERRORS) from None
    _require_fields(result, call, parent, needs)
    return result


def _describe_failure(
    error: Exception,
    call: Callable[..., Any],
    parent: pulumi.Resource | None,
    sought: Sought | None,
    value: object,
    errors: Mapping[str, Exception],
) -> Exception:
    if isinstance(error, pulumi.RunError):
        return error  # of a lookup before this one, whose result it takes
    text = str(error)
    if (ours := next((ours for words, ours in errors.items() if words in text), None)) is not None:
        return ours
    reason = _shorten(text)
    if sought is None:
        remedy = "check the credentials, aws:region and the connection"
        return LookupFailedError(f"{_name_component(parent)}: {_name_lookup(call)} failed: {reason}; {remedy}")
    if _ABSENT.search(reason):
        want = (
            f"AWS finds no {sought.kind} by it in the account and region of the stack ({reason}); correct "
            f"{sought.key}, aws:region or the credentials"
        )
    else:
        want = f"the {sought.kind} could not be looked up: {reason}"
    return ArgumentError(_name_component(parent), sought.key, value, want)


def _require_fields(
    result: object, call: Callable[..., Any], parent: pulumi.Resource | None, needs: tuple[str, ...]
) -> None:
    """Raises LookupFailedError for a result that only mocks give."""
    if missing := [_to_provider_name(name) for name in needs if getattr(result, name) is None]:
        raise LookupFailedError(
            f"{_name_component(parent)}: the result of {_name_lookup(call)} has no {' and no '.join(missing)}; let "
            "`call` of your Pulumi mocks return it, or use gatehouse.testing.Mocks, which returns results for all "
            "lookups of the components"
        )


def _name_component(parent: pulumi.Resource | None) -> str:
    return "Gatehouse" if parent is None else type(parent).__name__


def _name_lookup(call: Callable[..., Any]) -> str:
    """`getVpc` of `get_vpc_output`."""
    return _to_provider_name(call.__name__.removesuffix("_output"))


def _to_provider_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _shorten(text: str) -> str:
    """The provider's own sentence, which stands last: before it, the engine repeats the name of the lookup."""
    lines = [line.strip().removeprefix("* ") for line in text.splitlines() if line.strip()]
    sentence = re.sub(r"^.*(?:returned an error|invoking [\w:/]+):\s*", "", lines[-1]) if lines else "no reason given"
    return sentence[:_LONGEST] or "no reason given"

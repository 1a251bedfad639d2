"""The errors that report mistakes in a component's arguments."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import pulumi

from ..facts.documents import name_documents
from .faults import Fault

HIDDEN_VALUE: Final = "(not shown)"
"""In place of a value that is or may be a secret."""


def hide_passwords(text: str) -> str:
    """Returns a text whose URLs show no user name and no password.

    A password may have any character, so all between `://` and the last `@` goes, at worst more than the password.
    """
    return re.sub("://.*@", "://(hidden)@", text, flags=re.DOTALL)


class ArgumentError(pulumi.RunError, pulumi.InputPropertyError):
    """An argument that the caller can fix. The CLI prints only the message of a RunError, without a traceback."""

    def __init__(self, component: str, key: str, got: object, want: str) -> None:
        self.component = component
        shown = got if got == HIDDEN_VALUE else repr(list(got) if isinstance(got, tuple) else got)
        reason = f"got {hide_passwords(shown)}; {name_documents(hide_passwords(want))}"
        pulumi.InputPropertyError.__init__(self, key, reason)
        Exception.__init__(self, f"{component}: {key}: {reason}")


class ArgumentErrors(pulumi.RunError, pulumi.InputPropertiesError):
    """Several arguments that the caller can fix, shown like one."""

    def __init__(self, errors: Sequence[ArgumentError]) -> None:
        self.single = errors
        details = [
            pulumi.InputPropertyErrorDetails(property_path=error.property_path, reason=error.reason) for error in errors
        ]
        pulumi.InputPropertiesError.__init__(self, "\n".join(map(str, errors)), details)


def refuse(errors: Iterable[ArgumentError]) -> None:
    """Raises what there is: nothing, one ArgumentError, or all of them as one ArgumentErrors."""
    listed = list(errors)
    if len(listed) > 1:
        raise ArgumentErrors(listed)
    if listed:
        raise listed[0]


def as_errors(component: str, faults: Iterable[Fault]) -> Iterable[ArgumentError]:
    """Mistakes as the component reports them."""
    for key, got, allowed, remedy in faults:
        yield ArgumentError(component, key, got, f"{allowed}; {remedy}" if remedy else allowed)

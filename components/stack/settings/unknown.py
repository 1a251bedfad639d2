"""Values that are wrong by themselves, and so unknown to rules: all that needs no such value is checked beside them."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any


class NotKnownError(Exception):
    """Something needs a value that is wrong."""


class Unknown:
    """In place of a value or a section that is wrong. Every use of it in Python raises NotKnownError.

    Before functions in C, such as those of regular expressions, use `require_known`.
    """

    def __repr__(self) -> str:
        return "(wrong)"

    def _refuse(self, *_: object) -> Any:
        raise NotKnownError

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __getattr__ = __hash__ = __str__ = __format__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = __index__ = __fspath__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = __truediv__ = _refuse


@contextlib.contextmanager
def as_far_as_known() -> Iterator[None]:
    """End the block where it needs a value that is wrong."""
    with contextlib.suppress(NotKnownError):
        yield


def require_known(value: Any) -> Any:
    """Returns the value. Raises NotKnownError for one that is wrong."""
    if isinstance(value, Unknown):
        raise NotKnownError
    return value


def make_if_known(make: Callable[[], Any]) -> Any:
    """What is made, or an unknown where that needs a value that is wrong."""
    with as_far_as_known():
        return make()
    return Unknown()

"""Logical names of an API's parts. Parts that differ have names that differ.

Words are joined by `-`. In a word, every character besides letters, digits and `.` has a `_` before it, so `/a-b` is
`a_-b` and `/a/b` is `a-b`. A path variable is `variable`, independent of its own name: a renamed variable changes its
resources in place, since API Gateway refuses the new route while the old one exists. Text that equals one of our
own words has a `_` before it.
"""

import re
from typing import Final

from .routes import PROXY_PART, Operation

_ROOT: Final = "root"
_BELOW: Final = "proxy"
_VARIABLE: Final = "variable"


def joined(*texts: str) -> str:
    """Several names as one: `a`, `b-c` is `a-b_-c`."""
    return "-".join(map(_escaped, texts))


def of_path(path: str) -> str:
    """A path as a part of a logical name: `/orders/{id}/{proxy+}` is `orders-variable-proxy`."""
    return "-".join([_of_part(part) for part in path.split("/") if part] or [_ROOT])


def of_operation(operation: Operation) -> str:
    """A path with its method: `get-orders-proxy`."""
    return f"{operation.method.lower()}-{of_path(operation.path)}"


def _of_part(part: str) -> str:
    if part == PROXY_PART:
        return _BELOW
    if part.startswith("{"):
        return _VARIABLE
    return f"_{part}" if part in (_ROOT, _BELOW, _VARIABLE) else _escaped(part)


def _escaped(text: str) -> str:
    return re.sub(r"([^A-Za-z0-9.])", r"_\1", text)

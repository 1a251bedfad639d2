"""Logical names of an API's parts. Parts that differ have names that differ.

Words are joined by `-`. In a word, every character besides letters, digits and `.` has a `_` before it, so `/a-b` is
`a_-b` and `/a/b` is `a-b`. A path variable is `variable`, independent of its own name: a renamed variable changes its
resources in place, since API Gateway refuses the new route while the old one exists. Text that equals one of our
own words has a `_` before it.
"""

import re
from typing import Final

from ..facts.route_paths import PROXY_PART
from .route_operations import Operation

_ROOT: Final = "root"
_BELOW: Final = "proxy"
_VARIABLE: Final = "variable"


def join_names(*texts: str) -> str:
    """Joins names: `a` and `b-c` become `a-b_-c`."""
    return "-".join(map(_escape, texts))


def name_path(path: str) -> str:
    """Names a path in a logical name: `/orders/{id}/{proxy+}` becomes `orders-variable-proxy`."""
    return "-".join([_name_part(part) for part in path.split("/") if part] or [_ROOT])


def name_operation(operation: Operation) -> str:
    """Names a path with its method: `get-orders-proxy`."""
    return f"{operation.method.lower()}-{name_path(operation.path)}"


def _name_part(part: str) -> str:
    if part == PROXY_PART:
        return _BELOW
    if part.startswith("{"):
        return _VARIABLE
    return f"_{part}" if part in (_ROOT, _BELOW, _VARIABLE) else _escape(part)


def _escape(text: str) -> str:
    return re.sub(r"([^A-Za-z0-9.])", r"_\1", text)

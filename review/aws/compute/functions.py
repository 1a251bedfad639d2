"""Lambda functions: what each declares, and AWS's defaults.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
"""

from collections.abc import Mapping
from typing import Any, Final

from ...graph import Resource
from ...graph.reading import as_integer, as_list, as_mapping, as_number, as_text, get_declared_input

DEFAULT_MEMORY: Final = 128
"""Megabytes."""
DEFAULT_TIMEOUT: Final = 3
"""Seconds."""
DEFAULT_DISK: Final = 512
"""Megabytes of the temporary disk, which cost nothing."""


def find_memory(function: Resource) -> float | None:
    """Megabytes; None if that is not known."""
    return _read_number(function, "memorySize", DEFAULT_MEMORY)


def find_timeout(function: Resource) -> float | None:
    """Seconds; None if that is not known."""
    return _read_number(function, "timeout", DEFAULT_TIMEOUT)


def find_temporary_disk(function: Resource) -> float | None:
    """Megabytes; None if that is not known."""
    value = get_declared_input(function, "ephemeralStorage", "size")
    return DEFAULT_DISK if value is None else as_number(value)


def find_architecture(function: Resource) -> str:
    """`arm64` or `x86_64`."""
    return as_text(next(iter(as_list(get_declared_input(function, "architectures"))), "")) or "x86_64"


def find_reserved_concurrency(function: Resource) -> int | None:
    """How many calls may run at once; None if nothing limits them, or that is not known."""
    count = as_integer(get_declared_input(function, "reservedConcurrentExecutions"))
    return count if count is not None and count >= 0 else None


def read_environment(function: Resource | None) -> Mapping[str, Any]:
    """Its environment variables, as far as they are known; none of no function."""
    return as_mapping(get_declared_input(function, "environment", "variables")) if function is not None else {}


def _read_number(function: Resource, key: str, default: float) -> float | None:
    value = get_declared_input(function, key)
    return default if value is None else as_number(value)

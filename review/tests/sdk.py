"""What several tests of the review ask of the installed SDK."""

import importlib
from contextlib import suppress
from functools import cache
from typing import Any

from review.evaluate.host.types import properties
from review.evaluate.mocks.sdk_types import tell


def sdk_class(token: str, suffix: str = "") -> Any:
    """The SDK's class of a type or, with a suffix, of a lookup's result."""
    package, module, name = token.split(":")
    folder = module.partition("/")[0]
    home = f"pulumi_{package}" if folder == "index" else f"pulumi_{package}.{folder}"
    kind = f"{name[0].upper()}{name[1:]}{suffix}"
    try:
        return getattr(importlib.import_module(home), kind)
    except (ImportError, AttributeError):
        return getattr(importlib.import_module(f"{home}_"), kind)


def sdk_names(token: str) -> set[str]:
    """Every property of a type, as written on the wire."""
    return set(properties(sdk_class(token)))


@cache
def load_class(token: str) -> None:
    """Tell what a program's process does of a type, so that outputs do not depend on the programs of other tests."""
    with suppress(ImportError, AttributeError):
        tell(token, properties(sdk_class(token)), {})

"""What several tests of the review ask of the installed SDK."""

import importlib
from typing import Any

from pulumi._types import input_type_py_to_pulumi_names

from review.evaluate.host.types import list_properties


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
    return set(list_properties(sdk_class(token)))


def sdk_inputs(token: str) -> set[str]:
    """Every input of a type, as written on the wire."""
    return {*input_type_py_to_pulumi_names(sdk_class(token, "Args")).values()}

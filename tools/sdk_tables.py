"""The tables that the review has of the installed pulumi-aws: types and defaults of the inputs that it reads.

The review itself does not ask the SDK: a program's environment may have another version of it, or none.
"""

import inspect
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pulumi._types import input_type_py_to_pulumi_names

from review.aws.catalog import catalog
from review.evaluate.host.types import list_properties
from review.tests.helpers.sdk_classes import sdk_class

FOLDER: Final = Path(catalog.__file__).parent
_PARAMETER: Final = re.compile(r"^:param [^:]*? (\w+): (.*?)(?=^:param|\Z)", re.MULTILINE | re.DOTALL)
_DEFAULT: Final = re.compile(
    r"(?:\bDefaults?(?: value)?(?: to| is|:)?|[Tt]he default(?: value)? is|[,;] defaults to)"
    r" (?:`\"?([^`\"]+)\"?`|(true|false|\d+))(?! (?:if(?! not set)|for|when|unless|in|on)\b)"
)
"""A default in a docstring, unless it depends on something: Defaults to `true`."""


def build_tables() -> dict[str, dict[str, dict[str, str]]]:
    """Returns the content of each file by its name."""
    tokens = sorted(token for token in catalog.ROWS if token.startswith("aws:"))
    defaults = {token: dict(_list_defaults(token)) for token in tokens}
    return {
        "input_types": {token: _read_types(token) for token in tokens},
        "defaults": {token: row for token, row in defaults.items() if row},
    }


def list_inputs(token: str) -> set[str]:
    """Inputs of a type; a block of another type may have the shorter name of the class."""
    with suppress(ImportError, AttributeError):
        return {*input_type_py_to_pulumi_names(sdk_class(token, "InitArgs")).values()}
    return {*input_type_py_to_pulumi_names(sdk_class(token, "Args")).values()}


def _read_types(token: str) -> dict[str, str]:
    """Inputs with their types, empty for one that is not plain: a program's own claims of them may be false."""
    kinds = list_properties(sdk_class(token))
    return {name: kinds[name] for name in sorted(list_inputs(token)) if name in kinds}


def _list_defaults(token: str) -> Iterator[tuple[str, str]]:
    arguments: Any = sdk_class(token, "Args")
    names = input_type_py_to_pulumi_names(arguments)
    texts = dict(_PARAMETER.findall(inspect.getdoc(arguments.__init__) or ""))
    for name, text in sorted(texts.items()):
        if found := _DEFAULT.search(" ".join(text.split())):
            yield names[name] or name, found[1] or found[2]


def format_table(table: dict[str, dict[str, str]]) -> str:
    """One line for each type."""
    rows = ",\n".join(f" {json.dumps(token)}: {json.dumps(row)}" for token, row in table.items())
    return f"{{\n{rows}\n}}\n"


def build_texts() -> dict[Path, str]:
    """The files with their texts."""
    return {FOLDER / f"{name}.json": format_table(table) for name, table in build_tables().items()}

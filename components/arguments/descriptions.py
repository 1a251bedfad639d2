"""The texts below the fields of arguments, which Python does not keep."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import is_dataclass


@functools.cache
def read_field_texts(arguments: type) -> Mapping[str, str]:
    """Returns the texts by field, with those of its bases."""
    texts: dict[str, str] = {}
    for base in filter(is_dataclass, reversed(arguments.__mro__)):
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(definition, ast.ClassDef)
        for field, text in zip(definition.body, definition.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                assert isinstance(text.value, ast.Constant)
                assert isinstance(text.value.value, str)
                texts[field.target.id] = inspect.cleandoc(text.value.value)
    return texts

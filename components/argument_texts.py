"""The texts below the keys of a TypedDict of arguments, which Python does not keep."""

import ast
import functools
import inspect
import sys
import textwrap
from collections.abc import Mapping
from typing import is_typeddict


@functools.cache
def texts_of(arguments: type) -> Mapping[str, str]:
    """The texts by key, with those of its bases, which Python 3.11 does not keep either."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(arguments))).body
    assert isinstance(definition, ast.ClassDef)
    names = vars(sys.modules[arguments.__module__])
    bases = (names[base.id] for base in definition.bases if isinstance(base, ast.Name))
    texts = {key: text for base in bases if is_typeddict(base) for key, text in texts_of(base).items()}
    for key, text in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name) and isinstance(text, ast.Expr):
            assert isinstance(text.value, ast.Constant)
            assert isinstance(text.value.value, str)
            texts[key.target.id] = inspect.cleandoc(text.value.value)
    return texts

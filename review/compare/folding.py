"""Equal differences written once: `each of 200 methods: …` in place of 200 lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ..graph.graph import grouped

_METHOD: Final = re.compile(
    r"body\.paths\./.*?\.(?:get|head|post|put|patch|delete|options|x-amazon-apigateway-any-method)\.(?P<rest>.+)"
)
"""The name of an input inside one method of an API's definition."""


def folded(properties: Iterable[tuple[str, str]]) -> list[str]:
    """Lines of differing inputs, given as name and what it was and is. Methods of an API that differ alike are one."""
    found = ((name, _METHOD.fullmatch(name), text) for name, text in properties)
    groups = grouped(((inside["rest"] if inside else name, text), name) for name, inside, text in found)
    return [
        f"{names[0]}: {text}" if len(names) == 1 else f"each of {len(names)} methods: {name}: {text}"
        for (name, text), names in groups.items()
    ]

"""Paths of API Gateway routes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

import re
from typing import Final

PROXY_PART: Final = "{proxy+}"
"""API Gateway's name for everything under a path."""

_PART: Final = r"(?:[A-Za-z0-9._~:-]+|\{[A-Za-z0-9._-]+\})"
_PATH: Final = re.compile(rf"/|(?:/{_PART})+|(?:/{_PART})*/{re.escape(PROXY_PART)}")


def check_path(path: str) -> None:
    """Raises ValueError for a path that no route can have."""
    if not _PATH.fullmatch(path):
        raise ValueError("a path such as /forward or /orders/{id}")
    names = variables(path)
    if "proxy" in names and not path.endswith(PROXY_PART):
        raise ValueError("another name than {proxy}, which is API Gateway's for everything under a path")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"each variable of a path once: {{{name}}} is in it twice")


def variables(path: str) -> list[str]:
    """Names of the variables of a path, in order."""
    return [part.strip("{}+") for part in path.split("/") if part.startswith("{")]

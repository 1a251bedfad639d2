"""Inputs that `ignore_changes` lists, which no update changes, so that AWS may hold another value.

https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
"""

import functools
import re
from collections.abc import Iterable
from typing import Final

from ..recording.resources import Resource

_ROOT: Final = re.compile(r'(?:\["?)?([^."[\]]*)')


def is_ignored(resource: Resource, key: str) -> bool:
    """Whether no update changes this input."""
    return bool({key, "*"} & _list_cached_root_keys(resource.options.ignore_changes))


def list_root_keys(paths: Iterable[str]) -> list[str]:
    """`ingress` of `ingress[0].cidrBlocks` and of `["ingress"]`."""
    return [match[1] for path in paths if (match := _ROOT.match(path))]


@functools.lru_cache
def _list_cached_root_keys(paths: tuple[str, ...]) -> frozenset[str]:
    return frozenset(list_root_keys(paths))

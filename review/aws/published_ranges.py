"""Address ranges that others publish, from the components' one dated file.

The file is read, and the components are not imported: a reviewed program may have a `components` of its own, and
importing ours would load most of the AWS SDK.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping

from .component_facts import COMPONENTS

_FILE = COMPONENTS / "api" / "address_lists.json"


@functools.cache
def published() -> Mapping[str, frozenset[str]]:
    """Ranges by the name of their list: `github-hooks`."""
    lists = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: frozenset(entry["ranges"]) for name, entry in lists.items()}

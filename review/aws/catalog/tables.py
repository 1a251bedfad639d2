"""Tables of inputs, types and words, which this folder has as JSON."""

import functools
import json
from pathlib import Path
from typing import Any


@functools.cache
def load_table(name: str) -> Any:
    """The content of a file of the catalog by its name, such as `defaults`."""
    return load_table_beside(__file__, name)


def load_table_beside(module: str, name: str) -> Any:
    """The content of a JSON file beside a module."""
    return json.loads(Path(module).with_name(f"{name}.json").read_text(encoding="utf-8"))

"""Tables of tests that are written in YAML."""

from pathlib import Path
from typing import Any

import yaml


def read_table(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)

"""Facts of AWS that tracing needs, by the part that reads them, from tables.json."""

import json
import pathlib
from typing import Any, Final

TABLES: Final[dict[str, Any]] = json.loads(pathlib.Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

"""Inputs whose change lets in no caller and keeps none out, and types of which every other input may do either."""

import json
import re
from pathlib import Path
from typing import Final

from ...aws.catalog import catalog

_TABLE: Final = json.loads(Path(catalog.__file__).with_name("caller_inputs.json").read_text(encoding="utf-8"))
QUIET: Final = re.compile("|".join(one for patterns in _TABLE["quiet"].values() for one in patterns))
"""Type, dot and path of an input, lists without indexes."""
DECIDING: Final = tuple(_TABLE["deciding"])
"""Types that decide on callers: what only rules and prices read of them is not judged."""
NOT_READ: Final = tuple(_TABLE["notRead"])
"""Types that decide on callers by inputs whose effect nothing here knows."""
COUNTING: Final = tuple(_TABLE["counting"])
"""Types of which a resource more, or one fewer, may decide on callers in a way that nothing here knows."""
NAMED: Final = tuple(_TABLE["named"])
"""Inputs of any type that decide on callers."""

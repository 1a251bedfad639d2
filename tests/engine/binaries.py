"""The Pulumi CLI, which `make engine` needs and this project does not ship.

`python3 -m tests.engine.binaries` looks for it before anything is installed, so it uses the standard library only.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def find_pulumi() -> Path | None:
    """Returns the path of the CLI: GATEHOUSE_PULUMI, or the first on PATH. None if there is none."""
    found = os.environ.get("GATEHOUSE_PULUMI") or shutil.which("pulumi")
    return Path(found).resolve() if found else None


def main() -> int:
    """Returns 2 and prints how to get the CLI, if it is missing."""
    if find_pulumi():
        return 0
    sys.stderr.write(
        "this needs the Pulumi CLI: https://www.pulumi.com/docs/install/ (on PATH, or its path in GATEHOUSE_PULUMI)\n"
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())

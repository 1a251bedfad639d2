"""The instance types and Lambda runtimes that AWS has, from the API models of the pinned botocore.

`python -m tools.aws_names` writes them; `--check` writes nothing, and fails if they are out of date.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from botocore.loaders import Loader

FILE: Final = Path(__file__).parents[1] / "components" / "facts" / "aws_names.json"


def build_names() -> dict[str, Any]:
    """Returns sizes by family, and runtimes."""
    families: dict[str, list[str]] = defaultdict(list)
    for name in _list_values("ec2", "InstanceType"):
        family, _, size = name.partition(".")
        families[family].append(size)
    return {
        "runtimes": " ".join(sorted(_list_values("lambda", "Runtime"))),
        "instance types": {family: " ".join(sorted(sizes)) for family, sizes in sorted(families.items())},
    }


def _list_values(service: str, shape: str) -> list[str]:
    values: list[str] = Loader().load_service_model(service, "service-2")["shapes"][shape]["enum"]
    return values


def main() -> int:
    """Writes the file, or says with `--check` that it is out of date."""
    text = json.dumps(build_names(), indent=1) + "\n"
    if FILE.exists() and FILE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv:
        sys.stderr.write("components/facts/aws_names.json is out of date: run `make docs`\n")
        return 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

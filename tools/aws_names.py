"""The instance types and Lambda runtimes that AWS has, from the API models of the pinned botocore."""

import json
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


def build_texts() -> dict[Path, str]:
    """The file with its text."""
    return {FILE: json.dumps(build_names(), indent=1) + "\n"}

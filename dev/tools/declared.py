"""Prints the resources that every stack of a checkout declares, to compare two checkouts.

`python dev/tools/declared.py [CHECKOUT] > after.jsonl` prints one JSON line for each resource, in the order of their
URNs: stack, URN, type and inputs. Compare two such files with `diff`.
"""

import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any


def declared(root: Path) -> Iterator[dict[str, Any]]:
    """The resources of every stack file of the checkout, by the code of that checkout."""
    sys.path.insert(0, str(root))
    project_file, stack_file, runner = (
        importlib.import_module(f"review.evaluate.{name}") for name in ("project_file", "stack_file", "runner")
    )
    project = project_file.load(root)
    names = sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))
    examples = sorted(str(path.relative_to(root)) for path in root.glob("examples/*.yaml"))
    for name in (*names, *examples):
        graph = runner.run(project, stack_file.read_stack(project, name), reimport=False)
        for urn, resource in sorted(graph.resources.items()):
            yield {"stack": name, "urn": urn, "type": resource.type, "inputs": plain(resource.inputs, str(root))}


def plain(value: Any, root: str) -> Any:
    """The value as JSON has it, without the checkout's own path."""
    if isinstance(value, Enum):
        return plain(value.value, root)
    if isinstance(value, Mapping):
        return {str(key): plain(one, root) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one, root) for one in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    if hasattr(value, "archive"):
        return Path(value.path).name  # an asset; each run writes the forwarder's archive into a folder of its own
    return (value if isinstance(value, str) else repr(value)).replace(root, "CHECKOUT")


def main(arguments: Sequence[str]) -> None:
    """Prints the lines."""
    for line in declared(Path(arguments[0] if arguments else ".").resolve()):
        print(json.dumps(line, sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1:])

"""`--permissions`: the policies of a stack as files, and what to know before attaching them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..graph.prose import printable

_PURPOSES: Final = {
    "up": "`pulumi up` and `pulumi destroy`",
    "preview": "`pulumi preview`",
    "refresh": "`pulumi preview --refresh`",
}
_NOT_INCLUDED: Final = "not included: the backend of the state, and the KMS key of the stack's secrets"


def written(document: Mapping[str, Any], folder: Path, stack: str) -> dict[str, list[Path]]:
    """The files by purpose: each policy is in one of its own, and those of an earlier run for the stack are deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    earlier = re.compile(rf"{re.escape(stack)}-(?:{'|'.join(_PURPOSES)})-\d+\.json")
    for path in folder.iterdir():
        if earlier.fullmatch(path.name):
            path.unlink()
    files: dict[str, list[Path]] = {}
    for purpose in _PURPOSES:
        for number, policy in enumerate(document[purpose], start=1):
            path = folder / f"{stack}-{purpose}-{number}.json"
            path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
            files.setdefault(purpose, []).append(path)
    return files


def summary(document: Mapping[str, Any], files: Mapping[str, list[Path]], title: str) -> str:
    """The files, and what no policy allows."""
    width = max(map(len, _PURPOSES.values()))
    lines = [f"{_PURPOSES[purpose]:{width}}  {' '.join(map(str, paths))}" for purpose, paths in files.items()]
    lines += [f"not known: {one}" for one in document["not_known"]]
    lines.append(_NOT_INCLUDED)
    if wait := document["longest_wait"]:
        lines.append(f"the longest time limit of a resource is {wait / 60:g} minutes: a session must last longer")
    return "\n".join(map(printable, [title, *(f"  {line}" for line in lines)]))

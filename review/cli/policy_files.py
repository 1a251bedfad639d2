"""`--permissions`: the policies of a stack as files, and what to know before attaching them."""

import json
import re
from pathlib import Path
from typing import Final

from ..permissions import Permissions

_PURPOSES: Final = {
    "up": "`pulumi up` and `pulumi destroy`",
    "preview": "`pulumi preview`",
    "refresh": "`pulumi preview --refresh`",
}
_NOT_INCLUDED: Final = "not included: the backend of the state, and the KMS key of the stack's secrets"


def written(found: Permissions, folder: Path, stack: str) -> list[str]:
    """Write each policy into a file, in place of those of an earlier run for the stack. Lines on files and gaps."""
    folder.mkdir(parents=True, exist_ok=True)
    earlier = re.compile(rf"{re.escape(stack)}-(?:{'|'.join(_PURPOSES)})-\d+\.json")
    for path in folder.iterdir():
        if earlier.fullmatch(path.name):
            path.unlink()
    lines, width = [], max(map(len, _PURPOSES.values()))
    for purpose, words in _PURPOSES.items():
        files = {
            folder / f"{stack}-{purpose}-{number}.json": one for number, one in enumerate(getattr(found, purpose), 1)
        }
        for path, policy in files.items():
            path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        lines += [f"{words:{width}}  {' '.join(map(str, files))}"] if files else []
    lines += [*(f"not known: {one}" for one in found.not_known), _NOT_INCLUDED]
    if wait := found.longest_wait:
        lines.append(f"the longest time limit of a resource is {wait / 60:g} minutes: a session must last longer")
    return lines

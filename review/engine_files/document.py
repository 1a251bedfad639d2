"""Reading a file that the CLI wrote, with one clear message for a file that is another one."""

import json
import sys
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from ..graph.json_text import parsed

STDIN: Final = "-"
PREVIEW: Final = "pulumi preview --json --show-sames --show-replacement-steps"
EXPORT: Final = "pulumi stack export"


class EngineFileError(ValueError):
    """A plan or a state that cannot be reviewed. The message has the file, the reason and what to do."""


def read_document(file: str, command: str) -> Mapping[str, Any]:
    """The JSON object in a file, or in the standard input for `-`, which `command` writes.

    Raises EngineFileError. The message has no text of the file, which may be secret.
    """
    name = "standard input" if file == STDIN else file
    try:
        if file == STDIN:
            content = sys.stdin.buffer.read()
        else:
            with open(file, "rb") as opened:  # noqa: PTH123 (a name as the user gives it, `/dev/stdin` as well)
                content = opened.read()
    except OSError as error:
        raise EngineFileError(f"{name}: {error.strerror}") from None
    try:
        found = _parsed(_text(content))
    except ValueError as error:
        raise EngineFileError(f"{name}: {_fault(content, error)}; write it with `{command}`") from None
    if not isinstance(found, Mapping):
        raise EngineFileError(f"{name}: it is JSON, but no object; write it with `{command}`")
    return found


def _parsed(written: str) -> Any:
    """Raises ValueError, also for half a character, which no report can hold."""
    found = parsed(written)
    if "\\ud" in written.lower():
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _text(content: bytes) -> str:
    # PowerShell's `>` writes UTF-16, or UTF-8 with a mark.
    return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def _fault(content: bytes, error: Exception) -> str:
    if not content.strip():
        return "it is empty"
    if content[:2] == b"\x1f\x8b":
        return "it is compressed: unpack it with gunzip first"
    if not isinstance(error, json.JSONDecodeError):
        return "it is no JSON text"
    if content.lstrip()[:1] not in b"{[":
        return "it is not JSON"
    if error.msg == "Extra data":
        return "it is a stream of events: unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
    return f"the JSON ends or breaks in line {error.lineno}, so it is truncated or damaged"


def refuse(file: str, reason: str) -> NoReturn:
    raise EngineFileError(f"{'standard input' if file == STDIN else file}: {reason}")

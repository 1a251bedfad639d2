"""Reading a file that the CLI wrote, with one clear message for a file that is another one."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import jsonschema

from ..graph.json_text import DuplicateKeyError, parsed

STDIN: Final = "-"
PREVIEW: Final = "pulumi preview --json --show-sames --show-replacement-steps"
REFRESH: Final = "pulumi refresh --preview-only --json --non-interactive"
EXPORT: Final = "pulumi stack export"


class EngineFileError(ValueError):
    """A plan or a state that cannot be reviewed. The message has the file, the reason and what to do."""


def refuse(file: str, reason: str) -> NoReturn:
    raise EngineFileError(f"{'standard input' if file == STDIN else file}: {reason}")


def read_document(file: str, kind: str, command: str, content: bytes | None = None) -> Mapping[str, Any]:
    """The plan or state in a file, or in the standard input for `-`, which `command` writes; or its `content`.

    Raises EngineFileError. The message has no value of the file, which may be secret.
    """
    try:
        if content is None:
            content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        refuse(file, str(error.strerror))
    try:
        found = _parsed(content)
    except ValueError as error:
        refuse(file, f"{_fault(content, error)}; write a {kind} with `{command}`")
    schema = json.loads(Path(__file__).with_name("format.schema.json").read_text(encoding="utf-8"))
    if misfit := next(jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{kind}"}).iter_errors(found), None):
        expected = misfit.schema.get("description", "as the CLI writes it: it is damaged or of another format")
        place = misfit.json_path.removeprefix("$").removeprefix(".")
        refuse(file, f"{place or 'it'} is not {expected}; write a {kind} with `{command}`")
    return found  # type: ignore[no-any-return] # the schema has checked it


def _parsed(content: bytes) -> Any:
    """Raises ValueError, also for half a character, which no report can hold, and for a key that is there twice."""
    # PowerShell's `>` writes UTF-16, or UTF-8 with a mark.
    written = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    document = parsed(written, unique=True)
    json.dumps(document, ensure_ascii=False).encode()
    return document


def _fault(content: bytes, error: Exception) -> str:
    if not content.strip():
        return "it is empty"
    if isinstance(error, DuplicateKeyError):
        return "an object in it has a key twice, which no CLI writes"
    if not isinstance(error, json.JSONDecodeError) or content.lstrip()[:1] not in b"{[":
        return "it is no JSON text"
    if error.msg == "Extra data":
        return "it is a stream of events: unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
    return f"the JSON ends or breaks in line {error.lineno}, so it is truncated or damaged"

"""Reading what the CLI wrote, with one clear message for a file that is another one."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import jsonschema

from ..graph.json_parsing import parse_json

STDIN: Final = "-"
PREVIEW: Final = "pulumi preview --json --show-sames --show-replacement-steps"
REFRESH: Final = "pulumi refresh --preview-only --json --non-interactive"


class PlanFileError(ValueError):
    """A plan or a refresh that cannot be read. The message has the file, the reason and what to do."""


def refuse(file: str, reason: str) -> NoReturn:
    raise PlanFileError(f"{'standard input' if file == STDIN else file}: {reason}")


def read_document(file: str, command: str, content: bytes | None = None) -> Mapping[str, Any]:
    """The document in a file, or in the standard input for `-`, which `command` writes; or its `content`.

    Raises PlanFileError. The message has no value of the file, which may be secret.
    """
    try:
        if content is None:
            content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
        document = _parse(content)
    except OSError as error:
        refuse(file, str(error.strerror))
    except ValueError:
        refuse(file, f"it is empty, or no whole JSON document; write it with `{command}`")
    schema = json.loads(Path(__file__).with_name("format.schema.json").read_text(encoding="utf-8"))
    if misfit := next(jsonschema.Draft202012Validator({**schema, "$ref": "#/$defs/plan"}).iter_errors(document), None):
        expected = misfit.schema.get("description", "as the CLI writes it: it is damaged or of another format")
        place = misfit.json_path.removeprefix("$").removeprefix(".")
        refuse(file, f"{place or 'it'} is not {expected}; write it with `{command}`")
    return document  # type: ignore[no-any-return] # the schema has checked it


def _parse(content: bytes) -> Any:
    """Raises ValueError, also for half a character, which no report can hold, and for a key that is there twice."""
    # PowerShell's `>` writes UTF-16, or UTF-8 with a mark.
    written = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    document = parse_json(written, unique=True)
    json.dumps(document, ensure_ascii=False).encode()
    return document

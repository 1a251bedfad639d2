"""Scripts that run when an instance first boots, kept as real files of shell or Python and completed with values.

A rendered script is: the values, quoted for the shell, as variables; what the scripts share; the script itself. So
nothing that a value holds is ever read as shell, and each file can be checked and run by itself.
"""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ..facts import limits

Value = str | Sequence[str]
"""A variable's text, or the elements of an array."""

_FOLDER: Final = Path(__file__).parent
_SHEBANG: Final = "#!/bin/bash\n"
# https://docs.cloud-init.io/en/latest/explanation/format.html
_KINDS: Final = (
    "#!",
    "#cloud-config",
    "#cloud-boothook",
    "#include",
    "#part-handler",
    "## template: jinja",
    "Content-Type:",
    "MIME-Version:",
)
_SETTINGS: Final = "SETTINGS: Any = None\n"
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*")


def render(script: str, values: Mapping[str, Value], *before: str) -> str:
    """The file `script` of this folder with `values` as its variables, fit for `user_data`. Files `before` it run
    first.

    Raises ValueError when it is longer than user data may be.
    """
    variables = [_assign(name, value) for name, value in values.items()]
    parts = [_SHEBANG, *variables, *map(read_part, ("common.sh", *before, script))]
    text = "".join(parts)
    check_size(text)
    return text


def render_script(script: str, values: Mapping[str, Value]) -> str:
    """A script that another one installs: the file with `values` as its variables, and nothing shared."""
    return "".join([_SHEBANG, *(_assign(name, value) for name, value in values.items()), read_part(script)])


def render_program(program: str, settings: Mapping[str, object]) -> str:
    """A Python program that a script installs: the file with `settings` in it, which are texts, lists and mappings."""
    text = (_FOLDER / program).read_text()
    # JSON of these is Python as well.
    filled = text.replace(_SETTINGS, f"SETTINGS: Any = {json.dumps(settings, ensure_ascii=False)}\n")
    if filled == text:
        raise ValueError(f"{program} has no line for its settings")
    return filled


def read_part(file: str) -> str:
    """Returns a file of this folder, without the line that names its shell."""
    return (_FOLDER / file).read_text().removeprefix(_SHEBANG)


def check_size(text: str) -> None:
    """Raises ValueError for user data that EC2 would refuse."""
    size = len(text.encode())
    if size > limits.USER_DATA_BYTES:
        raise ValueError(
            f"user data of {size} bytes; EC2 takes {limits.USER_DATA_BYTES}: keep long values in S3 or SSM"
        )


def check_kind(text: str) -> None:
    """Raises ValueError for user data that cloud-init on Amazon Linux would ignore."""
    if not text.startswith(_KINDS):
        raise ValueError(
            f"cloud-init ignores what begins with none of {', '.join(_KINDS)}: begin a script with #!/bin/bash"
        )


def _assign(name: str, value: Value) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a variable of a script")
    if isinstance(value, str):
        return f"{name}={shlex.quote(value)}\n"
    return f"{name}=({' '.join(map(shlex.quote, value))})\n"

"""Messages and marks of the engine's protocol, from files of the SDK: to import all of it takes half of a second."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

_SDK: Final[Any] = find_spec("pulumi")
_RUNTIME: Final = Path(_SDK.origin).parent / "runtime"
__path__: Final = [str(_RUNTIME / "proto")]  # in which modules of this one are found, such as `resource_pb2`

_MARK: Final = re.compile(r"""(?m)^(\w+)(?:: .*)? = ["']([\da-f-]{32,})["']$""")
_MARKS: Final = dict(_MARK.findall((_RUNTIME / "rpc.py").read_text(encoding="utf-8")))
"""By its name in the SDK."""
UNKNOWN: Final = _MARKS["UNKNOWN"]
KEY: Final = _MARKS["_special_sig_key"]  # of a mapping that has one of these in place of its type
SECRET: Final = _MARKS["_special_secret_sig"]
ASSET: Final = _MARKS["_special_asset_sig"]
ARCHIVE: Final = _MARKS["_special_archive_sig"]
RESOURCE: Final = _MARKS["_special_resource_sig"]
UNKNOWN_TEXT: Final = f"unknown-{UNKNOWN}"
"""Text that a program can pass on and format, and that the graph reads as unknown, also inside other text. Not the
SDK's own marker, which a plain (not `_output`) lookup would turn into None before the program sees it.
"""

CLAIM_METHOD: Final = "/gatehouse.Program/Tell"  # our method beside the engine's, which takes claims, as JSON


class CallError(Exception):
    """A call of the protocol that the engine would refuse. The program gets the message."""


if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...

"""Marks of the engine's protocol in values.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
"""

from typing import Final

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_TEXT: Final = f"unknown-{UNKNOWN}"
"""Text that a program can pass on and format, and that the graph reads as unknown, also inside other text. Not the
SDK's own marker, which a plain (not `_output`) lookup would turn into None before the program sees it.
"""
KEY: Final = "4dabf18193072939515e22adb298388d"  # of a mapping that has one of these in place of its type
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 # a mark
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"

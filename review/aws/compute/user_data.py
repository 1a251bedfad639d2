"""Boot scripts, as an instance or a launch template holds them."""

import base64
import binascii
from typing import Final

INPUTS: Final = ("userData", "userDataBase64")
"""Inputs that hold a boot script."""


def decode_script(script: str) -> str:
    """User data as text, where it came in base64, in one line or in several."""
    try:
        return base64.b64decode("".join(script.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return script

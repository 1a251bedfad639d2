"""Arguments that no message shows, and encrypted texts of stack files."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import pulumi

from ..facts.limits import API_KEY_CHARACTERS, WEBHOOK_SECRET_CHARACTERS
from .marks import SECRET, After, Check, RefusedError

_API_KEY: Final = f"{min(API_KEY_CHARACTERS)} to {max(API_KEY_CHARACTERS)} letters and digits"
IN_PLAIN: Final = "an encrypted text, not one in plain"
"""What is allowed in place of a secret that anybody can read in the file."""
BLANK: Final = "an encrypted text that is neither empty nor blank"
"""What is allowed in place of a secret that anybody can guess."""


_GENERATE: Final = "`openssl rand -hex 32` makes one; set it at the sender too"


def _check_not_blank(value: object) -> None:
    if not (isinstance(value, str) and value.strip()):
        raise ValueError("a text that is neither empty nor blank: see whether the key or variable it comes from is set")


def check_secret(value: str) -> None:
    """Raises ValueError for a secret that can be guessed: an empty, a blank or a short one."""
    _check_not_blank(value)

    if len(value) < WEBHOOK_SECRET_CHARACTERS:
        raise RefusedError(f"a text of {WEBHOOK_SECRET_CHARACTERS} characters or more", _GENERATE)


def _check_api_key(value: str) -> None:
    _check_not_blank(value)
    if len(value) not in API_KEY_CHARACTERS or not value.isalnum():
        raise ValueError(f"a text of {_API_KEY}")


def _read_encrypted(value: object, _section: Mapping[str, Any], encrypted: bool) -> pulumi.Output[str]:
    """Text from an encrypted key, as a secret Output; text in plain is refused."""
    if not isinstance(value, str) or not encrypted:
        raise RefusedError(IN_PLAIN)
    if not value.strip():
        raise RefusedError(BLANK)
    if len(value) < WEBHOOK_SECRET_CHARACTERS:
        raise RefusedError(f"an encrypted text of {WEBHOOK_SECRET_CHARACTERS} characters or more", _GENERATE)
    return pulumi.Output.secret(value)


def _read_encrypted_api_key(value: object, section: Mapping[str, Any], encrypted: bool) -> pulumi.Output[str]:
    """Returns an API key's value; AWS takes 20 to 128 characters."""
    if isinstance(value, str) and (len(value) not in API_KEY_CHARACTERS or not value.isalnum()):
        raise RefusedError(f"an encrypted text of {_API_KEY}")
    return _read_encrypted(value, section, encrypted)


SecretText = Annotated[pulumi.Input[str], SECRET]
SharedSecret = Annotated[pulumi.Input[str], SECRET, Check(check_secret)]
"""A secret that callers prove to have."""
ApiKey = Annotated[pulumi.Input[str], SECRET, Check(_check_api_key, f"a text of {_API_KEY}")]
EncryptedText = Annotated[
    Any, SECRET, After(_read_encrypted, "an encrypted text (`pulumi config set --secret --path …`)", in_context=True)
]
EncryptedApiKey = Annotated[
    Any, SECRET, After(_read_encrypted_api_key, f"an encrypted text of {_API_KEY}", in_context=True)
]

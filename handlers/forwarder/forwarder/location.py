"""References to the backend itself in an answer, which would reveal its private address and lead the caller nowhere."""

import re

from .configuration import Backend
from .percent import PATH, encode
from .target import strip

# RFC 3986 4.2 and 5: with a scheme or without, then an authority. Compiled when the first is met, which many never do.
_ABSOLUTE = r"(?i)(?:https?:)?//(?:[^/?#@]*@)?(\[[^/?#\]]*\]|[^/?#:\[\]]*)(?::[0-9]*)?([^?#]*)(.*)"


def public(reference: str, backend: Backend, host: str, prefix: str) -> str:
    """A reference to the backend's host as one to the API; any other as it is.

    `host` is the API's authority, `prefix` what its paths have in front of the backend's.
    """
    found = re.fullmatch(_ABSOLUTE, reference)
    if found is None or found[1].strip("[]").lower() != backend.host.lower():
        return reference
    path, rest = found[2], found[3]
    below = strip(path, backend.base)
    path = encode(prefix, PATH) + (path if below is None else below)
    return f"https://{host}{path}{rest}" if host else f"{path or '/'}{rest}"

"""References in an answer's headers that the caller could not follow: to the backend's own address, or to its root.

The first would also reveal a private address. The second lack the stage, the base path and the prefix that were taken
off the request's path.
"""

import re

from .configuration import Backend
from .percent import PATH, encode
from .target import strip

# RFC 9110 10.2.2 and 8.7: fields that hold one reference. RFC 8288: `Link` has each in angle brackets. `Refresh` is
# `5; url=…`: https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-refresh-header
FIELDS = frozenset(("location", "content-location", "link", "refresh"))
# RFC 3986 4.2 and 5: with a scheme or without, then an authority. Compiled when the first is met, which many never do.
_ABSOLUTE = r"(?i)(?:https?:)?//(?:[^/?#@]*@)?(\[[^/?#\]]*\]|[^/?#:\[\]]*)(?::[0-9]*)?([^?#]*)(.*)"
_ROOTED = r"(/[^?#]*)(.*)"
_REFRESH = r"(?i)(\s*[0-9.]*\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?)(.*)"


class Mount:
    """Where the API has the backend: `host` is the API's authority, `prefix` is in front of the backend's paths."""

    __slots__ = ("_backend", "_host", "_prefix", "_rooted")

    def __init__(self, backend: Backend, host: str, prefix: str, *, rooted: bool) -> None:
        """`rooted`: also correct references to the root and to the API's own host."""
        self._backend = backend
        self._host = host
        self._prefix = encode(prefix, PATH)
        self._rooted = rooted

    def value(self, name: str, value: str) -> str:
        """The value of one of FIELDS as the caller can follow it."""
        if name == "link":
            return re.sub(r"<([^<>]*)>", lambda found: f"<{self.public(found[1])}>", value)
        if name == "refresh":
            found = re.fullmatch(_REFRESH, value)
            return found[1] + self.public(found[2]) if found else value
        return self.public(value)

    def public(self, reference: str) -> str:
        """A reference to the backend as one to the API; any other as it is."""
        found = re.fullmatch(_ABSOLUTE, reference)
        if found is None:
            found = re.fullmatch(_ROOTED, reference)
            if found is None or not self._rooted or not self._prefix:
                return reference
            return self._path(found[1]) + found[2]
        name = found[1].strip("[]").lower()
        own = self._rooted and name and name == self._name()
        if name != self._backend.host.lower() and not own:
            return reference
        path = self._path(found[2])
        return f"https://{self._host}{path}{found[3]}" if self._host else f"{path or '/'}{found[3]}"

    def _path(self, path: str) -> str:
        below = strip(path, self._backend.base)
        # A backend that reads X-Forwarded-Prefix has put it there itself.
        if below is None and self._rooted and strip(path, self._prefix) is not None:
            return path
        return self._prefix + (path if below is None else below)

    def _name(self) -> str:
        """The API's host without its port."""
        name, colon, port = self._host.rpartition(":")
        return (name if colon and port.isdigit() else self._host).strip("[]").lower()

"""Rewrites references in response headers that the caller could not follow.

A reference to the backend's address would also reveal a private address. A reference to the backend's root lacks the
stage, the base path and the prefix that were removed from the request's path.
"""

import re

from .configuration import Backend
from .headers import Fields
from .percent import PATH, encode
from .target import strip

# RFC 9110 10.2.2 and 8.7: fields with one reference. RFC 8288: `Link` has each one in angle brackets. `Refresh` is
# `5; url=…`: https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-refresh-header
FIELDS = frozenset(("location", "content-location", "link", "refresh"))
# RFC 3986 4.2 and 5: an optional scheme, then an authority. Compiled at the first use, which is rare.
_ABSOLUTE = r"(?i)(?:https?:)?//(?:[^/?#@]*@)?(\[[^/?#\]]*\]|[^/?#:\[\]]*)(?::[0-9]*)?([^?#]*)(.*)"
_ROOTED = r"(/[^?#]*)(.*)"
_REFRESH = r"(?i)(\s*[0-9.]*\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?)(.*)"


class Mount:
    """The backend's place in the API: `host` is the API's authority, `prefix` is in front of the backend's paths."""

    __slots__ = ("_backend", "_host", "_prefix", "_rooted")

    def __init__(self, backend: Backend, host: str, prefix: str, *, rooted: bool) -> None:
        """`rooted`: also rewrite references to the root and to the API's own host."""
        self._backend = backend
        self._host = host
        self._prefix = encode(prefix, PATH)
        self._rooted = rooted

    def rewrite_fields(self, headers: Fields) -> Fields:
        """Returns all headers, with rewritten references."""
        return {
            folded: (name, [self.rewrite_value(folded, value) for value in values] if folded in FIELDS else values)
            for folded, (name, values) in headers.items()
        }

    def rewrite_value(self, name: str, value: str) -> str:
        """Returns the value of one of FIELDS with rewritten references."""
        if name == "link":
            return re.sub(r"<([^<>]*)>", lambda match: f"<{self.rewrite_reference(match[1])}>", value)
        if name == "refresh":
            found = re.fullmatch(_REFRESH, value)
            return found[1] + self.rewrite_reference(found[2]) if found else value
        return self.rewrite_reference(value)

    def rewrite_reference(self, reference: str) -> str:
        """Returns a reference to the backend as a reference to the API. Others are unchanged."""
        match = re.fullmatch(_ABSOLUTE, reference)
        if match is None:
            match = re.fullmatch(_ROOTED, reference)
            if match is None or not self._rooted or not self._prefix:
                return reference
            return self._public_path(match[1]) + match[2]
        name = match[1].strip("[]").lower()
        own = self._rooted and name and name == self._host_name()
        if name != self._backend.host.lower() and not own:
            return reference
        path = self._public_path(match[2])
        if self._host:
            return f"https://{self._host}{path}{match[3]}"
        # RFC 3986 4.2: without a dot, two slashes in front begin an authority.
        return ("/." if path.startswith("//") else "") + (path or "/") + match[3]

    def _public_path(self, path: str) -> str:
        below = strip(path, self._backend.base)
        # A backend that reads X-Forwarded-Prefix has added the prefix itself.
        if below is None and self._rooted and strip(path, self._prefix) is not None:
            return path
        return self._prefix + (path if below is None else below)

    def _host_name(self) -> str:
        """Returns the API's host without its port."""
        name, colon, port = self._host.rpartition(":")
        return (name if colon and port.isdigit() else self._host).strip("[]").lower()

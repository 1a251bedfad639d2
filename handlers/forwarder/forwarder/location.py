"""Rewrites references in response headers that the caller could not follow.

A reference to the backend's address would also reveal a private address. A reference to the backend's root lacks the
stage, the base path and the prefix that were removed from the request's path.
"""

import re

from .configuration import Backend
from .headers import REFERENCES, Fields
from .percent import PATH, encode
from .target import strip

# RFC 3986 4.2 and 5: an optional scheme, then an authority. Compiled at the first use, which is rare.
_ABSOLUTE = r"(?i)((?:https?|wss?):)?//(?:[^/?#@]*@)?(\[[^/?#\]]*\]|[^/?#:\[\]]*)(?::[0-9]*|:\*)?([^?#]*)(.*)"
_ROOTED = r"(/[^?#]*)(.*)"
# How a field writes references inside its value.
_WRITTEN = {
    "bracketed": r"(<)([^<>]*)(>)",
    "quoted": r"(\")([^\"]*)(\")",
    # A rooted value can be a realm, which Digest signs: RFC 7616 3.4.2.
    "challenge": r"(?i)(\")(https?://[^\"]*)(\")",
    "refresh": r"(?i)^(\s*[0-9.]*\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?)(.*)()",
}
_HOST = r"(\[[^\]]*\]|[^:/?#]+)(?::(?:[0-9]+|\*))?(/.*)?"
# Names that only private networks resolve: https://www.iana.org/assignments/special-use-domain-names
_PRIVATE_NAME = r"(?i)[^.]*|.*[.](?:internal|local|localhost|lan|home\.arpa)"


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
            folded: (name, [self.rewrite_value(folded, value) for value in values] if folded in REFERENCES else values)
            for folded, (name, values) in headers.items()
        }

    def rewrite_value(self, name: str, value: str) -> str:
        """Returns the value of one of REFERENCES with rewritten references."""
        form = REFERENCES[name]
        if form in _WRITTEN:
            return re.sub(_WRITTEN[form], lambda match: match[1] + self.rewrite_reference(match[2]) + match[3], value)
        if form == "cookie":
            return self._rewrite_cookie(value)
        if form == "sources":
            return re.sub(r"[^\s;,]+", lambda match: self._rewrite_source(match[0]), value)
        return self.rewrite_reference(value)

    def rewrite_reference(self, reference: str) -> str:
        """Returns a reference to the backend as a reference to the API. Others are unchanged."""
        match = re.fullmatch(_ABSOLUTE, reference)
        if match is None:
            match = re.fullmatch(_ROOTED, reference)
            if match is None or not self._rooted or not self._prefix:
                return reference
            return self._public_path(match[1]) + match[2]
        if not self._is_own(match[2]):
            return reference
        path = self._public_path(match[3])
        if self._host:
            return f"{_secure_scheme(match[1])}//{self._host}{path}{match[4]}"
        # RFC 3986 4.2: without a dot, two slashes in front begin an authority.
        return ("/." if path.startswith("//") else "") + (path or "/") + match[4]

    def _rewrite_source(self, source: str) -> str:
        """Returns one member of a list of sources or origins, which can be a host without a scheme.

        https://www.w3.org/TR/CSP3/#framework-directive-source-list
        """
        match = re.fullmatch(_ABSOLUTE, source)
        if match is None:
            found = re.fullmatch(_HOST, source)
            if found is None or not self._is_own(found[1]):
                return self.rewrite_reference(source)
            scheme, path = "", found[2] or ""
        elif not self._is_own(match[2]):
            return source
        else:
            scheme, path = f"{_secure_scheme(match[1])}//", match[3]
        # A source without a path is every path of its host.
        return f"{scheme}{self._host}{path and self._public_path(path)}" if self._host else "'self'"

    def _rewrite_cookie(self, value: str) -> str:
        """Returns a Set-Cookie (RFC 6265 4.1) that a browser accepts from the API, and sends to this backend."""
        pair, *attributes = value.split(";")
        # https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis: such a cookie must have Path=/.
        fixed = pair.lstrip()[:7].lower() == "__host-"
        kept = [pair]
        for attribute in attributes:
            name, equals, text = attribute.partition("=")
            folded = name.strip().lower()
            if folded == "domain" and self._is_lost_domain(text.strip()):
                continue
            if folded == "path" and not fixed:
                text = self._rewrite_cookie_path(text)
            kept.append(name + equals + text)
        return ";".join(kept)

    def _rewrite_cookie_path(self, path: str) -> str:
        """Returns the path of a cookie. The root, and a path above the base, become the whole prefix."""
        bare = path.strip()
        # RFC 6265 5.2.4: another value is no path.
        if not self._rooted or not self._prefix or not bare.startswith("/"):
            return path
        above = not bare.strip("/") or strip(self._backend.base, bare.rstrip("/")) is not None
        # RFC 6265 5.1.4: a path without a slash at its end also matches itself.
        return self._prefix if above else self._public_path(bare)

    def _is_lost_domain(self, domain: str) -> bool:
        """True if the API's browsers must refuse this Domain, and only the backend's network knows it."""
        name = domain.lstrip(".").lower()
        if _covers(name, self._host_name()):
            return False
        is_address = ":" in name or name.replace(".", "").isdigit()
        return is_address or _covers(name, self._backend.host.lower()) or re.fullmatch(_PRIVATE_NAME, name) is not None

    def _is_own(self, host: str) -> bool:
        """True for the backend's host and, with `rooted`, for the API's."""
        name = host.strip("[]").lower()
        return name == self._backend.host.lower() or bool(self._rooted and name and name == self._host_name())

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


def _secure_scheme(scheme: str | None) -> str:
    """Returns the scheme under which the API has what the backend has under `scheme`."""
    return "wss:" if scheme and scheme.lower().startswith("ws") else "https:"


def _covers(domain: str, host: str) -> bool:
    """True if a cookie's domain is the host's or one above it (RFC 6265 5.1.3)."""
    return domain != "" and (host == domain or host.endswith(f".{domain}"))

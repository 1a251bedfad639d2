"""Which web pages may call an API from a browser. https://fetch.spec.whatwg.org/#http-cors-protocol"""

from dataclasses import dataclass

from ..facts import defaults


@dataclass(frozen=True)
class Cors:
    """Origins, and what their pages may do."""

    origins: tuple[str, ...]
    """`https://app.example.com`, or only `*`."""
    methods: tuple[str, ...] = ("GET",)
    headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    credentials: bool = False
    max_age_seconds: int = defaults.CORS_MAX_AGE_SECONDS

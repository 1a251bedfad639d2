"""CORS: calls from web pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ...arguments.marks import Some
from ...arguments.names import CorsHeader
from ...arguments.numbers import DayOfSeconds
from ...arguments.words import MethodName
from ...facts import defaults


@dataclass(frozen=True, kw_only=True)
class CorsArgs:
    """CORS: calls from web pages."""

    origins: Annotated[Sequence[str], Some]
    """Origins such as `https://app.example.com`, or `*`. REST: API Gateway's own errors allow the first only."""
    methods: Sequence[MethodName] = ("GET",)
    """Methods. Defaults to GET."""
    headers: Sequence[CorsHeader] = ()
    """Request headers that a page may send."""
    expose_headers: Sequence[CorsHeader] = ()
    """Response headers that a page may read (HTTP)."""
    credentials: bool = False
    """Allow cookies and authorization. Defaults to false."""
    max_age_seconds: DayOfSeconds = defaults.CORS_MAX_AGE_SECONDS
    """How long a browser may cache the preflight response. Defaults to 600."""

"""Routes of an API, and throttles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from ...arguments.addresses import AdmittedRanges
from ...arguments.marks import NEVER_OFF
from ...arguments.names import AuthorizationName, Scope
from ...arguments.numbers import Burst, Rate, RouteTimeout
from ...arguments.paths import RoutePath
from ...arguments.words import Methods
from ...facts import defaults
from ...facts.address_lists import expand_lists
from ...facts.route_paths import name_below

NONE: Final = "none"
IAM: Final = "iam"
"""Authorizations that need no authorizer, and that no authorizer can have for a name."""


@dataclass(frozen=True, kw_only=True)
class ThrottleArgs:
    """A token bucket.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html"""

    rate: Rate = defaults.THROTTLE_RATE
    """Requests per second. Defaults to 100."""
    burst: Burst = defaults.THROTTLE_BURST
    """Requests that may arrive at the same time."""


@dataclass(frozen=True, kw_only=True)
class RouteArgs:
    """A path, its methods and its target."""

    path: RoutePath
    """Path after the stage, `/forward` or `/orders/{id}`."""
    methods: Methods
    """Methods, or only `ANY`."""
    target: str
    """Name of one of `targets`."""
    include_subpaths: bool = True
    """Also route every path below this one. Defaults to true."""
    timeout_milliseconds: RouteTimeout | None = None
    """Longest wait for the target, and longest duration of a streamed response. Defaults to 29,000 (REST), 30,000
    (HTTP) or 900,000 (streaming)."""
    streaming: bool | None = None
    """Stream the response (REST, PRIVATE). Defaults to `streaming` of the API.

    Beyond 10 MB it is limited to 2 MB/s. It ends after a pause of 5 minutes. Every 10 MB are charged as a request.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
    """
    throttle: Annotated[ThrottleArgs | None, NEVER_OFF] = None
    """Throttle of this route. Defaults to the API's."""
    key_required: bool = False
    """Require an API key of a usage plan (REST, PRIVATE). Defaults to false."""
    authorization: AuthorizationName = NONE
    """`none`, `iam`, or the name of one of `authorizers`. Defaults to `none`."""
    scopes: Sequence[Scope] = ()
    """OAuth scopes, of which a token must have one."""
    allow_cidrs: AdmittedRanges | None = None
    """CIDR ranges or published lists from which this route may be called (REST). The lists of the API apply too: a
    caller must be in each list that allows and in none that denies."""
    body_schema: Mapping[str, Any] | None = None
    """JSON schema, draft 4, for a request's body of any content type (REST, PRIVATE); other bodies get 400. Keywords
    that AWS does not validate are refused.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html"""

    @property
    def ranges(self) -> tuple[str, ...]:
        """Ranges from which the route may be called, published lists by their ranges. Empty: from everywhere."""
        return tuple(expand_lists(self.allow_cidrs or ()))

    @property
    def paths(self) -> tuple[str, ...]:
        """The path itself, and the greedy path for everything below it."""
        has_more = self.include_subpaths and not self.path.endswith("+}")
        return (self.path, name_below(self.path)) if has_more else (self.path,)

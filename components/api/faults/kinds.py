"""Arguments that an API of one kind has and another kind lacks."""

from collections.abc import Iterator, Mapping
from typing import Final

from ...arguments.faults import Fault, Unused, find_unused
from ...arguments.words import ApiKind
from ..api_spec import ApiSpec

_REST: Final = "use kind: rest"
_OF_PUBLIC_APIS: Final = "use kind: private, or take it out"
_RANGES: Final = ("allow_cidrs", "deny_cidrs")
_ONLY_PRIVATE: Final = {
    "endpoint_ids": ("interface endpoints only with kind private", _OF_PUBLIC_APIS),
    "private_domain": ("the other kind of domain with a public API", "use domain"),
}

UNUSED: Final[Mapping[ApiKind, Unused]] = {
    "http": {
        "stage": (
            "a stage with a name only with a REST API",
            f"{_REST}, or take it out: HTTP APIs use $default, which leaves the path as the client sent it",
        ),
        "timeout_quota_milliseconds": (
            "a raised timeout only with a REST API",
            f"{_REST}, or take it out: AWS does not raise the timeout of HTTP APIs",
        ),
        "policy_quota_characters": (
            "a resource policy only with a REST API",
            f"{_REST}, or take it out: HTTP APIs have no resource policies",
        ),
        "execution_logs": (
            "execution logs only with a REST API",
            f"{_REST}, or take it out; access logs are on already",
        ),
        "caller_account_ids": ("a resource policy only with a REST API", _REST),
        "plans": ("API keys and usage plans only with a REST API", f"{_REST}, or authorization by JWT or IAM"),
        "firewall": ("WAF only with a REST API", f"{_REST}, or put CloudFront with WAF in front"),
        "tracing": ("X-Ray traces only with a REST API", _REST),
        "minimum_tls": ("a minimum of 1.3 only with a REST API", f"{_REST}, or 1.2"),
        "streaming": ("response streaming only with a REST API", _REST),
        "allow_endpoint_ids": (
            "endpoints that calls may come through only with kind private: this API is open to the internet",
            "use kind: private, or an authorization for each route",
        ),
        "allow_vpc_ids": (
            "VPCs that calls may come from only with kind private: this API is open to the internet",
            "use kind: private, or an authorization for each route",
        ),
        **_ONLY_PRIVATE,
        # Last: one range of these may be wrong by itself.
        **dict.fromkeys(
            _RANGES,
            ("a resource policy only with a REST API", f"{_REST}, or a Lambda authorizer that looks at the address"),
        ),
    },
    "rest": {
        "allow_endpoint_ids": (
            "endpoints that calls may come through only with kind private: this API is open to the internet",
            "use kind: private, or name ranges in allow_cidrs",
        ),
        "allow_vpc_ids": (
            "VPCs that calls may come from only with kind private: this API is open to the internet",
            "use kind: private, or name ranges in allow_cidrs",
        ),
        **_ONLY_PRIVATE,
    },
    "private": {
        "domain": ("the other kind of domain with kind private", "use private_domain"),
        **dict.fromkeys(
            _RANGES,
            (
                "allow_endpoint_ids and allow_vpc_ids with kind private: callers come from endpoints",
                "take it out: the security groups of the endpoints allow ranges",
            ),
        ),
    },
}
"""For each kind of API, the arguments that it does not read.

An HTTP API declares no log role, so `account_log_role: False` is right with it. `identity` depends on the targets too:
see `check_identity`.
"""


def check_kind(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses arguments that the kind of API does not read."""
    yield from find_unused(spec, UNUSED[spec.kind])

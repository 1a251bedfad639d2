"""AWS WAF in front of an API."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...arguments.addresses import Ranges
from ...arguments.numbers import BlockedRequests
from ...arguments.words import ManagedRules
from ...facts import defaults


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """AWS WAF (REST): $5 a month and $1 a rule."""

    requests_per_five_minutes: BlockedRequests = defaults.BLOCKED_REQUESTS
    """Limit of requests from one IP address. Defaults to 2,000."""
    managed_rules: Sequence[ManagedRules] = ()
    """AWS managed rule groups."""
    allow: Ranges = ()
    """CIDR ranges that no rule blocks."""
    large_bodies: bool = False
    """Allow bodies over 8 KB, which the group `common` blocks otherwise. Defaults to false."""

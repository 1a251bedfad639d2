"""`gatehouse:protection`: what keeps abuse out and the bill down, and what the review passes over."""

from pydantic import Field

from components.argument_types import ManagedRules

from .section import Section
from .values import Cidr, EmailAddress, RuleId


class Waf(Section):
    """A web ACL on a REST API's stage: $5 a month, and $1 for each rule."""

    requests_per_five_minutes: int = Field(
        2_000, ge=10, le=2_000_000_000, description="Block an address that sends more than this in five minutes"
    )
    managed_rules: list[ManagedRules] = Field(default_factory=list, description="AWS managed rule groups")
    allow: list[Cidr] = Field(default_factory=list, description="Addresses that no rule blocks")
    large_bodies: bool | None = Field(
        None, description="With the group common: let bodies over 8 KB pass (true) or block them (false)"
    )


class Budget(Section):
    """A monthly budget that warns by e-mail at 50, 80 and 100 percent, and when the forecast passes it."""

    monthly_usd: float = Field(gt=0, description="Dollars a month, for the whole account: AWS counts all of its stacks")
    emails: list[EmailAddress] = Field(min_length=1, max_length=10, description="Who is notified")


class Alarms(Section):
    """CloudWatch alarms ($0.10 each a month) that notify an SNS topic."""

    emails: list[EmailAddress] = Field(default_factory=list, description="Who is notified; each must confirm once")
    server_error_percent: float = Field(5, gt=0, le=100, description="Share of 5XX answers in five minutes")
    client_error_percent: float = Field(50, gt=0, le=100, description="Share of 4XX answers, throttled ones among them")
    latency_milliseconds: int = Field(5_000, ge=1, description="99th percentile of the latency")
    requests_per_five_minutes: int = Field(25_000, ge=1, description="More requests than this are suspicious")


class Waiver(Section):
    """A rule of the review that this stack passes over, and why."""

    rule: RuleId = Field(description="Id of the rule, such as LOG-03")
    reason: str = Field(min_length=10, description="Why; the review prints it")
    resource: str | None = Field(None, min_length=1, description="Only for resources of this name; * matches any text")


class Protection(Section):
    """Protection of the stack."""

    acknowledge_public: bool = Field(
        False, description="Acknowledge that anybody may call, if nothing else protects the API"
    )
    waf: Waf | None = Field(None, description="AWS WAF on a REST API; off when absent")
    budget: Budget | None = Field(None, description="A monthly budget; off when absent")
    alarms: Alarms | None = Field(None, description="Alarms; off when absent")
    waive: list[Waiver] = Field(default_factory=list, description="Rules of the review to pass over, with the reason")

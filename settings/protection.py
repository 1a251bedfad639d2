"""`gatehouse:protection`: WAF, alarms, budget, and waived rules of the review."""

from typing import Annotated

from pydantic import Field

from components.alerts import AlertsArgs, AlertsSpec
from components.api.api_spec import Firewall
from components.api_front_args import AlarmsArgs, FirewallArgs
from components.argument_types import ManagedRules

from .arguments import As, Source
from .section import Section
from .values import Cidr, EmailAddress, RuleId


class Waf(Section, arguments=FirewallArgs, defaults=Firewall):
    """A web ACL on a REST API's stage."""

    requests_per_five_minutes: int = 2_000
    managed_rules: list[ManagedRules]
    allow: list[Cidr]
    large_bodies: bool | None = Field(
        None,
        description="Required with the managed rule group `common` and a route that takes bodies. true: bodies over"
        " 8 KB pass. false: they are blocked.",
    )


class Budget(Section):
    """A monthly budget."""

    monthly_usd: Annotated[float, As("budget_monthly_usd", Source(AlertsArgs))]
    emails: Annotated[list[EmailAddress], As("budget_emails", Source(AlertsArgs))] = Field(min_length=1, max_length=10)


class Alarms(Section, arguments=AlarmsArgs):
    """CloudWatch alarms."""

    emails: Annotated[list[EmailAddress], As("emails", Source(AlertsArgs, AlertsSpec))]
    server_error_percent: float = 5
    client_error_percent: float = 50
    latency_milliseconds: int = 5_000
    requests_per_five_minutes: int = 25_000


class Waiver(Section):
    """A rule of the review that this stack passes over, and why."""

    rule: RuleId = Field(description="ID of the rule, such as LOG-03.")
    reason: str = Field(min_length=10, description="Reason, which the review prints.")
    resource: str | None = Field(
        None, min_length=1, description="Name of the resources to pass over; * matches any text. Defaults to all."
    )


class Protection(Section):
    """Protection of the stack."""

    acknowledge_public: bool = Field(
        False, description="Acknowledge that everybody can call the API, if nothing else protects it."
    )
    waf: Waf | None = Field(None, description="AWS WAF on a REST API, $5 a month and $1 a rule. Defaults to none.")
    budget: Budget | None = Field(
        None, description="Monthly budget: e-mails at 50, 80 and 100 percent and by forecast. Defaults to none."
    )
    alarms: Alarms | None = Field(
        None, description="CloudWatch alarms, $0.10 each a month, which notify an SNS topic. Defaults to none."
    )
    waive: list[Waiver] = Field(default_factory=list, description="Rules of the review to pass over, with the reason.")

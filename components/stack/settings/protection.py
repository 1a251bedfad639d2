"""`gatehouse:protection`: WAF, alarms, budget, and waived rules of the review."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from ...alerts import AlertsArgs
from ...api.api_args import AlarmsArgs, FirewallArgs
from ...argument_types import ManagedRules
from ...facts.route_paths import each_route
from .arguments import As, Source
from .section import Section
from .values import Cidr, EmailAddress, RuleId


class Waf(Section, arguments=FirewallArgs, defaults=FirewallArgs):
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

    emails: Annotated[list[EmailAddress], As("emails", Source(AlertsArgs, AlertsArgs))]
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


SWITCHES = ("true", "yes", "on", "false", "no", "off")
"""Words in place of a list of routes. A rule refuses them, since only it knows the list."""


class Acknowledgement(Section):
    """A route that anyone may call, and why."""

    route: str = Field(
        min_length=1,
        description="Open route, such as `GET /health` or `ANY /{proxy+}`; methods of one path may be together:"
        " `GET HEAD /health`. Or the name of a function URL or a load balancer.",
    )
    reason: str | None = Field(None, min_length=1, description="Reason, for the readers of the file.")

    @model_validator(mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return {"route": value} if isinstance(value, str) else value


class Protection(Section):
    """Protection of the stack."""

    acknowledge_public: list[Acknowledgement] = Field(
        default_factory=list,
        json_schema_extra={"words": "a list of routes such as `GET /health`, each a text or a map"},
        description="Routes that anyone may call. The review fails for every other open route, and for an entry that"
        " is not open.",
    )
    waf: Waf | None = Field(
        None, description="AWS WAF on a REST API, $5 a month and $1 a rule in us-east-1. Defaults to none."
    )
    budget: Budget | None = Field(
        None, description="Monthly budget: e-mails at 50, 80 and 100 percent and by forecast. Defaults to none."
    )
    alarms: Alarms | None = Field(
        None,
        description="CloudWatch alarms, $0.10 each a month in us-east-1, which notify an SNS topic. Defaults to none.",
    )
    waive: list[Waiver] = Field(default_factory=list, description="Rules of the review to pass over, with the reason.")

    @field_validator("acknowledge_public", mode="before")
    @classmethod
    def _switch(cls, value: object) -> object:
        return [str(value).lower()] if isinstance(value, bool | str) and str(value).lower() in SWITCHES else value

    @property
    def acknowledged(self) -> list[str]:
        """The acknowledged routes and names, one method each."""
        return [route for entry in self.acknowledge_public for route in each_route(entry.route)]

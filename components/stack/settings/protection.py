"""`gatehouse:protection`: WAF, alarms, budget, and waived rules of the review."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ...api.args.alarms import AlarmsArgs
from ...api.args.firewall import FirewallArgs
from ...arguments.addresses import EmailAddress
from ...arguments.marks import TEXT, Before, Sized, Words
from ...arguments.names import NotEmpty, RuleId, TopicArn
from ...arguments.numbers import Amount
from ...facts.route_paths import split_route
from .section import Section


@dataclass(frozen=True, kw_only=True)
class Waf(Section, FirewallArgs):
    """A web ACL on a REST API's stage."""

    # A rule asks for one or the other.
    large_bodies: bool | None = None  # type: ignore[assignment] # see above
    """Allow bodies over 8 KB. Required with the managed rule group `common` and a route that takes bodies."""


@dataclass(frozen=True, kw_only=True)
class Budget(Section):
    """A monthly budget."""

    monthly_usd: Amount
    """Amount of the account's monthly budget in US dollars. Free."""
    emails: Annotated[Sequence[EmailAddress], Sized(1, 10)]
    """Addresses that the budget notifies. It notifies at 50, 80 and 100 percent, and when the forecast passes 100."""


@dataclass(frozen=True, kw_only=True)
class Alarms(Section, AlarmsArgs):
    """CloudWatch alarms."""

    # Without one, the topology declares a topic.
    topic_arn: TopicArn | None = None  # type: ignore[assignment] # see above
    """Existing SNS topic in the stack's region, which alarms notify. If omitted, a topic is created."""
    emails: Sequence[EmailAddress] = ()
    """E-mail addresses for alarms; each must confirm its subscription once."""


@dataclass(frozen=True, kw_only=True)
class Waiver(Section):
    """A rule of the review that this stack passes over, and why."""

    rule: RuleId
    """ID of the rule."""
    reason: Annotated[str, Sized(10)]
    """Reason, which the review prints."""
    resource: NotEmpty | None = None
    """Name of the resources to pass over; * matches any text. Defaults to all."""


SWITCHES = ("true", "yes", "on", "false", "no", "off")
"""Words in place of a list of routes. A rule refuses them, since only it knows the list."""


def _to_map(value: object) -> object:
    return {"route": value} if isinstance(value, str) else value


def _to_list(value: object) -> object:
    return [str(value).lower()] if isinstance(value, bool | str) and str(value).lower() in SWITCHES else value


@dataclass(frozen=True, kw_only=True)
class Acknowledgement(Section):
    """A route that anyone may call, and why."""

    route: NotEmpty
    """Open route, such as `GET /health`, `GET HEAD /health`, or `ANY /*` with its subpaths, or the name of a function
    URL or a load balancer."""
    reason: NotEmpty | None = None
    """Reason, for the readers of the file."""


@dataclass(frozen=True, kw_only=True)
class Protection(Section):
    """Protection of the stack."""

    acknowledge_public: Annotated[
        Sequence[Annotated[Acknowledgement, Before(_to_map, TEXT)]],
        Before(_to_list),
        Words("a list of routes such as `GET /health`, each a text or a map"),
    ] = ()
    """Routes that anyone may call; the review fails for every other open route, and for an entry that is not open."""
    waf: Waf | None = None
    """AWS WAF on a REST API, $5 a month and $1 a rule (us-east-1). Defaults to none."""
    budget: Budget | None = None
    """Monthly budget: e-mails at 50, 80 and 100 percent and by forecast. Defaults to none."""
    alarms: Alarms | None = None
    """CloudWatch alarms, $0.10 each a month (us-east-1). Defaults to none."""
    waive: Sequence[Waiver] = ()
    """Rules of the review to pass over, with the reason."""

    @property
    def acknowledged(self) -> list[str]:
        """The acknowledged routes and names, one method each."""
        return [route for entry in self.acknowledge_public for route in split_route(entry.route)]

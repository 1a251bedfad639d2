"""SNS topic for alarms, and monthly budget."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .argument_types import Amount
from .arguments import named, resolve

_PERCENTS: Final = (50.0, 80.0, 100.0)


class AlertsArgs(TypedDict):
    """Arguments of Alerts."""

    emails: NotRequired[Sequence[pulumi.Input[str]]]
    """E-mail addresses that alarms are sent to; each must confirm its subscription once."""
    budget_monthly_usd: NotRequired[Amount]
    """A monthly budget of the account, in dollars. Defaults to none. Two budgets of an account are free."""
    budget_emails: NotRequired[Sequence[pulumi.Input[str]]]
    """Addresses that the budget notifies at 50, 80 and 100 percent, and when the forecast passes 100."""
    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of every resource."""


@dataclasses.dataclass(frozen=True)
class _Settings:
    emails: Sequence[pulumi.Input[str]] = dataclasses.field(default_factory=list)
    budget_monthly_usd: float | None = None
    budget_emails: Sequence[pulumi.Input[str]] = dataclasses.field(default_factory=list)
    tags: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)


class Alerts(pulumi.ComponentResource):
    """An SNS topic with its e-mail subscriptions, and a monthly budget.

    The first 1,000 e-mails a month are free. A budget warns, it does not stop anything: throttles, quotas and reserved
    concurrency do. https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic that alarms notify."""

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Creates the component."""
        settings = resolve(_Settings, AlertsArgs, args)
        super().__init__("gatehouse:index:Alerts", name, dict(args), opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(f"{name}-topic", tags=named(f"{name}-topic", settings.tags), opts=child)
        for position, email in enumerate(settings.emails, start=1):
            aws.sns.TopicSubscription(
                f"{name}-email-{position}", topic=topic.arn, protocol="email", endpoint=email, opts=child
            )
        if settings.budget_monthly_usd is not None:
            _budget(name, settings, child)
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})


def _budget(name: str, settings: _Settings, child: pulumi.ResourceOptions) -> None:
    def notification(percent: float, kind: str) -> "aws.budgets.BudgetNotificationArgs":
        return aws.budgets.BudgetNotificationArgs(
            comparison_operator="GREATER_THAN",
            threshold=percent,
            threshold_type="PERCENTAGE",
            notification_type=kind,
            subscriber_email_addresses=settings.budget_emails,
        )

    aws.budgets.Budget(
        f"{name}-budget",
        budget_type="COST",
        limit_amount=str(settings.budget_monthly_usd),
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=[
            *(notification(percent, "ACTUAL") for percent in _PERCENTS),
            notification(100.0, "FORECASTED"),
        ],
        tags=named(f"{name}-budget", settings.tags),
        opts=child,
    )

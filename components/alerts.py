"""SNS topic for alarms, new or existing, and monthly budget."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from .arguments.addresses import SecretEmails
from .arguments.faults import Fault
from .arguments.inputs import ArgsOrMapping, to_inputs
from .arguments.names import TopicArn
from .arguments.numbers import Amount
from .arguments.reader import resolve
from .arguments.tags import TaggedArgs
from .facts.regions import BUDGETS, find_lack
from .resource_options.declaration import check_declaration
from .resource_options.scope import build_tags

_PERCENTS: Final = (50.0, 80.0, 100.0)


@dataclass(frozen=True, kw_only=True)
class AlertsArgs(TaggedArgs):
    """Arguments of Alerts."""

    topic_arn: TopicArn | None = None
    """ARN of an existing SNS topic in the same region, which alarms notify, such as one that Amazon Q Developer or
    PagerDuty reads. If omitted, a topic is created."""
    emails: SecretEmails = ()
    """E-mail addresses for alarms; each must confirm its subscription once.

    A digest of the address is part of the name of its subscription.
    """
    budget_monthly_usd: Amount | None = None
    """Amount of the account's monthly budget in US dollars. Free. Defaults to none."""
    budget_emails: SecretEmails = ()
    """Addresses that the budget notifies. It notifies at 50, 80 and 100 percent, and when the forecast passes 100."""
    secret: bool = False
    """Keep the addresses secret in the state. Defaults to false."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that need each other."""
        if self.budget_monthly_usd is not None and not self.budget_emails:
            yield Fault("budget_emails", None, "one address or more: without one, the budget notifies nobody")

    def find_region_faults(self, region: str) -> Iterator[Fault]:
        """Yields what AWS lacks in the region."""
        if self.budget_monthly_usd is not None and (lack := find_lack(BUDGETS, region)):
            yield Fault("budget_monthly_usd", self.budget_monthly_usd, *lack)

    def mark_email(self, email: str) -> pulumi.Input[str]:
        """The address, marked as secret if it is one."""
        return pulumi.Output.secret(email) if self.secret else email


class Alerts(pulumi.ComponentResource):
    """An SNS topic, or an existing one, with e-mail subscriptions, and a monthly budget.

    The first 1,000 e-mails a month are free. A budget warns, it does not stop anything: throttles, quotas and reserved
    concurrency do. https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic that alarms notify."""

    def __init__(self, name: str, args: ArgsOrMapping[AlertsArgs], opts: pulumi.ResourceOptions | None = None) -> None:
        settings = resolve(AlertsArgs, args)
        check_declaration("Alerts", name, settings, opts)
        hidden = {"emails", "budget_emails"} if settings.secret else ()
        super().__init__("gatehouse:index:Alerts", name, to_inputs(args, hidden), opts)
        child = pulumi.ResourceOptions(parent=self)
        topic_arn = settings.topic_arn or _declare_topic(name, settings, child)
        for email in settings.emails:
            # SNS gives an address the subscription that it has already. Named by its place in the list, an address that
            # moves would get that subscription under a second name, and the deletion of the first would end it.
            aws.sns.TopicSubscription(
                f"{name}-email-{_hash_email(email)}",
                topic=topic_arn,
                protocol="email",
                endpoint=settings.mark_email(email),
                opts=child,
            )
        if settings.budget_monthly_usd is not None:
            _declare_budget(name, settings, child)
        self.topic_arn = pulumi.Output.from_input(topic_arn)
        self.register_outputs({"topic_arn": self.topic_arn})


def _declare_topic(name: str, settings: AlertsArgs, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    tags = build_tags(f"{name}-topic", settings.tags)
    return aws.sns.Topic(f"{name}-topic", tags=tags, opts=child).arn


def _hash_email(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:12]


def _declare_budget(name: str, settings: AlertsArgs, child: pulumi.ResourceOptions) -> None:
    def build_notification(percent: float, kind: str) -> "aws.budgets.BudgetNotificationArgs":
        return aws.budgets.BudgetNotificationArgs(
            comparison_operator="GREATER_THAN",
            threshold=percent,
            threshold_type="PERCENTAGE",
            notification_type=kind,
            subscriber_email_addresses=[settings.mark_email(email) for email in settings.budget_emails],
        )

    aws.budgets.Budget(
        f"{name}-budget",
        budget_type="COST",
        limit_amount=str(settings.budget_monthly_usd),
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=[
            *(build_notification(percent, "ACTUAL") for percent in _PERCENTS),
            build_notification(100.0, "FORECASTED"),
        ],
        tags=build_tags(f"{name}-budget", settings.tags),
        opts=child,
    )

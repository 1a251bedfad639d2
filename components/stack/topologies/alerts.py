"""Alarms and budget of a stack's settings."""

from typing import Any

import pulumi

from ... import Alerts
from ..settings import Settings


def choose_alarm_topic(settings: Settings, topic_arn: pulumi.Output[str] | None) -> pulumi.Output[str] | None:
    """Returns the topic of alarms; None if they are off, and the topic is only the budget's."""
    return None if settings.protection.alarms is None else topic_arn


def declare_alerts(settings: Settings) -> pulumi.Output[str] | None:
    """Declare topic and budget; gives the topic's ARN, or None without recipients."""
    alarms, budget = settings.protection.alarms, settings.protection.budget
    if alarms is None and budget is None:
        return None
    args: dict[str, Any] = {"secret": "protection" in settings.encrypted}
    if alarms is not None:
        args |= {"emails": alarms.emails, "topic_arn": alarms.topic_arn}
    if budget is not None:
        args |= {"budget_monthly_usd": budget.monthly_usd, "budget_emails": budget.emails}
    return Alerts("alerts", args).topic_arn

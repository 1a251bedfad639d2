"""Who is notified: budgets and alarms warn only if somebody receives the notice."""

from collections.abc import Iterator
from typing import Any, Final

from ..graph import UNKNOWN, Graph, Resource
from ..graph.answers import Truth, any_of
from ..graph.evidence import get_deployed_input, read_flag
from ..graph.prose import format_count
from ..graph.reading import as_list, as_text, get_value
from .arrival import find_obstacles

_SUBSCRIBERS: Final = ("subscriberEmailAddresses", "subscriberSnsTopicArns")


def has_subscribers(budget: Resource) -> Truth:
    """Whether a notification of a budget has a subscriber. None if that is not known."""
    notices = as_list(get_deployed_input(budget, "notifications"))
    return any_of(_has_receiver(get_value(notice, key)) for notice in notices for key in _SUBSCRIBERS)


def is_silent(alarm: Resource) -> bool:
    """Whether it is known that an alarm notifies nobody."""
    is_off = read_flag(alarm, "actionsEnabled", absent=True) is False
    return is_off or _has_receiver(get_deployed_input(alarm, "alarmActions")) is False


def _has_receiver(value: Any) -> Truth:
    """Whether a list names a receiver. A member that is known later is one: AWS takes no empty one."""
    return None if value is UNKNOWN else any(one is UNKNOWN or as_text(one).strip() for one in as_list(value))


def list_limits(budgets: list[Resource]) -> Iterator[float]:
    """Dollars at which budgets of costs notify somebody."""
    for budget in budgets:
        amount = as_text(budget.inputs.get("limitAmount"))
        if _is_of_costs(budget) and has_subscribers(budget) and amount.replace(".", "", 1).isdigit():
            yield float(amount)


def describe_alarms(graph: Graph, alarms: list[Resource]) -> str:
    """`4 alarms`, `1 alarm that notifies nobody`, `4 alarms, 1 of which notifies nobody`."""
    silent = sum(_is_unheard(graph, alarm) for alarm in alarms)
    verb = "notifies" if silent == 1 else "notify"
    if silent == len(alarms):
        return f"{format_count(silent, 'alarm')} that {verb} nobody"
    unsure = 0 if silent else sum(any(True for _ in find_obstacles(graph, alarm)) for alarm in alarms)
    doubt = f", {unsure} of which may notify nobody" if unsure else ""
    return format_count(len(alarms), "alarm") + (f", {silent} of which {verb} nobody" if silent else doubt)


def _is_unheard(graph: Graph, alarm: Resource) -> bool:
    """Whether it is known that nobody receives the notices of an alarm."""
    return is_silent(alarm) or any(isinstance(obstacle, str) for obstacle in find_obstacles(graph, alarm))


def describe_budget(budget: Resource) -> str:
    """`alert at $50 a month`, or a budget that notifies nobody."""
    if not _is_of_costs(budget):
        return "budget"
    amount = f"${as_text(budget.inputs.get('limitAmount')).removesuffix('.0')} a month"
    answer = has_subscribers(budget)
    return f"alert at {amount}" if answer else f"budget of {amount}" + " that notifies nobody" * (answer is False)


def _is_of_costs(budget: Resource) -> bool:
    """Whether a budget is known to count dollars, and nothing else."""
    return bool(get_deployed_input(budget, "budgetType") == "COST")

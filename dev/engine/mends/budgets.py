"""What moto's budgets lack."""

from __future__ import annotations

import json
from typing import Any


def subscribers_of_budgets() -> None:
    """Budgets names the subscribers of a notification and the tags of a budget."""
    from moto.budgets.responses import BudgetsResponse

    def describe(self: Any) -> str:
        wanted = self._get_param("Notification")
        budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
        subscribers = [each.subscribers for each in budget.notifications if _same_notification(each.details, wanted)]
        return json.dumps({"Subscribers": subscribers[0] if subscribers else []})

    original = BudgetsResponse.create_budget
    kept: dict[str, list[dict[str, str]]] = {}

    def create(self: Any) -> str:
        name = self._get_param("Budget")["BudgetName"]
        kept[f"budget/{name}"] = self._get_param("ResourceTags") or []
        return str(original(self))

    def tags(self: Any) -> str:
        return json.dumps({"ResourceTags": kept.get(self._get_param("ResourceARN").rpartition(":")[2], [])})

    BudgetsResponse.create_budget = create
    BudgetsResponse.describe_subscribers_for_notification = describe
    BudgetsResponse.list_tags_for_resource = tags


def _same_notification(one: dict[str, Any], other: dict[str, Any]) -> bool:
    keys = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
    return all(str(one.get(key)) == str(other.get(key)) for key in keys)

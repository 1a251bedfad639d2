"""The API of a stack's settings."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ... import ApiFront, PrivateNetwork
from ...arguments.connections import TargetArgs
from ..settings import Settings
from ..settings.protection import Alarms, Waf
from .functions import declare_authorizers


def declare_front(
    settings: Settings,
    targets: Mapping[str, TargetArgs],
    network: PrivateNetwork | None,
    *,
    alarm_topic_arn: pulumi.Input[str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> ApiFront:
    """Declare the API with `targets` for its routes; `more` are arguments that only one topology has."""
    api, protection = settings.api, settings.protection
    args: dict[str, Any] = {
        **api.arguments,
        "targets": {name: targets[name] for name in dict.fromkeys(route.target for route in api.routes)},
        "authorizers": declare_authorizers(settings, network),
        "firewall": protection.waf and _build_firewall_args(protection.waf),
        "alarms": protection.alarms and alarm_topic_arn and _build_alarm_args(protection.alarms, alarm_topic_arn),
        **(more or {}),
    }
    present = {key: value for key, value in args.items() if value not in (None, [], (), {}, "")}
    return ApiFront("front", present)


def _build_firewall_args(waf: Waf) -> dict[str, Any]:
    return {**waf.read_arguments(), "large_bodies": bool(waf.large_bodies)}


def _build_alarm_args(alarms: Alarms, topic_arn: pulumi.Input[str]) -> dict[str, Any]:
    return {**alarms.read_arguments(), "topic_arn": topic_arn}

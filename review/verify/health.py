"""Checks that AWS answers: targets, tasks, Session Manager, subscriptions of alarms, and certificates.

They are in health.json, where everything is JMESPath (https://jmespath.org/specification.html): `given` has the
arguments of the call, `at` is the part of the answer that is looked at. A check passes if at least one member is `good`
and none is `bad`, which has a reason for each.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError

from ..aws.catalog import types
from ..graph import UNKNOWN, Resource, Secret
from ..graph.prose import abbreviate_names, format_count
from ..graph.reading import as_list, get_declared_input
from ..reach import Reach
from .check import Check, failed, not_read, passed
from .cloud import Cloud, NotRead

_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_TOPIC: Final = "aws:sns/topic:Topic"
_CERTIFICATE: Final = "aws:acm/certificate:Certificate"


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A call, and what is well in its answer."""

    call: str
    """`ec2.DescribeVpcs`: client and operation."""
    given: str
    at: str
    good: str
    bad: str
    thing: str
    state: str
    remedy: str


_ROWS: Final = json.loads(Path(__file__).with_name("health.json").read_text(encoding="utf-8"))
PROBES: Final[Mapping[str, Probe]] = {name: Probe(**row) for name, row in _ROWS.items()}


def check_health(reach: Reach, cloud: Cloud) -> Iterator[Check]:
    """Every check, of resources that the stack owns."""
    graph = reach.graph
    parts = (part for part in reach.statements.all if part.get("people", "by") == "session-manager")
    sessions = frozenset[str]().union(*map(reach.statements.list_members, parts))
    topics = {arn for alarm in graph.list_by_type(_ALARM) for arn in as_list(get_declared_input(alarm, "alarmActions"))}
    checks_by_type = {
        "targets": graph.list_by_type(*types.TARGET_GROUP),
        "sessions": [instance for instance in graph.list_by_type(*types.INSTANCE) if instance.urn in sessions],
        "tasks": graph.list_by_type(*types.SERVICE),
        "subscriptions": [topic for topic in graph.list_by_type(_TOPIC) if topic.id in topics],
        "certificates": graph.list_by_type(_CERTIFICATE),
    }
    for name, resources in checks_by_type.items():
        yield from (_check(PROBES[name], resource, cloud) for resource in resources if not resource.existing)


def _check(probe: Probe, resource: Resource, cloud: Cloud) -> Check:
    try:
        found = as_list(_find_result(probe, resource, cloud))
    except NotRead as problem:
        return not_read(resource.name, f"{probe.call}: {problem}")
    good, bad = (_search(expression, found) for expression in (probe.good, probe.bad))
    message = f"{len(good)} of {format_count(len(found), probe.thing)} {probe.state}"
    if good and not bad:
        return passed(resource.name, message)
    reasons = abbreviate_names(sorted({reason.strip() for reason in bad} - {""}))
    return failed(resource.name, f"{message}: {reasons}" if reasons else message, probe.remedy)


def _find_result(probe: Probe, resource: Resource, cloud: Cloud) -> Any:
    """The part of AWS's answer that the check is about. Raises NotRead."""
    state = {key: value for key, value in resource.state.items() if value is not UNKNOWN}
    arguments = _search(probe.given, {key: value for key, value in state.items() if not isinstance(value, Secret)})
    if arguments is None or None in arguments.values():
        raise NotRead(f"the state does not have all of {probe.given}")
    return _search(probe.at, cloud.ask(probe.call, arguments, resource.region))


def _search(expression: str, value: Any) -> Any:
    try:
        return jmespath.search(expression, value)
    except JMESPathError:
        raise NotRead("its answer has another form") from None

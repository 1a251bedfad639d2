"""Checks that AWS answers: targets, Session Manager, recipients of alarms, and the last lines of boot scripts.

They are in health.json, with `call`, `given` and `at` as in the table. A check passes if at least one member is `good`
and none is `bad`, which has a reason for each. With `empty`, an answer without members is "not read".
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ..aws.catalog import types
from ..aws.compute.user_data import INPUTS, decoded
from ..graph import Graph, Resource
from ..graph.prose import count, few
from ..graph.reading import items, peek, text, within
from ..reach.path import SESSION, Kind
from ..reach.trace import Reach
from .check import Check, failed, not_read, passed
from .cloud import Cloud, NotRead
from .table import Call, load, search

_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
_TOPIC: Final = "aws:sns/topic:Topic"
_CERTIFICATE: Final = ("aws:acm/certificate:Certificate",)
_LAST_LINES: Final = ("the NAT works", "the backend answers")
"""Last lines of Gatehouse's boot scripts on the console."""


@dataclass(frozen=True, kw_only=True)
class Probe(Call):
    """A call, and what is well in its answer."""

    good: str
    bad: str
    thing: str
    state: str
    remedy: str
    empty: str = ""


PROBES: Final = {name: Probe(**row) for name, row in load("health.json").items()}


def checks(
    graph: Graph,
    reach: Reach,
    cloud: Cloud,
    elsewhere: Mapping[str, str],
    strangers: Collection[tuple[str | None, str]],
) -> Iterator[Check]:
    """Every check, of resources that the stack owns. `elsewhere` has, by URN, why AWS is not asked.

    `strangers` are members that the stack does not declare, by their parent's URN and own ID: they do not count.
    """
    people = (path for path in reach.paths if path.kind is Kind.PEOPLE and path.source == SESSION and path.open)
    sessions = {path.backend.urn for path in people if path.backend}
    topics = {arn for alarm in graph.of_type(_ALARM) for arn in items(peek(alarm, "alarmActions"))}
    for resource in graph.of_type(
        *types.TARGET_GROUP, *types.INSTANCE, *types.SERVICE, *types.FUNCTION, *_CERTIFICATE, _TOPIC
    ):
        script = "".join(decoded(text(peek(resource, key))) for key in INPUTS)
        line = next((line for line in _LAST_LINES if line in script), "")
        wanted = {
            "targets": resource.type in types.TARGET_GROUP,
            "sessions": resource.type in types.INSTANCE and resource.urn in sessions,
            "boot scripts": resource.type in types.INSTANCE and line,
            "recipients": resource.type == _TOPIC and resource.id in topics,
            "machines": resource.type in types.INSTANCE,
            "tasks": resource.type in types.SERVICE,
            "certificates": resource.type in _CERTIFICATE,
            "code": resource.type in types.FUNCTION,
        }
        asked = [PROBES[name] for name in wanted if wanted[name] and not resource.existing]
        if asked and resource.urn in elsewhere:
            yield not_read(resource.name, elsewhere[resource.urn])
        else:
            own = {member for parent, member in strangers if parent == resource.urn}
            yield from (_check(probe, resource, line, cloud, own) for probe in asked)


def _check(probe: Probe, resource: Resource, line: str, cloud: Cloud, strangers: Collection[str]) -> Check:
    try:
        listed = items(probe.ask(cloud, {**resource.state, "lastLine": line}, resource.region))
        found = [each for each in listed if within(each, "Id") not in strangers]
    except NotRead as problem:
        return not_read(resource.name, f"{probe.call}: {problem}")
    if not found and probe.empty:
        return not_read(resource.name, probe.empty)
    good, bad = (search(expression, found) for expression in (probe.good, probe.bad))
    message = f"{len(good)} of {count(len(found), probe.thing)} {probe.state}"
    if good and not bad:
        return passed(resource.name, message)
    reasons = few(sorted({reason.strip() for reason in bad} - {""}))
    return failed(resource.name, f"{message}: {reasons}" if reasons else message, probe.remedy)

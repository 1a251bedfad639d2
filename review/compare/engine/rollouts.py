"""Services of ECS whose new tasks pass no health check, so that the old ones stay."""

from collections.abc import Iterator
from dataclasses import replace

from ...aws.catalog import types
from ...graph import Resource
from ...graph.given import held
from ...graph.reading import first
from .after_update import AfterUpdate
from .outcome import Outcome
from .side import Side
from .update import Update

_CHECK = "LIVE-02 "


def unfinished(update: Update, before: Side, after: Side) -> Iterator[tuple[Resource, Resource]]:
    """Services, each as it was and is, that get other tasks which a health check newly does not reach.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
    """
    for new in (change.resource for change in update.changed if change.resource.type in types.SERVICE):
        old = update.olds[new.urn]
        fails = after.judged.broken.get((_CHECK, new.urn)) and not before.judged.broken.get((_CHECK, old.urn))
        if fails and held(new, "deploymentMinimumHealthyPercent") != 0 and new.urn not in update.renewed:
            yield old, new


def with_old_tasks(update: Update, before: Side, found: AfterUpdate, after: Side) -> AfterUpdate:
    """The state after an update, with the tasks of before in each such service."""
    outcome = Outcome(before.graph, found.graph, update)
    for old, new in unfinished(update, before, after):
        service = outcome.keep(old)
        if (task := first(before.graph, old, "taskDefinition", types=types.TASK_DEFINITION)) is not None:
            kept = outcome.keep_in_use(task)
            named = {**service.property_dependencies, "taskDefinition": (kept.urn,)}
            inputs = {**service.inputs, "taskDefinition": kept.state.get("arn")}
            outcome.made[service.urn] = replace(service, inputs=inputs, property_dependencies=named)
        outcome.kept.append(
            f"{new.name} keeps its tasks: ECS ends them once new ones are healthy, and no health check reaches these"
        )
    return replace(found, graph=replace(found.graph, resources=outcome.made), kept=(*found.kept, *outcome.kept))

"""Resources that may take requests by themselves, and that reach does not trace: named beside the number of paths."""

import re
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import is_understood, unread_openings
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import held, named
from ..graph.reading import output, text, within
from .tables import TABLES


def unread(model: AwsModel) -> dict[str, list[str]]:
    """Types with the names of their resources: types without a row, and other stacks whose outputs are not known."""
    names: dict[str, list[str]] = {}
    for resource in model.graph:
        if not (resource.custom or resource.remote):
            continue
        elsewhere = resource.is_other_stack and output(resource, "outputs") is UNKNOWN
        if elsewhere or not _is_read(resource) or _is_of_an_api_elsewhere(model.graph, resource):
            names.setdefault(resource.type, []).append(resource.name)
    if model.graph.unseen:
        names[NOT_RUN] = [unseen.code for unseen in model.graph.unseen]
    return dict(sorted(names.items()))


NOT_RUN: Final = "code that was not run"
"""In place of the type of what such code may declare."""


def _is_read(resource: Resource) -> bool:
    """Whether reach reads a resource, or it is proven to carry no traffic."""
    if resource.type in types.STATE_MACHINE:
        definition = held(resource, "definition")
        return definition is not UNKNOWN and not _STARTS.search(text(definition))
    if resource.type in types.STARTER:
        # A target that is not known is a resource of the program in nearly every case, and none of these.
        targets = (held(resource, "arn"), within(held(resource, "target"), "arn"))
        return not any(_CHANGES.search(text(target)) for target in targets)
    return is_understood(resource.type) and not unread_openings(resource.type, resource.inputs)


_PARTS_OF_APIS: Final = {
    **dict.fromkeys((*types.REST_RESOURCE, *types.METHOD, *types.REST_STAGE), ("restApi", types.REST_API)),
    **dict.fromkeys((*types.HTTP_ROUTE, *types.HTTP_STAGE), ("apiId", types.HTTP_API)),
}
"""Inputs of what takes a call, by which it names its API."""


def _is_of_an_api_elsewhere(graph: Graph, resource: Resource) -> bool:
    """Whether a route or stage belongs to an API that this program does not declare, whose stages may serve it."""
    if resource.type not in _PARTS_OF_APIS or resource.existing:
        return False
    key, kinds = _PARTS_OF_APIS[resource.type]
    apis = named(graph, resource, key, types=kinds).every(unknown=None)
    return apis is None or any(api.existing for api in apis)


_ENDS: Final = tuple(TABLES["own addresses"].split())
"""Types that have their own addresses or none, and no machine of the program behind them.

A distribution calls a machine by its public address, or through a VPC origin, which is a resource of its own.
"""
_STARTS: Final = re.compile(TABLES["integrations that change"])
"""Integrations of a state machine by which it starts machines or tasks, or changes what admits callers.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""
_CHANGES: Final = re.compile(TABLES["targets that change"])
"""Targets of rules and schedules that may change what admits callers: automations, and operations of AWS's API.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""


def may_lead_to_machines(model: AwsModel) -> list[str]:
    """Names of what may send requests to a machine or open its network, and is not traced: an accelerator, a command,
    a CloudFormation stack, a component of another process."""
    resources = [part for part in model.graph if (part.remote or part.custom) and not _is_read(part)]
    ours = (resource for resource in resources if resource.remote or not resource.type.startswith(_ENDS))
    code = (code for code in model.graph.unseen if code.types is None or not all(map(is_understood, code.types)))
    return [*(resource.name for resource in ours), *(unseen.code for unseen in code)]

"""Parts of an API that take effect only with a deployment, which is a snapshot of them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/updating-api.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.tables import table
from ...aws.gateway.definitions import definition
from ...aws.gateway.openapi import written_operations
from ...graph import UNKNOWN, Graph, Resource, texts
from ...graph.given import held, holds_unknown
from ...graph.reading import mapping, naming, output, pointed, text

_PARTS: Final[dict[str, str]] = table("deployed")["parts"]
"""Types of parts, by the input that names the API."""
_CALLED: Final = (*types.INVOKED, *types.LOAD_BALANCER, *types.USER_POOL)
_NAMING: Final[list[str]] = table("deployed")["naming"]
"""Inputs of parts that name what they call, and the roles that they call it with."""
_AUTHORIZERS: Final = tuple(kind for kind in _PARTS if kind.endswith(":Authorizer"))
_ASKED: Final = ("authorizerUri", "providerArns")
"""Inputs of authorizers that name whom they ask."""
_INPUTS: Final = tuple(table("deployed")["inputs"])


def held_inputs(resource: Resource) -> tuple[str, ...]:
    """Inputs of an API or of a part that a deployment takes up: all of a part."""
    return _INPUTS if resource.type in types.APIS else tuple(resource.inputs)


def parts_of(graph: Graph, api: Resource) -> list[Resource]:
    """Resources of an API whose changes wait for a deployment."""
    return [resource for kind, key in _PARTS.items() for resource in naming(graph, api, (kind,), key)]


def names_of(resource: Resource) -> set[str]:
    """Texts by which a deployment names what it calls: an ARN, a DNS name, the ID of a VPC link."""
    keys = ("id",) if resource.type in types.LINKS else ("arn", "dnsName") if resource.type in _CALLED else ()
    return {text(output(resource, key)) for key in keys} - {""}


def asks_what_is_gone(part: Resource, gone: Collection[str]) -> bool:
    """Whether an authorizer lets nobody in, since its function or one of its pools is gone."""
    return part.type in _AUTHORIZERS and _names([part.inputs.get(key) for key in _ASKED], gone)


def with_living_calls(graph: Graph, part: Resource, gone: Collection[str]) -> Resource | None:
    """A part of a deployment without the calls that fail because what they name is gone; None if it is such a call."""
    if part.type not in types.APIS:
        fails = part.type in types.INTEGRATING and _names(part.inputs, gone)
        return None if fails else part
    body = definition(graph, part)
    if not isinstance(body, Mapping) or not _names(body, gone):
        return part
    failing = {(path, key) for path, key, operation in written_operations(body) if _names(operation, gone)}
    paths = {
        path: {key: one for key, one in mapping(item).items() if (path, key) not in failing}
        for path, item in mapping(body.get("paths")).items()
    }
    return replace(part, inputs={**part.inputs, "body": {**body, "paths": paths}})


def unread_calls(
    part: Resource, living: Resource | None, going: Mapping[str, Resource], gone: Collection[str]
) -> set[str]:
    """Names of what a part of a deployment may still call, or needs for calls, although an update deletes it.

    `living` is the part without the calls that are known to fail, and `going` has what is deleted by URN.
    """
    named = (going[urn] for key in _NAMING for urn in part.property_dependencies.get(key, ()) if urn in going)
    rest = () if living is None else living.inputs
    return {resource.name for resource in named if not names_of(resource) or _names(rest, names_of(resource) & {*gone})}


def _names(value: Any, gone: Collection[str]) -> bool:
    """Whether a text in a value has one of these names, and not only its beginning."""
    pattern = re.compile("|".join(rf"{re.escape(name)}(?![\w-])" for name in gone)) if gone else None
    return pattern is not None and any(map(pattern.search, texts(value)))


def stages_of(graph: Graph, api: Resource) -> list[Resource]:
    return naming(graph, api, types.REST_STAGE, "restApi") or naming(graph, api, types.HTTP_STAGE, "apiId")


def takes_effect(graph: Graph, api: Resource, fresh: Collection[str], moved: Collection[str]) -> bool | None:
    """Whether changes of an API's parts are deployed; `fresh` has the URNs of new and replaced resources.

    None if the stages differ in it, if a stage's deployment or that one's triggers are not known, or if a stage of
    `moved` gets a deployment that was made before, whose parts nothing here knows.
    """
    answers = {_is_fresh(graph, stage, fresh, moved) for stage in stages_of(graph, api)}
    return answers.pop() if len(answers) == 1 else None if answers else True


def is_snapshot(graph: Graph, api: Resource) -> bool:
    """Whether calls get a snapshot of the API, and not each change at once."""
    stages = naming(graph, api, types.HTTP_STAGE, "apiId")
    return api.type in types.REST_API or (bool(stages) and not any(held(one, "autoDeploy") is True for one in stages))


def _is_fresh(graph: Graph, stage: Resource, fresh: Collection[str], moved: Collection[str]) -> bool | None:
    automatic = held(stage, "autoDeploy")
    deployed = pointed(graph, stage, "deployment") or pointed(graph, stage, "deploymentId")
    if (stage.type in types.HTTP_STAGE and automatic is True) or (deployed and deployed[0].urn in fresh):
        return True
    # A stage that neither deploys by itself nor names a deployment has only manual deployments.
    none = automatic is not UNKNOWN and stage.type in types.HTTP_STAGE and held(stage, "deploymentId") is None
    settled = deployed and stage.urn not in moved and not holds_unknown(deployed[0].inputs.get("triggers"))
    return False if none or settled else None

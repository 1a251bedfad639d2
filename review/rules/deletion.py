"""Losses by a destroy, a replacement or a change of plan."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from ..aws.catalog import types
from ..graph import UNKNOWN, Resource
from ..graph.reading import awaited, goes_first, peek, pointed, text, within
from ..reach import Reach
from .registry import Severity, rule


@rule("DEL-01", Severity.HIGH, on=("aws:apigateway/account:Account",), program_only=True)
def log_role_is_retained(_reach: Reach, resource: Resource) -> Iterator[str]:
    """The account's API Gateway log role outlives the stack.

    Why: There is one per account and region: destroying it in one stack ends the logs of every other stack's APIs.
    Remedy: Set retain_on_delete on it, or declare it in a stack of its own.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    if not resource.options.retain_on_delete:
        yield f"destroying this stack sets the log role of the whole account to nothing: {resource.name}"


@rule("DEL-03", Severity.MEDIUM, on=types.INSTANCE)
def machine_frees_its_interface(resource: Resource) -> Iterator[str]:
    """A machine on a network interface of its own is deleted before it is replaced.

    Why: One interface cannot be on two machines: the new one fails to start, and the update with it.
    Remedy: Set delete_before_replace on the instance.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
    """
    held = within(resource.inputs, "primaryNetworkInterface", "networkInterfaceId")
    if held is not None and not goes_first(resource):
        yield f"{resource.name} cannot be replaced while it holds its network interface"


@rule("DEL-06", Severity.MEDIUM, on=types.FUNCTION)
def function_depends_on_its_policy(reach: Reach, resource: Resource) -> Iterator[str]:
    """A function in a VPC outlives no permission that it needs to give its interfaces back.

    Why: Without its role's policy Lambda cannot delete its network interfaces, and the destroy hangs for an hour.
    Remedy: Let the function depend on the policy or the attachment (depends_on), so that it is deleted first.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    if peek(resource, "vpcConfig") is None or (role := reach.model.roles.of(resource)) is None:
        return
    lets = reach.model.roles.allowing(role, "ec2:DeleteNetworkInterface")
    if lets in reach.model.roles.attachments(role) and lets.urn not in awaited(reach.model.graph, resource):
        yield f"{resource.name} does not depend on {lets.name}, which lets it delete its interfaces"


@rule("DEL-07", Severity.HIGH, on=types.DEPLOYMENT)
def deployment_follows_its_parts(reach: Reach, resource: Resource) -> Iterator[str]:
    """A deployment of a REST API follows everything that shapes the API.

    Why: A deployment is a snapshot: a policy or route that is changed without a new one is not in force.
    Remedy: Put a hash of body, policy and settings into triggers.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/updating-api.html
    """
    for api in pointed(reach.model.graph, resource, "restApi", types=types.REST_API):
        triggers = peek(resource, "triggers")
        makers = set(resource.property_dependencies.get("triggers", ()))
        shaped = [key for key in ("body", "policy") if peek(api, key) is not None]
        if not triggers and triggers is not UNKNOWN:
            yield f"{resource.name} has no triggers: a change of {api.name} is never deployed"
        elif left_out := _left_out(triggers, api):
            yield f"the triggers of {resource.name} do not follow the policy of {left_out}"
        elif shaped and _is_fixed(resource, api, makers):
            yield f"the triggers of {resource.name} do not follow the {' and '.join(shaped)} of {api.name}"


def _left_out(triggers: Any, api: Resource) -> str:
    """The API, if the triggers leave out its policy: each trigger is the body, or a hash of it, and no more."""
    values = [text(value) for value in triggers.values()] if isinstance(triggers, Mapping) else []
    body = text(peek(api, "body"))
    hashes = [hashlib.new(name, body.encode(), usedforsecurity=False) for name in ("md5", "sha1", "sha256", "sha512")]
    digests = {*(digest.hexdigest() for digest in hashes), *(base64.b64encode(one.digest()).decode() for one in hashes)}
    if not body or not values or not set(values) <= {body, *digests}:
        return ""
    return api.name if peek(api, "policy") is not None else ""


def _is_fixed(deployment: Resource, api: Resource, makers: set[str]) -> bool:
    """Whether the triggers do not depend on the body: on neither the API nor the resources that make it."""
    sources = {urn for key in ("body", "policy") for urn in api.property_dependencies.get(key, ())} | {api.urn}
    return bool(sources - {api.urn}) and not makers & sources and peek(deployment, "triggers") is not UNKNOWN

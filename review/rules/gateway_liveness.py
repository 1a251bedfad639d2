"""API Gateway settings that AWS refuses, or that answer every call with an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from ..aws import access, functions, types
from ..aws.api import Api, ApiKind, Integration, Requirement
from ..aws.dns import Address
from ..aws.iam import Decision
from ..facts import limits
from ..graph import UNKNOWN, Resource
from ..graph.addresses import is_private
from ..graph.reading import CannotTell, items, naming, peek, pointed, read, text, within
from ..reach import Reach
from .registry import Severity, guide, listed, rule

_GUIDE: Final = "apigateway/latest/developerguide"
_PLAN_KEY: Final = "aws:apigateway/usagePlanKey:UsagePlanKey"
_AUTHORIZERS: Final = ("aws:apigateway/authorizer:Authorizer", "aws:apigatewayv2/authorizer:Authorizer")


@rule(
    "GATE-01",
    "A private API has a resource policy",
    Severity.HIGH,
    on=types.REST_API,
    why="API Gateway deploys no private API without one.",
    remedy="Put x-amazon-apigateway-policy into the body, or declare a RestApiPolicy before the deployment.",
    source=guide(_GUIDE, "apigateway-private-api-create"),
)
def private_api_has_policy(reach: Reach, resource: Resource) -> Iterator[str]:
    api = reach.model.apis.of(resource)
    if api.kind is ApiKind.PRIVATE and not api.policies:
        yield f"{resource.name} is private and has no resource policy"


@rule(
    "GATE-02",
    "A private API has an endpoint to be called by",
    Severity.HIGH,
    on=types.REST_API,
    why="Without an execute-api endpoint nothing in any VPC can call it.",
    remedy="Declare an interface endpoint for execute-api, or name the endpoints of others in the policy.",
    source=guide(_GUIDE, "apigateway-private-apis"),
)
def private_api_has_endpoint(reach: Reach, resource: Resource) -> Iterator[str]:
    api = reach.model.apis.of(resource)
    if api.kind is not ApiKind.PRIVATE:
        return
    ours = reach.model.api_endpoints
    named = peek(resource, "endpointConfiguration", "vpcEndpointIds") or list(access.named_endpoints(api))
    if not ours and not named and UNKNOWN not in api.policies:
        yield f"{resource.name} is private, and there is no endpoint for it"
    calls = api.calls if api.policies else ()
    decisions = [access.endpoint_decision(api, call, one.id, one.vpc) for call in calls for one in ours]
    if decisions and all(decision in (Decision.DENY, Decision.SILENT) for decision in decisions):
        yield f"the resource policy of {resource.name} admits no endpoint of this stack"


@rule(
    "GATE-03",
    "The stage of an HTTP API sets both values of its throttle",
    Severity.HIGH,
    on=types.HTTP_STAGE,
    why="Route settings without a rate or a burst set it to nothing: every call is answered with 429.",
    remedy="Set throttling_rate_limit and throttling_burst_limit together.",
    source="https://github.com/pulumi/pulumi/issues/12150",
    program_only=True,
)
def http_throttle_is_whole(resource: Resource) -> Iterator[str]:
    keys = ("throttlingRateLimit", "throttlingBurstLimit")
    for holder in (*items(read(resource, "defaultRouteSettings")), *items(read(resource, "routeSettings"))):
        missing = [key for key in keys if within(holder, key) in (None, 0)]
        if missing:
            where = text(within(holder, "routeKey")) or "every route"
            yield f"{resource.name} answers 429 to every call of {where}: it sets no {listed(missing)}"


@rule(
    "GATE-04",
    "A route that requires an API key has a usage plan that holds keys",
    Severity.HIGH,
    on=types.REST_API,
    why="No key is good for a stage that is in no usage plan: every call is answered with 403.",
    remedy="Put the stage into a UsagePlan, and a key into the plan with a UsagePlanKey.",
    source=guide(_GUIDE, "api-gateway-api-usage-plans"),
)
def keys_have_a_plan(reach: Reach, resource: Resource) -> Iterator[str]:
    api = reach.model.apis.of(resource)
    if not any(Requirement.KEY in call.requires for call in api.calls):
        return
    plans = naming(reach.model.graph, resource, types.USAGE_PLAN, "apiStages", "apiId")
    if not plans:
        yield f"{resource.name} requires keys, and no usage plan covers it"
    elif not any(naming(reach.model.graph, plan, (_PLAN_KEY,), "usagePlanId") for plan in plans):
        yield f"{resource.name} requires keys, and {listed(plan.name for plan in plans)} holds none"


@rule(
    "GATE-05",
    "A function answers before the API in front of it times out",
    Severity.LOW,
    on=types.FUNCTION,
    why="The caller gets a 504 after 29 or 30 seconds, or the end of the stream, and the function runs on and is paid "
    "for.",
    remedy="Set the function's timeout below the integration's.",
    source=guide(_GUIDE, "limits"),
)
def function_is_in_time(reach: Reach, resource: Resource) -> Iterator[str]:
    timeout = functions.timeout(resource)
    if timeout is None:
        raise CannotTell(f"the timeout of {resource.name} is known only after deployment")
    for api in reach.model.apis.all:
        waits = [_most(api, call.integration) for call in api.calls if call.integration.function is resource]
        if waits and timeout > max(waits):
            yield f"{resource.name} may take {timeout:g} s, and {api.resource.name} waits {max(waits):g} s"


def _most(api: Api, integration: Integration) -> float:
    """Seconds that API Gateway waits for an integration, or streams from it."""
    if integration.streams:
        return (integration.timeout_milliseconds or limits.STREAM_MILLISECONDS) / 1000
    return (
        limits.HTTP_API_TIMEOUT_MILLISECONDS if api.kind is ApiKind.HTTP else limits.REST_API_TIMEOUT_MILLISECONDS
    ) / 1000


@rule(
    "GATE-06",
    "A resource policy fits into API Gateway's limit",
    Severity.HIGH,
    on=types.REST_API,
    why=f"API Gateway refuses policies of more than {limits.RESOURCE_POLICY_CHARACTERS} characters.",
    remedy="Join ranges, or move the list into a WAF IP set.",
    source=guide(_GUIDE, "limits"),
)
def policy_fits(reach: Reach, resource: Resource) -> Iterator[str]:
    for policy in reach.model.apis.of(resource).policies:
        if policy is UNKNOWN:
            raise CannotTell(f"the policy of {resource.name} is known only after deployment")
        length = len(policy if isinstance(policy, str) else json.dumps(policy, separators=(",", ":"), default=str))
        if length > limits.RESOURCE_POLICY_CHARACTERS:
            yield f"the resource policy of {resource.name} has {length} characters"


@rule(
    "GATE-07",
    "API Gateway may invoke its authorizer functions",
    Severity.HIGH,
    on=_AUTHORIZERS,
    why="An authorizer that cannot be invoked turns every call into a 500.",
    remedy="Declare a lambda Permission for apigateway.amazonaws.com on the authorizer's function.",
    source=guide(_GUIDE, "apigateway-use-lambda-authorizer"),
)
def authorizer_may_be_invoked(reach: Reach, resource: Resource) -> Iterator[str]:
    if read(resource, "authorizerCredentials") or read(resource, "authorizerCredentialsArn"):
        return
    for function in pointed(reach.model.graph, resource, "authorizerUri", types=types.FUNCTION):
        principals = {peek(permission, "principal") for permission in reach.model.permissions.of(function)}
        if not principals & {"apigateway.amazonaws.com", "*", UNKNOWN}:
            yield f"no permission lets API Gateway invoke {function.name} for {resource.name}"


@rule(
    "GATE-08",
    "An integration without a VPC link calls no private address",
    Severity.HIGH,
    on=(*types.REST_INTEGRATION, *types.HTTP_INTEGRATION, *types.REST_API),
    why="API Gateway calls URLs over the internet, where private addresses lead nowhere.",
    remedy="Go through a VPC link, or through a function in the VPC.",
    source=guide(_GUIDE, "private-integration"),
)
def private_addresses_need_a_link(reach: Reach, resource: Resource) -> Iterator[str]:
    for integration in reach.model.apis.integrations(resource):
        address = Address.of(text(integration.uri))
        if integration.linked or integration.function is not None or address is None:
            continue
        found = reach.model.hosts.find(address.host)
        internal = found is not None and found.type in types.LOAD_BALANCER and peek(found, "internal") is True
        if internal or is_private(address.host):
            yield f"{resource.name} calls {address.host} over the internet, where it is not to be found"

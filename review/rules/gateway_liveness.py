"""API Gateway settings that AWS refuses, or that answer every call with an error."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.compute import functions
from ..aws.gateway import access
from ..aws.gateway.api import Api, ApiKind, Integration, Requirement
from ..aws.gateway.lambda_permissions import admits_only_urls
from ..aws.gateway.usage_plans import Members, plan_keys
from ..aws.identity.iam import Decision
from ..aws.network.dns import Address
from ..aws.network.load_balancer_kind import Kind, read_kind
from ..facts import limits
from ..graph import UNKNOWN, Resource
from ..graph.addresses import is_private
from ..graph.evidence import contains_unknown, require_deployed_input
from ..graph.prose import join_names
from ..graph.reading import (
    Doubt,
    as_number,
    as_text,
    find_referenced,
    find_referring,
    get_declared_input,
    get_value,
    require_declared_input,
    require_known,
)
from ..paths import Reachability
from .registry import Message, Severity, rule


@rule("GATE-02", Severity.HIGH, on=types.REST_API)
def require_endpoint_of_private_api(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A private API has an endpoint.
    Why: Without an execute-api endpoint nothing in any VPC can call it.
    Remedy: Declare an interface endpoint for execute-api, or name existing endpoints in the policy, also of
    other accounts.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
    """
    api = reach.model.apis.find(resource)
    if api.kind is not ApiKind.PRIVATE:
        return
    ours = reach.model.api_endpoints
    named = get_declared_input(resource, "endpointConfiguration", "vpcEndpointIds") or list(
        access.list_named_endpoints(api)
    )
    if not ours and not named:
        require_known(UNKNOWN if contains_unknown(api.policies) else None, f"the policy of {resource.name}")
        yield f"{resource.name} is private, and there is no endpoint for it"
    calls = api.calls if api.policies else ()
    decisions = [
        access.decide_for_endpoint(api, call, endpoint.id, endpoint.vpc) for call in calls for endpoint in ours
    ]
    if decisions and all(decision.refused for decision in decisions):
        yield f"the resource policy of {resource.name} admits no endpoint of this stack"
    if Decision.UNKNOWN in decisions and not any(decision.allowed for decision in decisions):
        yield Doubt(f"which endpoints the policy of {resource.name} admits is known only after deployment")


@rule("GATE-04", Severity.HIGH, on=types.REST_API)
def require_usage_plan_for_keys(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A route that requires an API key has a usage plan with keys.
    Why: A key works only for the stages of a usage plan. Otherwise every call gets 403.
    Remedy: Put the stage into a UsagePlan, and a key into the plan with a UsagePlanKey.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
    """
    api = reach.model.apis.find(resource)
    if not any(Requirement.KEY in call.requires for call in api.calls):
        if any(Requirement.UNKNOWN in call.requires for call in api.calls):
            yield Doubt(f"whether {resource.name} requires keys is known only after deployment")
        return
    plans = find_referring(reach.model.graph, resource, types.USAGE_PLAN, "apiStages", "apiId")
    if not plans:
        yield f"{resource.name} requires keys, and no usage plan covers it"
    elif not any(plan_keys(reach.model.graph, plan) for plan in plans):
        yield f"{resource.name} requires keys, and {join_names(plan.name for plan in plans)} holds none"
    elif all(Members.read(reach.model.graph, plan).all_disabled for plan in plans):
        yield f"{resource.name} requires keys, and every key of {join_names(plan.name for plan in plans)} is disabled"


@rule("GATE-05", Severity.LOW, on=types.FUNCTION)
def require_function_timeout_below_api(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A function answers before its API times out.
    Why: The API returns 504 after 29 or 30 seconds, or ends the stream, while the function continues to run and to cost
    money.
    Remedy: Set the function's timeout below the integration's.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    timeout = _require_seconds(functions.find_timeout(resource), f"the timeout of {resource.name}")
    for api in reach.model.apis.all:
        yield _compare_timeouts(resource, timeout, api)


def _compare_timeouts(function: Resource, timeout: float, api: Api) -> Iterator[Message]:
    waits = list[float]()
    for integration in (call.integration for call in api.calls):
        if integration.function is function:
            waits.append(_require_timeout(api, integration))
        if integration.function in (function, None) and not integration.certain:
            yield Doubt(f"how long {api.resource.name} waits is known only after deployment")
            return
    if waits and timeout > max(waits):
        yield f"{function.name} may take {timeout:g} s, and {api.resource.name} waits {max(waits):g} s"


def _require_timeout(api: Api, integration: Integration) -> float:
    return _require_seconds(integration.seconds, f"how long {api.resource.name} waits")


def _require_seconds(seconds: float | None, name: str) -> float:
    """`seconds`. If they are not known, raises Doubt with `name`."""
    return float(require_known(UNKNOWN if seconds is None else seconds, name))


@rule("GATE-13", Severity.MEDIUM, on=types.LOAD_BALANCER)
def require_idle_timeout_above_api(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """An ALB waits at least as long as the API or function in front of it.
    Why: The load balancer returns 504 if the target sends nothing during its idle timeout, 60 s by default. The rule
    compares only functions whose variable BACKEND_URL names the load balancer.
    Remedy: Set idle_timeout above the longest timeout of the integrations and functions.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    """
    if read_kind(resource) is not Kind.APPLICATION:
        return
    callers: list[Api | Resource] = [*reach.model.apis.all, *reach.model.graph.list_by_type(*types.FUNCTION)]
    for caller in callers:
        yield _compare_waits(reach, resource, caller)


def _compare_waits(reach: Reachability, balancer: Resource, caller: Api | Resource) -> Iterator[str]:
    if isinstance(caller, Api):
        name, seconds = caller.resource.name, _find_api_wait(reach, caller, balancer)
    else:
        name, seconds = caller.name, _find_function_wait(reach, caller, balancer)
    if not seconds:
        return
    idle = float(require_deployed_input(balancer, "idleTimeout") or limits.IDLE_TIMEOUT_SECONDS)
    if seconds > idle:
        yield f"{balancer.name} waits {idle:g} s for its targets, and {name} {seconds:g} s"


def _find_api_wait(reach: Reachability, api: Api, balancer: Resource) -> float:
    """Seconds that an API waits for the next byte of a balancer. 0 if the API does not call the balancer."""
    longest = 0.0
    for integration in (call.integration for call in api.calls):
        target = integration.balancer
        if not integration.certain and integration.function is None:
            raise Doubt(f"how long {api.resource.name} waits is known only after deployment")
        if target is not None and target.type in types.LISTENER:
            target = reach.model.balancers.find_balancer(target)
        if target is balancer:
            seconds = _require_timeout(api, integration)
            longest = max(longest, min(seconds, limits.STREAM_PAUSE_SECONDS) if integration.streams else seconds)
    return longest


def _find_function_wait(reach: Reachability, function: Resource, balancer: Resource) -> float:
    """Seconds that a function waits for a balancer. 0 if the function does not name the balancer."""
    variables = get_declared_input(function, "environment", "variables")
    address = Address.parse(as_text(get_value(variables, "BACKEND_URL")))
    if address is None or reach.model.hosts.find(address.host) is not balancer:
        return 0
    seconds = as_number(get_value(variables, "TIMEOUT_SECONDS")) or functions.find_timeout(function)
    return _require_seconds(seconds, f"how long {function.name} waits")


@rule("GATE-07", Severity.HIGH, on=("aws:apigatewayv2/authorizer:Authorizer",))
def require_permission_of_authorizer(reach: Reachability, resource: Resource) -> Iterator[str]:
    """API Gateway may invoke its authorizer functions.
    Why: Otherwise every call gets 500.
    Remedy: Declare a lambda Permission for apigateway.amazonaws.com on the authorizer's function.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """
    if require_declared_input(resource, "authorizerCredentialsArn"):
        return
    for function in find_referenced(reach.model.graph, resource, "authorizerUri", types=types.FUNCTION):
        principals = {
            get_declared_input(permission, "principal")
            for permission in reach.model.permissions.list_for_function(function)
            if not admits_only_urls(permission)
        }
        if not principals & {"apigateway.amazonaws.com", "*", UNKNOWN}:
            yield f"no permission lets API Gateway invoke {function.name} for {resource.name}"


@rule("GATE-08", Severity.HIGH, on=types.INTEGRATING)
def require_link_for_private_address(reach: Reachability, resource: Resource) -> Iterator[str]:
    """An integration without a VPC link calls no private address.
    Why: API Gateway calls URLs over the internet, which does not route private addresses.
    Remedy: Go through a VPC link, or through a function in the VPC.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
    """
    for integration in reach.model.apis.list_integrations(resource):
        address = Address.parse(as_text(integration.uri))
        if integration.linked or integration.function is not None or address is None:
            continue
        holder = reach.model.hosts.find(address.host)
        internal = (
            holder is not None and holder.type in types.LOAD_BALANCER and get_declared_input(holder, "internal") is True
        )
        if internal or is_private(address.host):
            yield f"{resource.name} calls {address.host} over the internet, where it is not to be found"


@rule("GATE-16", Severity.MEDIUM, on=("aws:apigateway/deployment:Deployment",))
def require_redeployment(resource: Resource) -> Iterator[str]:
    """A changed API is deployed again.
    Why: A stage serves the API as deployed: later changes have no effect.
    Remedy: Give the deployment triggers that change with the API: its body, or its methods and integrations.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
    """
    if not require_declared_input(resource, "triggers") and not require_declared_input(resource, "variables"):
        yield f"{resource.name} has no triggers, so unless it is replaced, no later change of its API reaches a stage"

"""APIs: the credentials that their routes require, their rates, and addresses that get around both."""

from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog import types
from ..aws.compute.functions import read_environment
from ..aws.gateway import access, effective_access
from ..aws.gateway.api import Api, ApiKind, Call, Requirement
from ..aws.gateway.definitions import API_FRONT
from ..aws.gateway.function_callers import URL as FUNCTION_URL
from ..aws.gateway.throttle import find_loosest, may_be_unlimited
from ..aws.identity.iam import Decision
from ..facts import route_paths
from ..graph import UNKNOWN, Resource
from ..graph.answers import combine_answers, require_certain
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..graph.reading import (
    AFTER_DEPLOYMENT,
    Doubt,
    as_list,
    as_text,
    get_declared_input,
    get_value,
    require_declared_input,
)
from ..paths import Reachability
from ..paths.anyone import find_open_calls, make_entry, read_acknowledged
from ..paths.unthrottled import list_unthrottled
from .registry import Message, Severity, Violation, rule

_BY_KIND: Final = {"jwt": Requirement.JWT, "cognito": Requirement.COGNITO, "lambda": Requirement.AUTHORIZER}


@rule("API-01", Severity.HIGH, on=(*types.APIS, FUNCTION_URL))
def require_credentials_of_public_routes(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """Routes that the internet can call require credentials, or the stack acknowledges them as open.
    Why: Anyone can call the route, and you pay for every call. Client certificates count if every address of the API
    requires them.
    Remedy: Require a key, an authorization or client certificates, allow address ranges, or check a webhook's
    signature by ServerlessProxy; set authorization_type="AWS_IAM" at a function URL. If everybody may call, add the
    routes, or the name of the function URL, to the list protection.acknowledgePublic in the stack's config.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
    """
    if resource.type == FUNCTION_URL:
        if resource.name not in read_acknowledged(reach.model.graph):
            yield from _describe_open_url(reach, resource)
        return
    api = reach.model.apis.find(resource)
    opened = find_open_calls(reach.model.graph, api)
    entries = dict.fromkeys(make_entry(reach.model, api, call) for call in opened.known)
    if routes := [entry for entry in entries if entry not in read_acknowledged(reach.model.graph)]:
        at_addresses = _describe_open_addresses(api)
        by_route = {route: f"anyone can call {route}{at_addresses}" for route in routes}
        message = f"anyone can call {join_names(route_paths.merge_routes(routes))}{at_addresses}"
        yield Violation(resource, message, by_route=by_route)
    if opened.doubt is not None:
        yield opened.doubt


def _describe_open_url(reach: Reachability, url: Resource) -> Iterator[str]:
    """That anybody may call a URL. Raises Doubt if that is not known."""
    callers = [caller for caller in reach.model.callers if caller.by.urn == url.urn and not caller.check.checks]
    require_certain(combine_answers(*(caller.answer for caller in callers if caller.may_be_public)))
    if public := [caller for caller in callers if caller.is_public]:
        require_certain(combine_answers(*(caller.check.answer for caller in public)))
        yield f"anyone can call the URL {url.name}"


def _describe_open_addresses(api: Api) -> str:
    """The addresses without client certificates, if others require them."""
    addresses = access.list_addresses_without_certificate(api)
    if all(domain in addresses for domain in api.domains):
        return ""
    names = ["its default address" if address is api.resource else address.name for address in addresses]
    return f" at {join_names(names)}, which {'requires' if len(names) == 1 else 'require'} no client certificate"


@rule("API-02", Severity.MEDIUM, on=types.APIS)
def require_stage_rate(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """Every stage that the internet can call has a rate limit.
    Why: Without one, a single caller can use up the account's quota of requests, at your expense.
    Remedy: Set throttling_rate_limit and throttling_burst_limit: for a REST API in a MethodSettings for */*, for an
    HTTP API in the stage's default_route_settings. With ApiFront, set throttle; in a stack file, api.throttle.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    """
    api = reach.model.apis.find(resource)
    if api.kind is ApiKind.PRIVATE or not api.stages:
        return
    unlimited = group_pairs(
        (may_be_unlimited(api, call), call) for call in api.calls if call.integration.kind != "MOCK"
    )
    if True in unlimited:
        yield f"no throttle limits {_name_calls(unlimited[True])} of {resource.name}"
    if None in unlimited:
        yield Doubt(f"the throttle of {resource.name} is known only after deployment")


@rule("API-03", Severity.CRITICAL, on=types.REST_API)
def require_named_endpoints(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A private API's resource policy allows only named endpoints or VPCs.
    Why: A policy that allows everyone allows the VPC endpoints of all AWS accounts.
    Remedy: Deny execute-api:Invoke unless aws:SourceVpce or aws:SourceVpc is one that you name.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    api = reach.model.apis.find(resource)
    if api.kind is not ApiKind.PRIVATE or not api.policies:
        return
    decisions = {call.name: access.decide_for_unnamed_endpoint(api, call) for call in api.calls}
    if allowed := next((name for name, decision in decisions.items() if decision.allowed), None):
        yield f"{resource.name} is private, and any VPC endpoint of any account may call {allowed}"
    elif Decision.UNKNOWN in decisions.values():
        yield Doubt(f"whom the policy of {resource.name} admits is known only after deployment")


@rule("API-04", Severity.HIGH, on=types.APIS)
def forbid_bypass_of_mutual_tls(reach: Reachability, resource: Resource) -> Iterator[str]:
    """The default address does not bypass mutual TLS.
    Why: The default execute-api address requires no client certificate.
    Remedy: Set disable_execute_api_endpoint on the API.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
    """
    api = reach.model.apis.find(resource)
    if api.default_endpoint_closed:
        return
    if guarded := [domain.name for domain in api.domains if access.has_truststore(domain) is not False]:
        require_declared_input(resource, "disableExecuteApiEndpoint")
        yield f"{join_names(guarded)} requires client certificates, the default address of {resource.name} does not"


@rule("API-12", Severity.LOW, on=types.REST_API)
def forbid_website_below_stage(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A backend for browsers has a domain or an HTTP API, not the address of a stage.
    Why: Browsers follow a redirect or link to /login without the stage, where API Gateway returns 403.
    Remedy: Add api.domain, or use api.kind: http, whose paths are the backend's. Waive the rule if only programs call.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
    """
    api = reach.model.apis.find(resource)
    if api.domains or api.default_endpoint_closed:
        return
    opened = find_open_calls(reach.model.graph, api)
    for call in opened.known:
        if call.path != "/" or call.method not in ("ANY", "GET"):
            continue
        function = call.integration.function
        if function is not None and get_declared_input(function, "environment", "variables") is UNKNOWN:
            yield Doubt(f"the environment of {function.name} is {AFTER_DEPLOYMENT}")
        elif function is None or "BACKEND_URL" in read_environment(function):
            yield f"{resource.name} serves {call.name} to browsers below its stage"
    if opened.doubt is not None:
        yield opened.doubt


@rule("API-09", Severity.MEDIUM, on=types.HTTP_API)
def forbid_cors_credentials_for_all(resource: Resource) -> Iterator[str]:
    """An HTTP API does not let every origin send credentials.
    Why: Otherwise any web page can call the API in its visitors' names.
    Remedy: Name the origins, or leave allow_credentials off.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    """
    origins = require_declared_input(resource, "corsConfiguration", "allowOrigins") or []
    everybody = {"*", "http://*", "https://*"} & set(map(as_text, as_list(origins)))
    if everybody and require_declared_input(resource, "corsConfiguration", "allowCredentials") is True:
        yield f"{resource.name} lets every origin send credentials"


def _name_calls(calls: list[Call]) -> str:
    unknown = "the routes (known only after deployment)"
    names = list(dict.fromkeys(unknown if call.is_stand_in else call.name for call in calls))
    return join_names(names) if len(names) <= 4 else f"{join_names(names[:3])} and {len(names) - 3} more"


@rule("API-11", Severity.CRITICAL, on=API_FRONT)
def require_declared_authorizers(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """Each route's authorizer exists in the API.
    Why: Without it, a caller needs only the route's API key, or nothing.
    Remedy: Name the authorizer differently, and report the fault to Gatehouse.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
    """
    api = next((api for api in reach.model.apis.all if api.resource.parent == resource.urn), None)
    if api is None:
        return
    for route in as_list(require_declared_input(resource, "routes")):
        yield _list_calls_without_authorizer(resource, api, route)


def _list_calls_without_authorizer(resource: Resource, api: Api, route: Any) -> Iterator[Message]:
    required = _find_requirement(resource, route)
    for call in _find_calls(api, route) if required is not None else ():
        if Requirement.UNKNOWN in call.requires:
            yield Doubt(f"the authorization of the routes of {resource.name} is known only after deployment")
        elif required is not None and required in call.unproven:
            yield call.unproven[required]
        elif required not in call.requires:
            yield f"{call.name} does not require {as_text(get_value(route, 'authorization'))}"


def _find_requirement(resource: Resource, route: Any) -> Requirement | None:
    named = get_value(route, "authorization")
    if named == "iam":
        return Requirement.IAM
    kind = get_value(require_declared_input(resource, "authorizers"), as_text(named), "kind")
    if UNKNOWN in (named, kind):
        raise Doubt(f"the authorizers of {resource.name} are known only after deployment")
    return _BY_KIND.get(as_text(kind))


def _find_calls(api: Api, route: Any) -> list[Call]:
    """Calls of a route and of its subpaths, unless these have a route of their own."""
    unknown = [call for call in api.calls if Requirement.UNKNOWN in call.requires]
    methods = [as_text(method) for method in as_list(get_value(route, "methods"))]
    paths = [as_text(get_value(route, "path"))]
    if get_value(route, "include_subpaths") is not False:
        paths.append(paths[0].rstrip("/") + "/{proxy+}")
    return unknown or [call for call in api.calls if call.path in paths and call.method in methods]


@rule("API-10", Severity.CRITICAL, on=types.REST_API)
def require_decision_by_identity(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A resource policy does not open routes with IAM or Lambda authorization.
    Why: AWS accepts a caller of the account whom either policy allows. If the resource policy allows everybody, callers
    need no permission of their own.
    Remedy: Allow only the methods without authorization or with Cognito, by their ARNs, and state the conditions as
    denies; name the accounts that may call from outside.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    api = reach.model.apis.find(resource)
    if not api.policies:
        return
    known = [call for call in api.calls if Requirement.UNKNOWN not in call.requires]
    calls = [call for call in known if access.is_decided_by_identity(call)]
    endpoints = reach.model.api_endpoints
    admitted = {call.name: effective_access.find_admitted_caller(api, call, endpoints) for call in calls}
    for caller, names in group_pairs((caller, name) for name, caller in admitted.items()).items():
        if isinstance(caller, str):
            yield f"the resource policy lets {caller} call {join_names(names)}, without a permission of its own"
        elif caller is not None:
            yield caller
    if len(known) < len(api.calls):
        yield Doubt(f"which routes of {resource.name} an identity decides is known only after deployment")


@rule("COST-02", Severity.MEDIUM, on=types.FUNCTION)
def require_limited_concurrency(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A throttle or a concurrency limit bounds runs that the internet can cause.
    Why: Otherwise a flood of calls uses up the account's concurrency for all functions.
    Remedy: Throttle the routes that call it, or set reserved_concurrent_executions (reserved_concurrency of
    ServerlessProxy). A function URL has no throttle: only reserved concurrency limits its calls.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    limit = require_declared_input(resource, "reservedConcurrentExecutions")
    if resource.urn not in reach.public or (limit is not None and limit >= 0):
        return
    entrances = list_unthrottled(reach, resource)
    if entrances or not _is_throttled(reach, resource):
        bypass = f": no throttle limits calls of {join_names(entrances)}" if entrances else ""
        yield f"{resource.name} may run as often at once as the account allows{bypass}"


def _is_throttled(reach: Reachability, function: Resource) -> bool:
    """Whether every route that calls the function has a rate."""
    rates = []
    for api in reach.model.apis.all:
        rates += [find_loosest(api, call) for call in api.calls if call.integration.function is function]
    return bool(rates) and all(rates)

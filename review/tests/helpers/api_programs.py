"""Steps that declare APIs, their protections and their integrations, beside `review.tests.helpers.steps`."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from review.tests.helpers import stack_parts
from review.tests.helpers.graph_builder import Builder, Json, Late, Made, Ref, step
from review.tests.helpers.private_stacks import endpoint, private_integration, route
from review.tests.helpers.stack_parts import balancer, calls, http, network, permission, rest, trust
from review.tests.helpers.steps import find_made, find_network, http_route, invoke

ACCOUNT = "123456789012"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ONE_RANGE = Json({"Statement": [{**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}}]})
"""A resource policy that admits one range of addresses."""


# APIs


@step
def function(build: Builder, /, name: str = "greeter", **inputs: Any) -> Made:
    """A function with a role and a log of its own."""
    role = build("iam/role:Role", f"{name}-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    logs = build("cloudwatch/logGroup:LogGroup", f"{name}-logs", retentionInDays=14)
    given: dict[str, Any] = {"role": role.arn, "loggingConfig": {"logGroup": logs.name}, **inputs}
    return build("lambda/function:Function", name, **given)


@step
def open_api(build: Builder, /, **inputs: Any) -> SimpleNamespace:
    """A REST API without keys in front of a function."""
    greeter = function()(build)
    gate = rest(build, {"/greeting": {"get": calls(greeter, key=False)}}, **inputs)
    permission(build, gate.api, greeter)
    return gate


@step
def website(build: Builder, /, path: str = "/", method: str = "x-amazon-apigateway-any-method", **inputs: Any) -> None:
    """An open REST API in front of a function that calls a backend, unless it gets other variables."""
    variables = {"variables": {"BACKEND_URL": "http://10.0.0.8:8080"}}
    proxy = function("proxy", **{"environment": variables, **inputs})(build)
    gate = rest(build, {path: {method: calls(proxy, key=False)}})
    permission(build, gate.api, proxy)


@step
def hooked(
    build: Builder,
    /,
    variables: Any = None,
    *,
    within: Sequence[str] = ("gatehouse:index:ServerlessProxy",),
    **inputs: Any,
) -> None:
    """A REST API before a function with these variables, which is the forwarder unless it is in other components."""
    parent: Made | None = None
    for depth, token in enumerate(within):
        parent = build(token, f"around-{depth}", parent=parent)
    role = build("iam/role:Role", "proxy-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    given: dict[str, Any] = {"role": role.arn, "handler": "handler.handler", **inputs}
    environment = {"variables": variables or {}}
    function = build("lambda/function:Function", "proxy-function", parent=parent, environment=environment, **given)
    gate = rest(build, {"/hook": {"post": calls(function, key=False)}})
    permission(build, gate.api, function)


@step
def secured(
    build: Builder, /, scheme: Any, *, security: Any = None, root: Any = None, x: Any = None, **inputs: Any
) -> None:
    """A REST API with one operation and one security scheme, which the operation requires unless it says otherwise.

    `x` are other parts of the operation.
    """
    required = [{"ours": []}] if security is None else security
    operation = {**calls(function()(build), key=False), "security": required, **(x or {})}
    body = {"components": {"securitySchemes": {"ours": scheme}}, **({} if root is None else {"security": root})}
    gate = rest(build, {"/orders": {"get": operation}}, body=body, planned=False, **inputs)
    permission(build, gate.api, find_made(build, "greeter"))


@step
def tokens(build: Builder, /, authorizer: Any = None, **route_inputs: Any) -> None:
    """An HTTP API with one route and a JWT authorizer, with changes of both."""
    http(build)
    of_api = find_made(build, "api").id
    usual = {
        "apiId": of_api,
        "authorizerType": "JWT",
        "identitySources": ["$request.header.Authorization"],
        "jwtConfiguration": {"issuer": "https://issuer.example.com", "audiences": ["orders"]},
    }
    made = build("apigatewayv2/authorizer:Authorizer", "people", **{**usual, **(authorizer or {})})
    guarded_by = {"authorizationType": "JWT", "authorizerId": made.id, **route_inputs}
    kept = {key: value for key, value in guarded_by.items() if value is not None}
    http_route("route", api="api", to=function()(build).invokeArn, key="GET /orders", **kept)(build)
    invoke("may", api="api", function="greeter")(build)


@step
def admitting(build: Builder, ranges: list[str]) -> None:
    condition = {"IpAddress": {"aws:SourceIp": ranges}}
    open_api(policy=Json({"Statement": [{**EVERYBODY, "Condition": condition}]}))(build)


CERTIFICATES = {"mutualTlsAuthentication": {"truststoreUri": "s3://trust/store.pem"}}


@step
def own_domain(
    build: Builder, *, closed: Any, second: bool = False, certificates: Any = CERTIFICATES
) -> SimpleNamespace:
    """An API whose domain requires clients' certificates, and perhaps a second domain that does not."""
    gate = open_api(disableExecuteApiEndpoint=closed)(build)
    for name, inputs in {"domain": certificates, **({"second": {}} if second else {})}.items():
        given: dict[str, Any] = {"domainName": f"{name}.example.com", "securityPolicy": "TLS_1_2", **inputs}
        domain = build("apigateway/domainName:DomainName", name, **given)
        mapped: dict[str, Any] = {"restApi": gate.api.id, "domainName": domain.domainName, "stageName": "live"}
        build("apigateway/basePathMapping:BasePathMapping", f"{name}-mapping", **mapped)
    return gate


@step
def guarded(build: Builder, *, default: str, rules: list[Any]) -> None:
    """An open API behind a web ACL."""
    open_api()(build)
    acl = build("wafv2/webAcl:WebAcl", "acl", scope="REGIONAL", defaultAction={default: {}}, rules=rules)
    link: dict[str, Any] = {"webAclArn": acl.arn, "resourceArn": find_made(build, "stage").arn}
    build("wafv2/webAclAssociation:WebAclAssociation", "association", **link)


@step
def _declare_set(build: Builder, ranges: list[str]) -> dict[str, Any]:
    name = f"set-{len(build.resources)}"
    made = build("wafv2/ipSet:IpSet", name, addresses=ranges, ipAddressVersion="IPV4")
    return {"ipSetReferenceStatement": {"arn": made.arn}}


def in_set(*ranges: str) -> Any:
    """A statement about an IP set with these ranges."""
    return Late(_declare_set(list(ranges)))


def signature(kind: str) -> dict[str, str]:
    scheme = {"type": "apiKey", "name": "Authorization", "in": "header"}
    return {**scheme, "x-amazon-apigateway-authtype": kind}


_DECIDES: dict[str, Any] = {"x-amazon-apigateway-authorizer": {"type": "request", "authorizerUri": "arn:decides"}}
SIGNED = {"iam": signature("awsSigv4"), "token": signature("custom") | _DECIDES}


@step
def signed_api(build: Builder, *, statements: Sequence[dict[str, Any]] = (), by: str = "iam") -> None:
    operation = {**calls(function()(build), key=False), "security": [{by: []}]}
    body = {"components": {"securitySchemes": SIGNED}}
    policy: dict[str, Any] = {"policy": Json({"Statement": list(statements)})} if statements else {}
    rest(build, {"/orders": {"get": operation}}, body=body, **policy)


@step
def private_signed_api(build: Builder, *, statements: Sequence[dict[str, Any]] = (), through: Any = None) -> None:
    """A private API with a signed route, behind an endpoint of the stack whose policy is `through`.

    In conditions `ENDPOINT` is its id and `VPC` that of its VPC.
    """
    net = network(build, egress="none")
    entry = endpoint(build, net, "execute-api", **({} if through is None else {"policy": Json(through)}))
    ids = {"ENDPOINT": entry.endpoint.id, "VPC": net.vpc.id}
    operation = {**calls(function()(build), key=False), "security": [{"iam": []}]}
    body = {"components": {"securitySchemes": SIGNED}}
    body["x-amazon-apigateway-policy"] = {"Statement": _with_ids(list(statements), ids)}
    rest(build, {"/orders": {"get": operation}}, body=body, endpointConfiguration={"types": "PRIVATE"})


def _with_ids(value: Any, ids: dict[str, Ref]) -> Any:
    if isinstance(value, dict):
        return {key: _with_ids(inner, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_ids(inner, ids) for inner in value]
    return ids.get(value, value)


@step
def front(build: Builder, *, security: list[Any], route: Any, kind: str = "lambda") -> None:
    """An ApiFront with one route, and an API whose operations have this security."""
    made = build("gatehouse:index:ApiFront", "front", routes=[route], authorizers={"people": {"kind": kind}})
    operation = {"x-amazon-apigateway-integration": {"type": "mock"}, "security": security}
    schemes = {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}, "people": signature("custom") | _DECIDES}
    body = {"openapi": "3.0.1", "info": {"title": "x"}, "components": {"securitySchemes": schemes}}
    body["paths"] = {"/admin": {"get": operation}, "/admin/{proxy+}": {"get": operation}}
    build("apigateway/restApi:RestApi", "api", parent=made, body=Json(body))


@step
def discrete_front(build: Builder) -> None:
    """An ApiFront before an HTTP API with discrete routes, one of which is open."""
    routes = [{"path": "/admin", "methods": ["GET"], "authorization": "people"}]
    made = build("gatehouse:index:ApiFront", "front", routes=routes, authorizers={"people": {"kind": "jwt"}})
    build("apigatewayv2/api:Api", "api", parent=made, protocolType="HTTP")
    http_route("route", api="api", to="http://a.invalid", key="GET /admin", authorizationType="NONE")(build)


# Integrations


@step
def listener(build: Builder, /, *, protocol: str, kind: str = "application", **inputs: Any) -> None:
    made = build("lb/loadBalancer:LoadBalancer", "balancer", loadBalancerType=kind, internal=True)
    build("lb/listener:Listener", "listener", loadBalancerArn=made.arn, port=8443, protocol=protocol, **inputs)


def _link(build: Builder) -> Made:
    return build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=["subnet-1"], securityGroupIds=["sg-1"])


@step
def http_to(build: Builder, /, *, uri: Any, link: bool = True, **inputs: Any) -> None:
    """An HTTP API with one integration."""
    by: dict[str, Any] = {"connectionType": "VPC_LINK", "connectionId": _link(build).id} if link else {}
    api = http(build).api
    given: dict[str, Any] = {"apiId": api.id, "integrationUri": uri, "integrationType": "HTTP_PROXY", **by, **inputs}
    route(build, api, build("apigatewayv2/integration:Integration", "integration", **given))


@step
def rest_to(build: Builder, /, *, uri: Any, link: Any = None, **integration: Any) -> None:
    """A REST API with one integration, by a link of the first version to a balancer, or of the second."""
    made = build("apigateway/vpcLink:VpcLink", "link", targetArn=link) if link else _link(build)
    by: dict[str, Any] = {"connectionType": "VPC_LINK", "connectionId": made.id}
    whole = {"type": "http_proxy", "httpMethod": "GET", "uri": uri, **by, **integration}
    rest(build, {"/x": {"get": {"x-amazon-apigateway-integration": whole}}})


@step
def link_to_listener(build: Builder, target: str = "listener") -> None:
    """An HTTP API whose link leads to a balancer's listener, or to something else of it."""
    net = find_network(build)
    members = stack_parts.group(build, net.vpc, "link-group")
    subnets = [subnet.id for subnet in net.private]
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=subnets, securityGroupIds=[members.id])
    gate = http(build)
    route(build, gate.api, private_integration(build, gate.api, link, find_made(build, target).arn))


def operation(to: Made, end: str = "response-streaming-invocations", **integration: Any) -> dict[str, Any]:
    """An operation that streams from a function."""
    uri = "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/" + to.arn + "/" + end
    streamed = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, "responseTransferMode": "STREAM", **integration}
    return {"x-amazon-apigateway-integration": streamed}


@step
def chat(
    build: Builder,
    /,
    model: Any = None,
    end: str = "response-streaming-invocations",
    api: Any = None,
    **integration: Any,
) -> None:
    """An API that streams from a function."""
    to = function("model", **{"runtime": "nodejs22.x", **(model or {})})(build)
    rest(build, {"/chat": {"post": operation(to, end, **integration)}}, **(api or {}))


@step
def forwarding(build: Builder, /, *, seconds: str | None, timeout: int = 200, **inputs: Any) -> None:
    """A function that calls a load balancer."""
    url = "http://" + balancer(build, network(build), **inputs).balancer.dnsName + ":8080"
    variables = {"BACKEND_URL": url} | ({"TIMEOUT_SECONDS": seconds} if seconds else {})
    function("proxy", timeout=timeout, environment={"variables": variables})(build)


def _build_integration(build: Builder, api: Made, name: str, link: Made, parameters: Any) -> Made:
    by: dict[str, Any] = {"connectionType": "VPC_LINK", "connectionId": link.id, "integrationType": "HTTP_PROXY"}
    uri = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x/1/2"
    given: dict[str, Any] = {"apiId": api.id, "integrationUri": uri, "requestParameters": parameters, **by}
    return build("apigatewayv2/integration:Integration", name, **given)


@step
def two_routes(build: Builder, *, open: Any, guarded: Any, authorization: str = "AWS_IAM") -> None:
    """A route that tells the subject of a token, and an open one to the same backend, by their mappings."""
    link, api = _link(build), http(build).api
    for name, parameters in (("guarded", guarded), ("open", open)):
        target = "integrations/" + _build_integration(build, api, name, link, parameters).id
        of_api: dict[str, Any] = {"apiId": api.id, "authorizationType": authorization}
        build("apigatewayv2/route:Route", f"{name}-route", routeKey=f"GET /{name}", target=target, **of_api)


@step
def two_methods(build: Builder, sources: list[str | None]) -> None:
    """A REST API whose methods map the subject from these sources, or nothing."""
    link = build("apigateway/vpcLink:VpcLink", "link", targetArn="arn:aws:elasticloadbalancing:x")
    by: dict[str, Any] = {"connectionType": "VPC_LINK", "connectionId": link.id, "uri": "http://app.example.com:8080/x"}
    methods = {}
    for method, source in zip(("get", "post"), sources, strict=True):
        mapped = {"integration.request.header.X-Authenticated-Userid": source} if source else {}
        integration = {"type": "http_proxy", "httpMethod": "GET", "requestParameters": mapped, **by}
        auth = {"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}
        methods[method] = {**auth, "x-amazon-apigateway-integration": integration}
    rest(build, {"/": methods})

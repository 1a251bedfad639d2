"""Steps of the programs in which a rule finds a fault, beside those of `review.tests.helpers.steps`."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from review.graph import Asset
from review.tests.helpers import stack_parts
from review.tests.helpers.graph_builder import Builder, Json, Late, Made, Ref, step
from review.tests.helpers.private_stacks import endpoint, private_integration, route
from review.tests.helpers.stack_parts import allowing, balancer, calls, http, network, permission, rest, trust
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


# Identities


@step
def inline(build: Builder, *, actions: list[str], resource: Any = "*") -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "policy", role=role.name, policy=allowing(*actions, resource=resource))


@step
def trusting(build: Builder, *, principal: Any, condition: Any = None) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    statement |= {"Condition": condition} if condition else {}
    build("iam/role:Role", "role", assumeRolePolicy=Json({"Statement": [statement]}))


@step
def by_issuer(build: Builder, /, *, issuer: str = "token.actions.githubusercontent.com", **subjects: Any) -> None:
    """A role for identities of an issuer, with a condition on their subject, or with none."""
    condition: dict[str, Any] = {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"}}
    for operator, subject in subjects.items():
        condition.setdefault(operator, {})[f"{issuer}:sub"] = subject
    trusting(principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}, condition=condition)(build)


@step
def by_service(build: Builder, /, *, service: str = "s3", **inputs: Any) -> None:
    """A permission for a service beside that of the API."""
    to = stack_parts.proxy_stack(build).proxy.function
    given: dict[str, Any] = {
        "action": "lambda:InvokeFunction",
        "function": to.name,
        "principal": f"{service}.amazonaws.com",
    }
    build("lambda/permission:Permission", "wide", **{**given, **inputs})


# Machines, tasks and functions


@step
def with_role(build: Builder, service: str, actions: Any = (), attached: str = "") -> None:
    made = build("iam/role:Role", "role", assumeRolePolicy=trust(service))
    if actions:
        build("iam/rolePolicy:RolePolicy", "policy", role=made.id, policy=allowing(*actions))
    if attached:
        build("iam/rolePolicyAttachment:RolePolicyAttachment", "attached", role=made.name, policyArn=attached)


CODE = Asset(members={"app/main.py": Asset(text="def handle(event, context): ...")}, archive=True)


@step
def packaged(build: Builder, /, code: Any = CODE, **inputs: Any) -> None:
    """A function with code, and the role `role` if there is one; a text as code is the name of its one file."""
    code = Asset(members={code: Asset(text="-")}, archive=True) if isinstance(code, str) else code
    roles = [one for one in build.resources.values() if one.name == "role"]
    arn = find_made(build, "role").arn if roles else f"arn:aws:iam::{ACCOUNT}:role/other"
    given: dict[str, Any] = {"role": arn, "runtime": "python3.13", "handler": "app.main.handle", "code": code, **inputs}
    build("lambda/function:Function", "function", **given)


def folder(path: str) -> Asset:
    """A folder beside this file."""
    return Asset(path=path, base=str(Path(__file__).parent), archive=True)


@step
def task(build: Builder, /, image: Any = "nginx", **inputs: Any) -> None:
    """A task definition, with the role `role` to start by if there is one."""
    container = {"name": "web", "image": image, "logConfiguration": {"logDriver": "awslogs", "options": {}}}
    roles = [one for one in build.resources.values() if one.name == "role"]
    given: dict[str, Any] = {"requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
    given |= {"executionRoleArn": find_made(build, "role").arn} if roles else {}
    build("ecs/taskDefinition:TaskDefinition", "task", **{**given, "containerDefinitions": [container], **inputs})


ECR = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/app:1"


@step
def service(build: Builder, /, **entry: Any) -> None:
    """A service that fetches an image and writes a log."""
    net = find_network(build)
    members = stack_parts.group(build, net.vpc, "service-group")
    stack_parts.egress(build, "service-out", members, 443, cidrIpv4=stack_parts.ANYWHERE)
    containers = Json([{"name": "web", "image": ECR, "logConfiguration": {"logDriver": "awslogs"}, **entry}])
    definition = build("ecs/taskDefinition:TaskDefinition", "task", family="task", containerDefinitions=containers)
    place: dict[str, Any] = {"subnets": [net.private[0].id], "securityGroups": [members.id]}
    build("ecs/service:Service", "service", taskDefinition=definition.arn, networkConfiguration=place)


@step
def bucket_endpoint(build: Builder, /, bucket: str | None = None, **inputs: Any) -> None:
    """A gateway endpoint of S3 that admits reading from one bucket, or has no policy."""
    net = find_network(build)
    reads = {**EVERYBODY, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"policy": json.dumps({"Statement": [reads]})} if bucket else {}
    given: dict[str, Any] = {
        "serviceName": "com.amazonaws.eu-west-1.s3",
        "vpcEndpointType": "Gateway",
        **policy,
        **inputs,
    }
    tables = [table.id for table in net.tables]
    build("ec2/vpcEndpoint:VpcEndpoint", "s3", vpcId=net.vpc.id, routeTableIds=tables, **given)


@step
def secret_of_container(
    build: Builder, source: str, allowed: str = "", action: str = "secretsmanager:GetSecretValue"
) -> None:
    """A task whose container gets a secret, and an execution role with AWS's own policy and perhaps one more."""
    role = build("iam/role:Role", "starts", assumeRolePolicy=trust("ecs-tasks.amazonaws.com"))
    own = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    build("iam/rolePolicyAttachment:RolePolicyAttachment", "logs", role=role.name, policyArn=own)
    if allowed:
        build("iam/rolePolicy:RolePolicy", "reads", role=role.name, policy=allowing(action, resource=allowed))
    container = {"name": "app", "image": "a", "secrets": [{"name": "LOGIN", "valueFrom": source}]}
    given: dict[str, Any] = {"containerDefinitions": Json([container]), "executionRoleArn": role.arn, "family": "app"}
    build("ecs/taskDefinition:TaskDefinition", "task", **given)


@step
def schedule(build: Builder, policy: Any) -> None:
    """A schedule that invokes a function, with the policy of its role."""
    to = build("lambda/function:Function", "charge", role=f"arn:aws:iam::{ACCOUNT}:role/charge")
    role = build("iam/role:Role", "runs", assumeRolePolicy=trust("scheduler.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "may", role=role.name, policy=policy)
    target: dict[str, Any] = {"arn": to.arn, "roleArn": role.arn}
    build("scheduler/schedule:Schedule", "nightly", scheduleExpression="rate(1 day)", target=target)


# Documents


@step
def document(build: Builder, /, *, statements: Any = ({},), **whole: Any) -> None:
    """A policy of a role, with statements that differ from a right one; an element that is null is not there."""
    made = {"Version": "2012-10-17", "Statement": [_statement(one) for one in statements], **whole}
    build("iam/rolePolicy:RolePolicy", f"policy{len(build.resources) or ''}", role="role", policy=json.dumps(made))


def _statement(changes: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::images/*",
        **changes,
    }
    return {key: value for key, value in given.items() if value is not None}


@step
def trust_document(build: Builder, /, **changes: Any) -> None:
    """A role with a trust policy that differs from a right one."""
    right = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": {**right, **changes}})
    build("iam/role:Role", "role", assumeRolePolicy=policy)


@step
def api_document(build: Builder, /, *, integration: Any = None, operation: Any = None, **whole: Any) -> None:
    """An API with a body that differs from a right one."""
    given: dict[str, Any] = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": "http://10.0.0.1/{id}",
        **(integration or {}),
    }
    given = {key: value for key, value in given.items() if value is not None}
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    made = {"parameters": parameters, "x-amazon-apigateway-integration": given, **(operation or {})}
    body = {"openapi": "3.0.1", "info": {"title": "api", "version": "1"}, "paths": {"/orders/{id}": {"get": made}}}
    build("apigateway/restApi:RestApi", "api", body=json.dumps({**body, **whole}))


# Secrets


@step
def unlimited(build: Builder, /, **inputs: Any) -> None:
    """An HTTP API without a throttle, and the function that answers it."""
    http(build, defaultRouteSettings=None)
    to = build("lambda/function:Function", "greeter", **inputs)
    http_route("route", api="api", to=to.invokeArn, key="ANY /{proxy+}", authorizationType="NONE")(build)
    invoke("calls", api="api", function="greeter")(build)

"""The gate: what it asks, at what rate, and ways around."""

from types import SimpleNamespace
from typing import Any

from review.graph import UNKNOWN
from review.tests.front_parts import policy_of, private_stack
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import calls, http, permission, proxy_stack, rest, trust
from review.tests.rules.cases import doubt, fault, quiet


def function(build: Builder, name: str = "greeter", **inputs: Any) -> Made:
    role = build("iam/role:Role", f"{name}-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    logs = build("cloudwatch/logGroup:LogGroup", f"{name}-logs", retentionInDays=14)
    return build(
        "lambda/function:Function", name, **{"role": role.arn, "loggingConfig": {"logGroup": logs.name}, **inputs}
    )


ONE_RANGE = Json(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}},
            }
        ]
    }
)
"""A resource policy that admits one range of addresses."""


def _routed(build: Builder, api: Made, target: Made, key: str) -> None:
    """A route of an HTTP API to a function."""
    kind: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": target.invokeArn}
    made = build("apigatewayv2/integration:Integration", "integration", apiId=api.id, **kind)
    build("apigatewayv2/route:Route", "route", apiId=api.id, routeKey=key, target="integrations/" + made.id)


def open_api(build: Builder, **inputs: Any) -> SimpleNamespace:
    greeter = function(build)
    gate = rest(build, {"/greeting": {"get": calls(greeter, key=False)}}, **inputs)
    permission(build, gate.api, greeter)
    return gate


fault("API-01", at="api", message="anyone can call GET /greeting")(open_api)


@fault("API-01", at="api", message="anyone can call ANY /")
def _(build: Builder) -> None:
    greeter = function(build)
    gate = http(build)
    _routed(build, gate.api, greeter, "ANY /")
    permission(build, gate.api, greeter)


@fault("API-01", at="api", message="anyone can call GET /x")
def _(build: Builder) -> None:
    """HTTP APIs have no keys."""
    operation = {
        "x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://x.invalid", "httpMethod": "GET"}
    }
    scheme = {"type": "apiKey", "name": "x-api-key", "in": "header"}
    body = {"openapi": "3.0.1", "info": {"title": "x"}, "components": {"securitySchemes": {"key": scheme}}}
    body["paths"] = {"/x": {"get": {**operation, "security": [{"key": []}]}}}
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP", body=Json(body))
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", autoDeploy=True)


@quiet("API-01")
def _(build: Builder) -> None:
    build.config["small:protection"] = {"acknowledgePublic": [{"route": "GET HEAD /greeting", "reason": "a monitor"}]}
    open_api(build)


@fault("API-01", at="api", message="anyone can call GET /greeting")
def _(build: Builder) -> None:
    """Only a list acknowledges."""
    build.config["small:protection"] = {"acknowledgePublic": True}
    open_api(build)


@fault("API-01", at="api", message="anyone can call GET POST /admin")
def _(build: Builder) -> None:
    """Routes that are opened beside an acknowledged one."""
    build.config["small:protection"] = {"acknowledgePublic": ["GET /health"]}
    greeter = function(build)
    open_to_all = calls(greeter, key=False)
    gate = rest(build, {"/health": {"get": open_to_all}, "/admin": {"get": open_to_all, "post": open_to_all}})
    permission(build, gate.api, greeter)


@quiet("API-01")
def _(build: Builder) -> None:
    """Ranges, a signature, or a key: each is a question."""
    open_api(build, policy=ONE_RANGE)


@quiet("API-01")
def _(build: Builder) -> None:
    signed = function(build, environment={"variables": {"WEBHOOK_SECRET_ARN": "arn:aws:secretsmanager:::secret:x"}})
    gate = rest(build, {"/hook": {"post": calls(signed, key=False)}})
    permission(build, gate.api, signed)


@fault("API-02", at="api", message="no throttle")
def _(build: Builder) -> None:
    greeter = function(build)
    api = build(
        "apigateway/restApi:RestApi",
        "api",
        body=Json({"paths": {"/greeting": {"get": calls(greeter, key=False)}}}),
        endpointConfiguration={"types": "REGIONAL"},
    )
    build("apigateway/stage:Stage", "stage", restApi=api.id, stageName="live", deployment="d")


@fault("API-02", at="api", message="no throttle")
def _(build: Builder) -> None:
    greeter = function(build)
    gate = http(build, defaultRouteSettings=None)
    _routed(build, gate.api, greeter, "GET /x")


@fault("API-02", at="api", message="no throttle limits the routes (known only after deployment) of api")
def _(build: Builder) -> None:
    api = build("apigateway/restApi:RestApi", "api", body=UNKNOWN)
    build("apigateway/stage:Stage", "stage", restApi=api.id, deployment="abc123", stageName="live")


quiet("API-02")(proxy_stack)


@fault("API-03", at="api", message="any VPC endpoint of any account")
def _(build: Builder) -> None:
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    private_stack(build, policy={"Statement": [anyone]})


quiet("API-03")(lambda build: private_stack(build, policy=policy_of("vpce-0abc")))


CERTIFICATES = {"mutualTlsAuthentication": {"truststoreUri": "s3://trust/store.pem"}}


def own_domain(
    build: Builder, *, closed: Any, second: bool = False, certificates: Any = CERTIFICATES
) -> SimpleNamespace:
    """An API whose domain requires clients' certificates, and perhaps a second domain that does not."""
    greeter = function(build)
    gate = rest(build, {"/greeting": {"get": calls(greeter, key=False)}}, disableExecuteApiEndpoint=closed)
    permission(build, gate.api, greeter)
    for name, inputs in {"domain": certificates, **({"second": {}} if second else {})}.items():
        domain = build(
            "apigateway/domainName:DomainName",
            name,
            domainName=f"{name}.example.com",
            securityPolicy="TLS_1_2",
            **inputs,
        )
        build(
            "apigateway/basePathMapping:BasePathMapping",
            f"{name}-mapping",
            restApi=gate.api.id,
            domainName=domain.domainName,
            stageName="live",
        )
    return gate


fault("API-01", at="api", message="anyone can call GET /greeting at its default address, which requires no client")(
    lambda build: own_domain(build, closed=False)
)
fault("API-01", at="api", message="anyone can call GET /greeting at second, which requires no client certificate")(
    lambda build: own_domain(build, closed=True, second=True)
)
fault("API-04", at="api", message="domain requires client certificates")(lambda build: own_domain(build, closed=False))
quiet("API-04", "API-01")(lambda build: own_domain(build, closed=True))


@quiet("API-01")
def _(build: Builder) -> None:
    """Nothing leads to it."""
    open_api(build, disableExecuteApiEndpoint=True)


@fault("API-09", at="api")
def _(build: Builder) -> None:
    cors = {"allowOrigins": ["*"], "allowCredentials": True}
    build("apigatewayv2/api:Api", "api", protocolType="HTTP", corsConfiguration=cors)


@fault("API-09", at="api")
def _(build: Builder) -> None:
    """AWS reads it as every origin that begins with https://."""
    cors = {"allowOrigins": ["https://*"], "allowCredentials": True}
    build("apigatewayv2/api:Api", "api", protocolType="HTTP", corsConfiguration=cors)


@quiet("API-09")
def _(build: Builder) -> None:
    cors = {"allowOrigins": ["https://app.example.com"], "allowCredentials": True}
    build("apigatewayv2/api:Api", "api", protocolType="HTTP", corsConfiguration=cors)


fault("GATE-01", at="api", message="no resource policy")(lambda build: private_stack(build, policy={}))


quiet("GATE-01")(private_stack)


@doubt("GATE-01", at="api", message="does not read")
def _(build: Builder) -> None:
    stack = private_stack(build, policy={})
    build(
        "apigateway/restApiPolicy:RestApiPolicy",
        "policy",
        restApiId=stack.gate.api.id,
        policy=Json(policy_of(stack.door.endpoint.id)),
    )


fault("GATE-02", at="api", message="no endpoint")(
    lambda build: open_api(build, endpointConfiguration={"types": "PRIVATE"})
)
quiet("GATE-02")(
    lambda build: open_api(build, endpointConfiguration={"types": "PRIVATE", "vpcEndpointIds": ["vpce-0abc"]})
)


@fault("GATE-04", at="api", message="no usage plan")
def _(build: Builder) -> None:
    greeter = function(build)
    gate = rest(build, {"/greeting": {"get": calls(greeter)}}, planned=False)
    permission(build, gate.api, greeter)


@fault("GATE-04", at="api", message="plan holds none")
def _(build: Builder) -> None:
    gate = rest(build, {"/greeting": {"get": calls(function(build))}}, planned=False)
    build("apigateway/usagePlan:UsagePlan", "plan", apiStages=[{"apiId": gate.api.id, "stage": gate.stage.stageName}])


quiet("GATE-04")(lambda build: rest(build, {"/greeting": {"get": calls(function(build))}}))
fault("GATE-05", at="greeter", message="may take 60 s")(
    lambda build: rest(build, {"/greeting": {"get": calls(function(build, timeout=60))}})
)


@quiet("GATE-05")
def _(build: Builder) -> None:
    rest(build, {"/greeting": {"get": calls(function(build, timeout=29))}})
    function(build, "nightly", timeout=900)


def _listing(count: int) -> dict[str, Any]:
    ranges = [f"10.{number // 256}.{number % 256}.0/24" for number in range(count)]
    condition = {"NotIpAddress": {"aws:SourceIp": ranges}}
    return {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}]}


fault("GATE-06", at="api", message="characters")(lambda build: open_api(build, policy=Json(_listing(1000))))
quiet("GATE-06")(lambda build: open_api(build, policy=Json(_listing(100))))


def authorizer(build: Builder) -> tuple[Made, Made]:
    decides = function(build, "decides")
    api = http(build).api
    build(
        "apigatewayv2/authorizer:Authorizer",
        "authorizer",
        apiId=api.id,
        authorizerType="REQUEST",
        authorizerUri=decides.invokeArn,
    )
    return api, decides


fault("GATE-07", at="authorizer", message="invoke decides")(authorizer)
quiet("GATE-07")(lambda build: permission(build, *authorizer(build)))


def url_integration(build: Builder, url: str) -> None:
    gate = http(build)
    made = build(
        "apigatewayv2/integration:Integration",
        "integration",
        apiId=gate.api.id,
        integrationType="HTTP_PROXY",
        integrationUri=url,
    )
    build("apigatewayv2/route:Route", "route", apiId=gate.api.id, routeKey="GET /x", target="integrations/" + made.id)


fault("GATE-08", at="integration", message="10.0.1.7")(lambda build: url_integration(build, "http://10.0.1.7:8080/x"))
quiet("GATE-08")(lambda build: url_integration(build, "https://backend.example.com/x"))

"""Pairs of small programs, each with what the first screen must say of the change from one to the other."""

from collections.abc import Mapping
from typing import Any

from review.graph import Options
from review.tests.front_parts import private_stack, route
from review.tests.graph_builder import Builder, Json, Made, part
from review.tests.parts import ANYWHERE, REFUSE, group, machine, network, permission, public_front, rest, trust

SSH = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [ANYWHERE]}
TLS: dict[str, Any] = {"port": 443, "protocol": "HTTPS", "certificateArn": "arn:aws:acm:c"}
RETAINED = Options(retain_on_delete=True)
PROTECTED = Options(protect=True)


def ignoring(*keys: str) -> Options:
    return Options(ignore_changes=keys)


@part
def public(
    build: Builder, /, inline: list[dict[str, Any]] | None, options: Options | None = None, **inputs: Any
) -> None:
    """A machine with a public address; its group has these inline rules, or leaves them out."""
    net = network(build)
    given: dict[str, Any] = {} if inline is None else {"ingress": inline}
    members = group(build, net.vpc, "web-group", options=options, **given)
    machine(
        build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True, **inputs
    )


@part
def with_rule(
    build: Builder, rule: Mapping[str, Any] | None, options: Options | None = None, name: str = "ssh"
) -> None:
    """The same with a rule of its own."""
    net = network(build)
    members = group(build, net.vpc, "web-group")
    if rule is not None:
        kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        ports = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22}
        build(kind, name, options=options, **{"securityGroupId": members.id, **ports, **rule})
    machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True)


@part
def scaled(
    build: Builder, *, public_address: bool, version: Any = "$Default", update: bool = False, refresh: bool = False
) -> None:
    """A group of machines that a template gives public addresses or none. `version` may name an output."""
    net = network(build)
    members = group(build, net.vpc, "web-group", ingress=[SSH])
    card: dict[str, Any] = {"associatePublicIpAddress": str(public_address).lower(), "securityGroups": [members.id]}
    template = build(
        "ec2/launchTemplate:LaunchTemplate",
        "template",
        imageId="ami-1",
        instanceType="t4g.nano",
        networkInterfaces=[card],
        updateDefaultVersion=update,
    )
    rolling: dict[str, Any] = {"instanceRefresh": {"strategy": "Rolling"}} if refresh else {}
    wanted = getattr(template, version) if version in ("latestVersion", "defaultVersion") else version
    build(
        "autoscaling/group:Group",
        "web",
        minSize=1,
        maxSize=1,
        vpcZoneIdentifiers=[net.public.id],
        launchTemplate={"id": template.id, **({} if wanted is None else {"version": wanted})},
        **rolling,
    )


def greeter(build: Builder) -> Made:
    role = build("iam/role:Role", "greeter-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    return build("lambda/function:Function", "greeter", role=role.arn)


def only_from(*ranges: str) -> dict[str, Any]:
    common = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    deny = {"Effect": "Deny", **common, "Condition": {"NotIpAddress": {"aws:SourceIp": list(ranges)}}}
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **common}, deny]}


def by_principals(*accounts: str) -> dict[str, Any]:
    principals = [f"arn:aws:iam::{account}:root" for account in accounts]
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Principal": {"AWS": principals}}]}


@part
def discrete(
    build: Builder,
    /,
    *methods: str,
    policy: Any = None,
    triggers: str = "1",
    resource: bool = False,
    asks: str = "NONE",
    **inputs: Any,
) -> None:
    """A REST API of resources of its own, with a deployment by hand. `resource` writes the policy as a resource."""
    function = greeter(build)
    written: dict[str, Any] = {"policy": Json(policy)} if policy and not resource else {}
    api = build("apigateway/restApi:RestApi", "api", **{**written, **inputs})
    if policy and resource:
        build("apigateway/restApiPolicy:RestApiPolicy", "policy", restApiId=api.id, policy=Json(policy))
    at = build("apigateway/resource:Resource", "orders", restApi=api.id, parentId="root", pathPart="orders")
    for method in methods or ("GET",):
        place: dict[str, Any] = {"restApi": api.id, "resourceId": at.id, "httpMethod": method}
        build("apigateway/method:Method", f"{method}-orders", authorization=asks, **place)
        kind = "apigateway/integration:Integration"
        more: dict[str, Any] = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": function.invokeArn}
        build(kind, f"{method}-greets", **place, **more)
    made = build("apigateway/deployment:Deployment", "deployment", restApi=api.id, triggers={"n": triggers})
    build("apigateway/stage:Stage", "stage", restApi=api.id, deployment=made.id, stageName="live")
    build(
        "lambda/permission:Permission",
        "invokes",
        action="lambda:InvokeFunction",
        function=function.name,
        principal="apigateway.amazonaws.com",
        sourceArn=api.executionArn + "/*/*",
    )


JWT = {"issuer": "https://issuer.example.com", "audiences": ["a"]}


@part
def http_api(
    build: Builder,
    /,
    *keys: str,
    jwt: Mapping[str, Any] | None = None,
    scopes: list[str] | None = None,
    domain: Mapping[str, Any] | None = None,
    authorizer: Mapping[str, Any] | None = None,
    deployment: str = "",
    **inputs: Any,
) -> None:
    """An HTTP API in front of a function. With `deployment` its stage deploys nothing by itself."""
    function = greeter(build)
    made: dict[str, Any] = {}
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP", **inputs)
    if deployment:
        kind = "apigatewayv2/deployment:Deployment"
        deployed = build(kind, "deployment", apiId=api.id, triggers={"n": deployment})
        made = {"autoDeploy": False, "deploymentId": deployed.id}
    build("apigatewayv2/stage:Stage", "stage", **{"apiId": api.id, "name": "$default", "autoDeploy": True, **made})
    kind = "apigatewayv2/integration:Integration"
    by: dict[str, Any] = {
        "integrationType": "AWS_PROXY",
        "integrationUri": function.invokeArn,
        "payloadFormatVersion": "2.0",
    }
    integration = build(kind, "integration", apiId=api.id, **by)
    asks: dict[str, Any] = {"authorizationType": "NONE"}
    if jwt is not None or authorizer is not None:
        written = authorizer or {
            "authorizerType": "JWT",
            "identitySources": ["$request.header.Authorization"],
            "jwtConfiguration": jwt,
        }
        resource = build("apigatewayv2/authorizer:Authorizer", "authorizer", apiId=api.id, **written)
        asks = {"authorizationType": "JWT" if jwt is not None else "CUSTOM", "authorizerId": resource.id}
        asks |= {"authorizationScopes": scopes} if scopes else {}
    permission(build, api, function)
    for number, key in enumerate(keys or ("GET /orders",)):
        route(build, api, integration, **asks, routeKey=key) if number == 0 else build(
            "apigatewayv2/route:Route",
            f"route-{key}",
            apiId=api.id,
            target="integrations/" + integration.id,
            routeKey=key,
            **asks,
        )
    if domain is not None:
        settings: dict[str, Any] = {
            "endpointType": "REGIONAL",
            "securityPolicy": "TLS_1_2",
            "certificateArn": "arn:aws:acm:c",
        }
        more: dict[str, Any] = {key: value for key, value in domain.items() if key == "mutualTlsAuthentication"}
        given: dict[str, Any] = {key: value for key, value in domain.items() if key in settings}
        at = build(
            "apigatewayv2/domainName:DomainName",
            "domain",
            domainName=domain.get("name", "api.example.com"),
            domainNameConfiguration={**settings, **given},
            **more,
        )
        build("apigatewayv2/apiMapping:ApiMapping", "mapping", apiId=api.id, domainName=at.id, stage="$default")
        if domain.get("zone"):
            alias = {"name": "target.example", "zoneId": "Z2", "evaluateTargetHealth": False}
            place: dict[str, Any] = {
                "zoneId": domain["zone"],
                "name": domain.get("name", "api.example.com"),
                "type": "A",
            }
            build("route53/record:Record", "ipv4", **place, aliases=[alias])


@part
def keyed(build: Builder, /, *keys: tuple[str, Any], **options: Any) -> None:
    """A REST API that asks for a key; each key has a name, and a value or None for one that AWS makes."""
    function = greeter(build)
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": function.invokeArn}
    operation = {"x-amazon-apigateway-integration": integration, "security": [{"key": []}]}
    gate = rest(build, {"/orders": {"get": operation}})
    stages = [{"apiId": gate.api.id, "stage": gate.stage.stageName}]
    permission(build, gate.api, function)
    plan = build("apigateway/usagePlan:UsagePlan", options.get("plan", "plan"), apiStages=stages)
    for name, value in keys:
        given: dict[str, Any] = {} if value is None else {"value": value}
        key = build("apigateway/apiKey:ApiKey", name, enabled=options.get("enabled", True), **given)
        kind = "apigateway/usagePlanKey:UsagePlanKey"
        build(kind, f"{name}-member", keyId=key.id, keyType="API_KEY", usagePlanId=plan.id)


@part
def document(
    build: Builder,
    /,
    security: Any,
    scheme: Mapping[str, Any],
    *,
    method: str = "get",
    path: str = "/orders",
    **body: Any,
) -> None:
    """A REST API of one document with one scheme."""
    function = greeter(build)
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": function.invokeArn}
    operation = {"x-amazon-apigateway-integration": integration, "security": security}
    schemes = {"components": {"securitySchemes": {"it": scheme}}}
    gate = rest(build, {path: {method: operation}}, body={**schemes, **body})
    permission(build, gate.api, function)


def lambda_scheme(uri: str, **more: Any) -> dict[str, Any]:
    decision = {"type": "request", "authorizerUri": uri, "identitySource": "method.request.header.X", **more}
    return {"type": "apiKey", "name": "X", "in": "header", "x-amazon-apigateway-authorizer": decision}


def pools(*arns: str) -> dict[str, Any]:
    decision = {"type": "cognito_user_pools", "providerARNs": list(arns)}
    return {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authorizer": decision}


@part
def balanced(build: Builder, /, *, acl: bool = False, source: list[str] | None = None, **listener: Any) -> None:
    """A public balancer in front of a machine: perhaps with a web ACL, or a rule for some ranges."""
    net = network(build)
    front = group(build, net.vpc, "front-group", ingress=[{**SSH, "fromPort": 443, "toPort": 443}])
    admitted = [{"protocol": "tcp", "fromPort": 8080, "toPort": 8080, "securityGroups": [front.id]}]
    behind = group(build, net.vpc, "web-group", ingress=admitted)
    server = machine(build, "web", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
    ruled = source is not None or "conditions" in listener
    given = {**TLS, **({"defaultActions": [REFUSE]} if ruled else {}), **listener}
    given.pop("conditions", None)
    made = public_front(build, net, server, target={"port": 8080}, listener=given, securityGroups=[front.id])
    if ruled:
        conditions = [{"pathPattern": {"values": ["/orders"]}}]
        conditions += [{"sourceIp": {"values": source}}] if source else []
        conditions = listener.get("conditions", conditions)
        rule: dict[str, Any] = {"actions": [made.forward], "conditions": conditions}
        build("lb/listenerRule:ListenerRule", "rule", listenerArn=made.listener.arn, priority=1, **rule)
    if acl:
        kind = "wafv2/webAcl:WebAcl"
        made_acl = build(kind, "acl", scope="REGIONAL", defaultAction={"block": {}}, rules=[])
        kind = "wafv2/webAclAssociation:WebAclAssociation"
        build(kind, "guard", resourceArn=made.balancer.arn, webAclArn=made_acl.arn)


@part
def queue(build: Builder, policy: Any, options: Options | None = None) -> None:
    given: dict[str, Any] = {} if policy is None else {"policy": policy if isinstance(policy, str) else Json(policy)}
    build("sqs/queue:Queue", "queue", options=options, **given)


@part
def role_trusting(build: Builder, /, principal: Any, **more: Any) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    build("iam/role:Role", "partner", assumeRolePolicy=Json({"Statement": [statement]}))


@part
def scheduled(build: Builder, assign: bool) -> None:
    """A Fargate task that EventBridge Scheduler starts."""
    net = network(build)
    members = group(build, net.vpc, "job-group", ingress=[SSH])
    card: dict[str, Any] = {"subnets": [net.public.id], "securityGroups": [members.id], "assignPublicIp": assign}
    run = {"taskDefinitionArn": "arn:aws:ecs:t", "launchType": "FARGATE", "networkConfiguration": card}
    target = {"arn": "arn:aws:ecs:c", "roleArn": "arn:aws:iam:r", "ecsParameters": run}
    kind = "scheduler/schedule:Schedule"
    build(kind, "job", scheduleExpression="rate(1 hour)", flexibleTimeWindow={"mode": "OFF"}, target=target)


@part
def guests(build: Builder, allowed: bool) -> None:
    """An identity pool whose guests have a role that may invoke a function."""
    greeter(build)
    kind = "cognito/identityPool:IdentityPool"
    build(kind, "pool", identityPoolName="pool", allowUnauthenticatedIdentities=allowed)


@part
def foreign(build: Builder, opened: bool) -> None:
    """A group that another stack made, with a rule of this one."""
    network(build)
    if opened:
        rule: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": ANYWHERE}
        kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        build(kind, "ssh", securityGroupId="sg-0123456789abcdef0", **rule)


@part
def private(build: Builder, *ranges: str, dns: bool = True, extra: Any = None) -> None:
    """A private API whose endpoint admits these ranges beside the VPC's."""
    made = private_stack(build, private_dns=dns)
    for cidr in ranges:
        rule: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": cidr}
        kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        build(kind, f"from-{cidr}", securityGroupId=made.door.group.id, **rule)

"""Pairs of small programs, each with what the first screen must say of the change from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from review.graph import Options
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import ANYWHERE, group, machine, network, permission, private_stack, rest, route, trust

Declare = Callable[[Builder], object]
SSH = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [ANYWHERE]}
RETAINED = Options(retain_on_delete=True)
PROTECTED = Options(protect=True)


def ignoring(*keys: str) -> Options:
    return Options(ignore_changes=keys)


def public(inline: list[dict[str, Any]] | None, options: Options | None = None, **inputs: Any) -> Declare:
    """A machine with a public address; its group has these inline rules, or leaves them out."""

    def declare(build: Builder) -> None:
        net = network(build)
        given: dict[str, Any] = {} if inline is None else {"ingress": inline}
        members = group(build, net.vpc, "web-group", options=options, **given)
        machine(
            build,
            "web",
            subnetId=net.public.id,
            vpcSecurityGroupIds=[members.id],
            associatePublicIpAddress=True,
            **inputs,
        )

    return declare


def with_rule(rule: Mapping[str, Any] | None, options: Options | None = None, name: str = "ssh") -> Declare:
    """The same with a rule of its own."""

    def declare(build: Builder) -> None:
        net = network(build)
        members = group(build, net.vpc, "web-group")
        if rule is not None:
            kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
            ports = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22}
            build(kind, name, options=options, **{"securityGroupId": members.id, **ports, **rule})
        machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True)

    return declare


def scaled(*, public_address: bool, version: Any = "$Default", update: bool = False, refresh: bool = False) -> Declare:
    """A group of machines that a template gives public addresses or none. `version` may name an output."""

    def declare(build: Builder) -> None:
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

    return declare


def greeter(build: Builder) -> Made:
    role = build("iam/role:Role", "greeter-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    return build("lambda/function:Function", "greeter", role=role.arn)


def only_from(*ranges: str) -> dict[str, Any]:
    common = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    deny = {"Effect": "Deny", **common, "Condition": {"NotIpAddress": {"aws:SourceIp": list(ranges)}}}
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **common}, deny]}


def by_principals(*accounts: str) -> dict[str, Any]:
    principals = [f"arn:aws:iam::{one}:root" for one in accounts]
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Principal": {"AWS": principals}}]}


def discrete(
    *methods: str, policy: Any = None, triggers: str = "1", resource: bool = False, asks: str = "NONE", **inputs: Any
) -> Declare:
    """A REST API of resources of its own, with a deployment by hand. `resource` writes the policy as a resource."""

    def declare(build: Builder) -> None:
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

    return declare


JWT = {"issuer": "https://issuer.example.com", "audiences": ["a"]}


def http_api(
    *keys: str,
    jwt: Mapping[str, Any] | None = None,
    scopes: list[str] | None = None,
    domain: Mapping[str, Any] | None = None,
    authorizer: Mapping[str, Any] | None = None,
    deployment: str = "",
    **inputs: Any,
) -> Declare:
    """An HTTP API in front of a function. With `deployment` its stage deploys nothing by itself."""

    def declare(build: Builder) -> None:
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
            one = build("apigatewayv2/authorizer:Authorizer", "authorizer", apiId=api.id, **written)
            asks = {"authorizationType": "JWT" if jwt is not None else "CUSTOM", "authorizerId": one.id}
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

    return declare


def keyed(*keys: tuple[str, Any], **options: Any) -> Declare:
    """A REST API that asks for a key; each key has a name, and a value or None for one that AWS makes."""

    def declare(build: Builder) -> None:
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

    return declare


def document(
    security: Any, scheme: Mapping[str, Any], *, method: str = "get", path: str = "/orders", **body: Any
) -> Declare:
    """A REST API of one document with one scheme."""

    def declare(build: Builder) -> None:
        function = greeter(build)
        integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": function.invokeArn}
        operation = {"x-amazon-apigateway-integration": integration, "security": security}
        schemes = {"components": {"securitySchemes": {"it": scheme}}}
        gate = rest(build, {path: {method: operation}}, body={**schemes, **body})
        permission(build, gate.api, function)

    return declare


def lambda_scheme(uri: str, **more: Any) -> dict[str, Any]:
    decision = {"type": "request", "authorizerUri": uri, "identitySource": "method.request.header.X", **more}
    return {"type": "apiKey", "name": "X", "in": "header", "x-amazon-apigateway-authorizer": decision}


def pools(*arns: str) -> dict[str, Any]:
    decision = {"type": "cognito_user_pools", "providerARNs": list(arns)}
    return {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authorizer": decision}


def balanced(*, acl: bool = False, source: list[str] | None = None, **listener: Any) -> Declare:
    """A public balancer in front of a machine: perhaps with a web ACL, or a rule for some ranges."""

    def declare(build: Builder) -> None:
        net = network(build)
        front = group(build, net.vpc, "front-group", ingress=[{**SSH, "fromPort": 443, "toPort": 443}])
        sources = [front.id]
        behind = group(
            build,
            net.vpc,
            "web-group",
            ingress=[{"protocol": "tcp", "fromPort": 8080, "toPort": 8080, "securityGroups": sources}],
        )
        server = machine(build, "web", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
        made = build(
            "lb/loadBalancer:LoadBalancer",
            "front",
            loadBalancerType="application",
            subnets=[net.public.id],
            securityGroups=[front.id],
        )
        targets = build("lb/targetGroup:TargetGroup", "targets", port=8080, protocol="HTTP", vpcId=net.vpc.id)
        build("lb/targetGroupAttachment:TargetGroupAttachment", "one", targetGroupArn=targets.arn, targetId=server.id)
        forward = {"type": "forward", "targetGroupArn": targets.arn}
        refuse = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "403"}}
        ruled = source is not None or "conditions" in listener
        at = build(
            "lb/listener:Listener",
            "listener",
            loadBalancerArn=made.arn,
            **{
                "port": 443,
                "protocol": "HTTPS",
                "certificateArn": "arn:aws:acm:c",
                "defaultActions": [refuse if ruled else forward],
                **{key: value for key, value in listener.items() if key != "conditions"},
            },
        )
        if ruled:
            conditions = [{"pathPattern": {"values": ["/orders"]}}]
            conditions += [{"sourceIp": {"values": source}}] if source else []
            conditions = listener.get("conditions", conditions)
            given: dict[str, Any] = {"actions": [forward], "conditions": conditions}
            build("lb/listenerRule:ListenerRule", "rule", listenerArn=at.arn, priority=1, **given)
        if acl:
            kind = "wafv2/webAcl:WebAcl"
            made_acl = build(kind, "acl", scope="REGIONAL", defaultAction={"block": {}}, rules=[])
            kind = "wafv2/webAclAssociation:WebAclAssociation"
            build(kind, "guard", resourceArn=made.arn, webAclArn=made_acl.arn)

    return declare


def queue(policy: Any, options: Options | None = None) -> Declare:
    def declare(build: Builder) -> None:
        given: dict[str, Any] = (
            {} if policy is None else {"policy": policy if isinstance(policy, str) else Json(policy)}
        )
        build("sqs/queue:Queue", "queue", options=options, **given)

    return declare


def role_trusting(principal: Any, **more: Any) -> Declare:
    def declare(build: Builder) -> None:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
        build("iam/role:Role", "partner", assumeRolePolicy=Json({"Statement": [statement]}))

    return declare


def scheduled(assign: bool) -> Declare:
    """A Fargate task that EventBridge Scheduler starts."""

    def declare(build: Builder) -> None:
        net = network(build)
        members = group(build, net.vpc, "job-group", ingress=[SSH])
        card: dict[str, Any] = {"subnets": [net.public.id], "securityGroups": [members.id], "assignPublicIp": assign}
        run = {"taskDefinitionArn": "arn:aws:ecs:t", "launchType": "FARGATE", "networkConfiguration": card}
        target = {"arn": "arn:aws:ecs:c", "roleArn": "arn:aws:iam:r", "ecsParameters": run}
        kind = "scheduler/schedule:Schedule"
        build(kind, "job", scheduleExpression="rate(1 hour)", flexibleTimeWindow={"mode": "OFF"}, target=target)

    return declare


def guests(allowed: bool) -> Declare:
    """An identity pool whose guests have a role that may invoke a function."""

    def declare(build: Builder) -> None:
        greeter(build)
        kind = "cognito/identityPool:IdentityPool"
        build(kind, "pool", identityPoolName="pool", allowUnauthenticatedIdentities=allowed)

    return declare


def foreign(opened: bool) -> Declare:
    """A group that another stack made, with a rule of this one."""

    def declare(build: Builder) -> None:
        network(build)
        if opened:
            rule: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": ANYWHERE}
            kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
            build(kind, "ssh", securityGroupId="sg-0123456789abcdef0", **rule)

    return declare


def private(*ranges: str, dns: bool = True, extra: Any = None) -> Declare:
    """A private API whose endpoint admits these ranges beside the VPC's."""

    def declare(build: Builder) -> None:
        made = private_stack(build, private_dns=dns)
        for cidr in ranges:
            rule: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": cidr}
            kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
            build(kind, f"from-{cidr}", securityGroupId=made.door.group.id, **rule)

    return declare

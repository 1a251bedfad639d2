"""More pairs of small programs, near those of `pairs`, for what decides on callers and no path shows."""

from typing import Any

from review.graph import Options, Secret
from review.tests.compare.pairs import SSH, TLS, by_principals, greeter
from review.tests.graph_builder import Builder, Declare, Json, part
from review.tests.parts import REFUSE, group, machine, network, permission, public_front, rest, trust

ACCOUNT = "arn:aws:iam::999988887777:root"
INVOKES = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
AWS_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"


def alone(kind: str, options: Options | None = None, /, **inputs: Any) -> Declare:
    """One resource."""
    return lambda build: build(kind, "one", options=options, **inputs)


@part
def either(build: Builder, declare: Declare, more: Declare) -> None:
    """Both."""
    declare(build)
    more(build)


@part
def bucket(
    build: Builder, *accounts: str, options: Options | None = None, public: bool = False, blocked: bool = True
) -> None:
    made = build("s3/bucket:Bucket", "files")
    kind = "s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    names = ("blockPublicPolicy", "restrictPublicBuckets", "blockPublicAcls", "ignorePublicAcls")
    flags: dict[str, Any] = dict.fromkeys(names, blocked)
    build(kind, "block", bucket=made.id, **flags)
    who: Any = "*" if public else {"AWS": list(accounts)}
    statement = {"Effect": "Allow", "Principal": who, "Action": "s3:GetObject", "Resource": "*"}
    policy = Json({"Version": "2012-10-17", "Statement": [statement]})
    if accounts or public:
        build("s3/bucketPolicy:BucketPolicy", "admits", options=options, bucket=made.id, policy=policy)


def holder(kind: str, key: str, *accounts: str, **inputs: Any) -> Declare:
    """A resource whose policy lets these accounts in."""
    return alone(kind, **inputs, **{key: Json(by_principals(*accounts))})


@part
def function_url(build: Builder, /, authorization: str, *, name: str = "greeter", **inputs: Any) -> None:
    function = greeter(build)
    build("lambda/functionUrl:FunctionUrl", name, functionName=function.name, authorizationType=authorization, **inputs)


@part
def invoked_by(build: Builder, *accounts: str, options: Options | None = None) -> None:
    """A function that other accounts may invoke."""
    function = greeter(build)
    kind = "lambda/permission:Permission"
    for account in accounts:
        given: dict[str, Any] = {"function": function.name, "principal": account}
        build(kind, f"from-{account}", options=options, action="lambda:InvokeFunction", **given)


@part
def decided(build: Builder, /, code: str = "a", backend: str = "a", uri: str = "", **environment: str) -> None:
    """A REST API whose authorizer is a function of the program. `uri` is an HTTP target in place of a function."""
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    given: dict[str, Any] = {"role": role.arn, "environment": {"variables": environment}}
    decider = build("lambda/function:Function", "decider", code=code, **given)
    function = build("lambda/function:Function", "backend", code=backend, role=role.arn)
    integration: dict[str, Any] = {"type": "aws_proxy", "httpMethod": "POST", "uri": function.invokeArn}
    if uri:
        integration = {"type": "http_proxy", "httpMethod": "GET", "uri": uri}
    decision = {"type": "token", "authorizerUri": decider.invokeArn}
    scheme = {"type": "apiKey", "name": "X", "in": "header", "x-amazon-apigateway-authorizer": decision}
    operation = {"x-amazon-apigateway-integration": integration, "security": [{"it": []}]}
    gate = rest(build, {"/orders": {"get": operation}}, body={"components": {"securitySchemes": {"it": scheme}}})
    permission(build, gate.api, function)


@part
def with_response(build: Builder, origin: str) -> None:
    """A REST API whose own errors browsers of an origin may read, and a method's cache."""
    decided()(build)
    headers = {"gatewayresponse.header.Access-Control-Allow-Origin": f"'{origin}'"}
    kind = "apigateway/response:Response"
    build(kind, "denied", restApiId="api", responseType="DEFAULT_4XX", responseParameters=headers)


@part
def settings(build: Builder, /, **given: Any) -> None:
    decided()(build)
    kind = "apigateway/methodSettings:MethodSettings"
    build(kind, "settings", restApi="api", stageName="live", methodPath="*/*", settings=given)


@part
def role(build: Builder, /, *attached: str, options: Options | None = None, **inputs: Any) -> None:
    """A role that another account takes."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    made = build("iam/role:Role", "partner", assumeRolePolicy=Json({"Statement": [statement]}), **inputs)
    for arn in attached:
        kind = "iam/rolePolicyAttachment:RolePolicyAttachment"
        build(kind, "attached", options=options, role=made.name, policyArn=arn)


@part
def role_with_policy(build: Builder, attached: bool) -> None:
    """A role, and a policy of the program that lets it call a function once it is attached."""
    role()(build)
    policy = build("iam/policy:Policy", "calls", policy=Json({"Statement": [INVOKES]}))
    if attached:
        build("iam/rolePolicyAttachment:RolePolicyAttachment", "attached", role="partner", policyArn=policy.arn)


def inline(*statements: Any) -> dict[str, Any]:
    return {"inlinePolicies": [{"name": "calls", "policy": Json({"Statement": list(statements)})}]}


@part
def served(
    build: Builder,
    /,
    *,
    target: dict[str, Any] | None = None,
    certificates: tuple[str, ...] = ("arn:a",),
    kind: str = "application",
    **listener: Any,
) -> None:
    """A public balancer in front of a machine; the first certificate is the listener's, and others are added."""
    net = network(build)
    front = group(build, net.vpc, "front-group", ingress=[{**SSH, "fromPort": 443, "toPort": 443}])
    admitted = [{"protocol": "tcp", "fromPort": 8080, "toPort": 8080, "securityGroups": [front.id]}]
    behind = group(build, net.vpc, "web-group", ingress=admitted)
    server = machine(build, "web", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
    door = {**TLS, "certificateArn": certificates[0], **listener}
    given: dict[str, Any] = {"target": {"port": 8080, **(target or {})}, "listener": door, "securityGroups": [front.id]}
    at = public_front(build, net, server, loadBalancerType=kind, **given).listener.arn
    for arn in certificates[1:]:
        build("lb/listenerCertificate:ListenerCertificate", "more", listenerArn=at, certificateArn=arn)


@part
def ranked(build: Builder, first: int, second: int) -> None:
    """Two rules of a listener: one for a range, which forwards, and one for all, which refuses."""
    served()(build)
    at = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/front/1/2"
    forward = {"type": "forward", "targetGroupArn": "arn:aws:elasticloadbalancing:::targetgroup/x"}
    kind = "lb/listenerRule:ListenerRule"
    whole = [{"pathPattern": {"values": ["*"]}}]
    build(kind, "admits", listenerArn=at, priority=first, actions=[forward], conditions=whole)
    build(kind, "REFUSEs", listenerArn=at, priority=second, actions=[REFUSE], conditions=whole)


@part
def reached(build: Builder, /, **inputs: Any) -> None:
    """A machine that a partner's range may log in to."""
    net = network(build)
    members = group(build, net.vpc, "web-group", ingress=[{**SSH, "cidrBlocks": ["203.0.113.0/24"]}])
    place: dict[str, Any] = {"subnetId": net.public.id, "vpcSecurityGroupIds": [members.id]}
    machine(build, "web", **{**place, "associatePublicIpAddress": True, **inputs})


@part
def listed(build: Builder, *ranges: str, options: Options | None = None) -> None:
    """A machine that a prefix list admits to."""
    net = network(build)
    kind = "ec2/managedPrefixList:ManagedPrefixList"
    entries = [{"cidr": cidr} for cidr in ranges]
    made = build(kind, "partners", options=options, addressFamily="IPv4", maxEntries=5, entries=entries)
    members = group(build, net.vpc, "web-group")
    rule: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "prefixListId": made.id}
    build("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "from", securityGroupId=members.id, **rule)
    machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True)


@part
def two_stages(build: Builder, first: str, second: str, *methods: str, crossed: bool = False) -> None:
    """A REST API with a stage for each of two deployments, perhaps each for the other one."""
    function = greeter(build)
    api = build("apigateway/restApi:RestApi", "api")
    at = build("apigateway/resource:Resource", "orders", restApi=api.id, parentId="root", pathPart="orders")
    for method in methods:
        place: dict[str, Any] = {"restApi": api.id, "resourceId": at.id, "httpMethod": method}
        build("apigateway/method:Method", f"{method}-orders", authorization="NONE", **place)
        how: dict[str, Any] = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": function.invokeArn}
        build("apigateway/integration:Integration", f"{method}-greets", **place, **how)
    marks = {"blue": first, "green": second}
    kind = "apigateway/deployment:Deployment"
    made = [build(kind, f"{name}-deployment", restApi=api.id, triggers={"n": mark}) for name, mark in marks.items()]
    for name, resource in zip(marks, reversed(made) if crossed else made, strict=True):
        build("apigateway/stage:Stage", name, restApi=api.id, deployment=resource.id, stageName=name)
    permission(build, api, function)


@part
def websocket(build: Builder, /, **asks: Any) -> None:
    function = greeter(build)
    select = "$request.body.action"
    api = build("apigatewayv2/api:Api", "ws", protocolType="WEBSOCKET", routeSelectionExpression=select)
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="live", autoDeploy=True)
    by: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": function.invokeArn}
    integration = build("apigatewayv2/integration:Integration", "integration", apiId=api.id, **by)
    target = "integrations/" + integration.id
    build("apigatewayv2/route:Route", "connect", apiId=api.id, routeKey="$connect", target=target, **asks)
    permission(build, api, function)


def database(**inputs: Any) -> Declare:
    return alone("rds/instance:Instance", **{"engine": "postgres", "instanceClass": "db.t4g.micro", **inputs})


@part
def renamed(build: Builder, name: str, *aliases: str) -> None:
    """A machine open to a range, whose group has this name."""
    net = network(build)
    rule = [{**SSH, "cidrBlocks": ["203.0.113.0/24"]}]
    options = Options(
        aliases=tuple(f"urn:pulumi:dev::small::aws:ec2/securityGroup:SecurityGroup::{alias}" for alias in aliases)
    )
    members = group(build, net.vpc, name, options=options, ingress=rule)
    machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True)


@part
def tagged(build: Builder, /, **tags: str) -> None:
    """A role whose policy admits its holder to functions with a tag, and a function with tags."""
    role(**inline({**INVOKES, "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}))(build)
    made = build("iam/role:Role", "own", assumeRolePolicy=trust("lambda.amazonaws.com"))
    build("lambda/function:Function", "greeter", role=made.arn, tags=tags)


def hidden(text: str) -> Secret:
    return Secret(text)

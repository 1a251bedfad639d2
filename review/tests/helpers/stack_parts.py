"""Parts that the graphs of tests are put together from: networks, backends, gates, each as it should be."""

from types import SimpleNamespace
from typing import Any

from review.tests.helpers.graph_builder import Builder, Json, Made

ANYWHERE = "0.0.0.0/0"


def trust(service: str) -> Json:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return Json({"Version": "2012-10-17", "Statement": [statement]})


def allowing(*actions: str, resource: Any = "*") -> Json:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return Json({"Version": "2012-10-17", "Statement": [statement]})


def network(build: Builder, /, *, egress: str = "nat", **vpc_inputs: Any) -> SimpleNamespace:
    """A VPC with two private and one public subnet; `egress` is `nat`, `instance` or `none`."""
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16", **{"enableDnsHostnames": True, **vpc_inputs})
    build("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", vpcId=vpc.id, ingress=[], egress=[])
    gateway = build("ec2/internetGateway:InternetGateway", "internet", vpcId=vpc.id)
    public = subnet(build, vpc, "public", "10.0.0.0/24", "a")
    outside = table(build, vpc, "public-routes", public)
    build("ec2/route:Route", "public-out", routeTableId=outside.id, destinationCidrBlock=ANYWHERE, gatewayId=gateway.id)
    private = [subnet(build, vpc, f"private-{n}", f"10.0.{n}.0/24", zone) for n, zone in ((1, "a"), (2, "b"))]
    tables = [table(build, vpc, f"private-{n}-routes", resource) for n, resource in enumerate(private, 1)]
    made = SimpleNamespace(vpc=vpc, public=public, private=private, tables=tables, outside=outside, gateway=gateway)
    if egress == "nat":
        made.nat = build("ec2/natGateway:NatGateway", "nat", subnetId=public.id, allocationId="eipalloc-1")
        _routes(build, tables, natGatewayId=made.nat.id)
    if egress == "instance":
        made.interface = nat_instance(build, vpc, public)
        _routes(build, tables, networkInterfaceId=made.interface.id)
    return made


def subnet(build: Builder, /, vpc: Made, name: str, cidr: str, zone: str, **inputs: Any) -> Made:
    return build("ec2/subnet:Subnet", name, vpcId=vpc.id, cidrBlock=cidr, availabilityZone=f"eu-west-1{zone}", **inputs)


def table(build: Builder, vpc: Made, name: str, resource: Made) -> Made:
    made = build("ec2/routeTable:RouteTable", name, vpcId=vpc.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", f"{name}-of", subnetId=resource.id, routeTableId=made.id)
    return made


def _routes(build: Builder, /, tables: list[Made], **target: Any) -> None:
    for number, made in enumerate(tables, 1):
        build("ec2/route:Route", f"private-{number}-out", routeTableId=made.id, destinationCidrBlock=ANYWHERE, **target)


def nat_instance(build: Builder, vpc: Made, public: Made) -> Made:
    members = group(build, vpc, "nat-group")
    ingress(build, "nat-in", members, cidrIpv4="10.0.0.0/16", ipProtocol="-1")
    egress(build, "nat-out", members, cidrIpv4=ANYWHERE, ipProtocol="-1")
    placed: dict[str, Any] = {"subnetId": public.id, "securityGroups": [members.id]}
    card = build("ec2/networkInterface:NetworkInterface", "nat-interface", sourceDestCheck=False, **placed)
    address = build("ec2/eip:Eip", "nat-address", domain="vpc")
    build("ec2/eipAssociation:EipAssociation", "nat-association", networkInterfaceId=card.id, allocationId=address.id)
    return card


def nat_machine(build: Builder, /, card: Made, **inputs: Any) -> Made:
    """The instance that holds a NAT's interface."""
    return machine(build, "nat-instance", primaryNetworkInterface={"networkInterfaceId": card.id}, **inputs)


def group(build: Builder, /, vpc: Made, name: str, **inputs: Any) -> Made:
    return build("ec2/securityGroup:SecurityGroup", name, vpcId=vpc.id, **inputs)


def ingress(build: Builder, /, name: str, members: Made, port: int | None = None, **inputs: Any) -> Made:
    return _rule(build, "Ingress", name, members, port, inputs)


def egress(build: Builder, /, name: str, members: Made, port: int | None = None, **inputs: Any) -> Made:
    return _rule(build, "Egress", name, members, port, inputs)


def _rule(build: Builder, direction: str, name: str, members: Made, port: int | None, inputs: dict[str, Any]) -> Made:
    ports = {} if port is None else {"ipProtocol": "tcp", "fromPort": port, "toPort": port}
    kind = f"vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule"
    return build(kind, name, securityGroupId=members.id, **{**ports, **inputs})


def edge(build: Builder, caller: Made, called: Made, port: int, name: str) -> None:
    """Egress and ingress for one port between two groups."""
    egress(build, f"{name}-egress", caller, port, referencedSecurityGroupId=called.id)
    ingress(build, f"{name}-ingress", called, port, referencedSecurityGroupId=caller.id)


def machine(build: Builder, /, name: str, **inputs: Any) -> Made:
    """An instance as it should be."""
    options = {"metadataOptions": {"httpTokens": "required"}, "creditSpecification": {"cpuCredits": "standard"}}
    usual = {"instanceType": "t4g.micro", "ami": "ami-1", "rootBlockDevice": {"encrypted": True}, **options}
    return build("ec2/instance:Instance", name, **{**usual, **inputs})


def profile(build: Builder, policy: str = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore") -> Made:
    """The profile of a role with a policy: by itself the one that Session Manager needs."""
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    build("iam/rolePolicyAttachment:RolePolicyAttachment", "attached", role=role.name, policyArn=policy)
    return build("iam/instanceProfile:InstanceProfile", "profile", role=role.name)


def backend(build: Builder, /, net: SimpleNamespace, **inputs: Any) -> SimpleNamespace:
    """A private instance with a group of its own, which lets it out to the internet."""
    members = group(build, net.vpc, "backend-group")
    egress(build, "backend-out", members, 443, cidrIpv4=ANYWHERE)
    server = machine(build, "backend", **{"subnetId": net.private[0].id, "vpcSecurityGroupIds": [members.id], **inputs})
    return SimpleNamespace(group=members, server=server)


def forwarder(build: Builder, /, net: SimpleNamespace, behind: SimpleNamespace, **inputs: Any) -> SimpleNamespace:
    """A function in the VPC that calls the backend on port 8080 and nothing else."""
    members = group(build, net.vpc, "proxy-group")
    edge(build, members, behind.group, 8080, "proxy-to-backend")
    role = build("iam/role:Role", "proxy-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    interfaces = allowing("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces")
    placed = build("iam/rolePolicy:RolePolicy", "proxy-interfaces", role=role.name, policy=interfaces)
    logs = build("cloudwatch/logGroup:LogGroup", "proxy-logs", retentionInDays=14)
    logging = allowing("logs:CreateLogStream", "logs:PutLogEvents", resource=logs.arn + ":*")
    build("iam/rolePolicy:RolePolicy", "proxy-logging", role=role.name, policy=logging)
    usual = {
        "role": role.arn, "timeout": 1, "loggingConfig": {"logFormat": "JSON", "logGroup": logs.name},
        "environment": {"variables": {"BACKEND_URL": "http://" + behind.server.privateIp + ":8080"}},
        "vpcConfig": {"subnetIds": [one.id for one in net.private], "securityGroupIds": [members.id]},
    }  # fmt: skip
    function = build("lambda/function:Function", "proxy", after=(placed,), **{**usual, **inputs})
    return SimpleNamespace(group=members, function=function, role=role)


def rest(
    build: Builder, /, paths: dict[str, Any], *, body: dict[str, Any] | None = None, planned: bool = True, **inputs: Any
) -> SimpleNamespace:
    """A REST API of one OpenAPI body with a deployment, a stage, a throttle, a log, and a plan if it has keys."""
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}}
    document = {"openapi": "3.0.1", "paths": paths, "components": schemes, **(body or {})}
    usual = {"body": Json(document), "endpointConfiguration": {"types": "REGIONAL"}}
    api = build("apigateway/restApi:RestApi", "api", **{**usual, **inputs})
    shape = {"shape": Json(document)}
    deployment = build("apigateway/deployment:Deployment", "deployment", restApi=api.id, triggers=shape)
    logs = build("cloudwatch/logGroup:LogGroup", "access", retentionInDays=14)
    log = {"destinationArn": logs.arn, "format": '{"id": "$context.requestId"}'}
    deployed: dict[str, Any] = {"restApi": api.id, "deployment": deployment.id, "stageName": "live"}
    stage = build("apigateway/stage:Stage", "stage", accessLogSettings=log, **deployed)
    throttle = {"throttlingRateLimit": 100, "throttlingBurstLimit": 50}
    of_stage: dict[str, Any] = {"restApi": api.id, "stageName": stage.stageName, "methodPath": "*/*"}
    build("apigateway/methodSettings:MethodSettings", "throttle", settings=throttle, **of_stage)
    gate = SimpleNamespace(api=api, stage=stage, deployment=deployment)
    if planned and any("security" in str(path) for path in paths.values()):
        plan(build, gate)
    return gate


def calls(function: Made, *, key: bool = True) -> dict[str, Any]:
    """An operation that calls a function."""
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": function.invokeArn}
    return {"x-amazon-apigateway-integration": integration, **({"security": [{"key": []}]} if key else {})}


def plan(build: Builder, gate: SimpleNamespace) -> None:
    """A usage plan with a key."""
    stages = [{"apiId": gate.api.id, "stage": gate.stage.stageName}]
    limits: dict[str, Any] = {"throttleSettings": {"rateLimit": 10, "burstLimit": 20}}
    limits["quotaSettings"] = {"limit": 1000, "period": "DAY"}
    made = build("apigateway/usagePlan:UsagePlan", "plan", apiStages=stages, **limits)
    key = build("apigateway/apiKey:ApiKey", "key")
    build("apigateway/usagePlanKey:UsagePlanKey", "plan-key", keyId=key.id, keyType="API_KEY", usagePlanId=made.id)


def permission(build: Builder, /, api: Made, function: Made, **inputs: Any) -> Made:
    usual = {
        "action": "lambda:InvokeFunction", "function": function.name, "principal": "apigateway.amazonaws.com",
        "sourceArn": api.executionArn + "/*/*",
    }  # fmt: skip
    return build("lambda/permission:Permission", "api-invokes-function", **{**usual, **inputs})


def proxy_stack(build: Builder, /, *, egress: str = "nat", **backend_inputs: Any) -> SimpleNamespace:
    """Internet → REST API with keys → forwarder → private instance."""
    net = network(build, egress=egress)
    behind = backend(build, net, **backend_inputs)
    proxy = forwarder(build, net, behind)
    gate = rest(build, {"/forward": {"get": calls(proxy.function), "post": calls(proxy.function)}})
    permission(build, gate.api, proxy.function)
    return SimpleNamespace(net=net, backend=behind, proxy=proxy, gate=gate)


def balancer(build: Builder, /, net: SimpleNamespace, kind: str = "application", **inputs: Any) -> SimpleNamespace:
    """An internal balancer with a group of its own, a listener on port 80 and a target group on port 8080."""
    members = group(build, net.vpc, "balancer-group")
    placed = {"subnets": [one.id for one in net.private], "securityGroups": [members.id]}
    usual = {"internal": True, "loadBalancerType": kind, **placed}
    made = build("lb/loadBalancer:LoadBalancer", "balancer", **{**usual, **inputs})
    protocol = "HTTP" if kind == "application" else "TCP"
    spoken: dict[str, Any] = {"port": 8080, "protocol": protocol, "vpcId": net.vpc.id, "targetType": "instance"}
    targets = build("lb/targetGroup:TargetGroup", "targets", healthCheck={"port": "traffic-port"}, **spoken)
    actions = [{"type": "forward", "targetGroupArn": targets.arn}]
    at: dict[str, Any] = {"loadBalancerArn": made.arn, "port": 80, "protocol": protocol}
    listener = build("lb/listener:Listener", "listener", defaultActions=actions, **at)
    return SimpleNamespace(group=members, balancer=made, targets=targets, listener=listener)


def public_front(
    build: Builder, /, net: SimpleNamespace, server: Made | None = None, *, first: Any = None, **inputs: Any
) -> SimpleNamespace:
    """A public balancer called `front`, its targets with a machine among them, and its listener.

    `target` and `listener` are inputs of these; `first` is an action before the one that forwards.
    """
    given = {"port": 80, "protocol": "HTTP", "vpcId": net.vpc.id, **inputs.pop("target", {})}
    door = {"port": 80, "protocol": given["protocol"], **inputs.pop("listener", {})}
    place = {} if "subnetMappings" in inputs else {"subnets": [net.public.id]}
    made = build("lb/loadBalancer:LoadBalancer", "front", **{"loadBalancerType": "application", **place, **inputs})
    targets = build("lb/targetGroup:TargetGroup", "targets", **given)
    if server is not None:
        build("lb/targetGroupAttachment:TargetGroupAttachment", "one", targetGroupArn=targets.arn, targetId=server.id)
    forward = {"type": "forward", "targetGroupArn": targets.arn}
    actions = [forward] if first is None else [{**first, "order": 1}, {**forward, "order": 2}]
    at = build("lb/listener:Listener", "listener", loadBalancerArn=made.arn, **{"defaultActions": actions, **door})
    return SimpleNamespace(balancer=made, targets=targets, forward=forward, listener=at)


def attach(build: Builder, /, targets: Made, server: Made, **inputs: Any) -> Made:
    usual = {"targetGroupArn": targets.arn, "targetId": server.id, "port": 8080}
    return build("lb/targetGroupAttachment:TargetGroupAttachment", "attachment", **{**usual, **inputs})


def http(build: Builder, /, **inputs: Any) -> SimpleNamespace:
    """An HTTP API with a stage, its throttle and its access log."""
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    logs = build("cloudwatch/logGroup:LogGroup", "access", retentionInDays=14)
    usual = {
        "apiId": api.id, "name": "$default", "autoDeploy": True,
        "accessLogSettings": {"destinationArn": logs.arn, "format": '{"id": "$context.requestId"}'},
        "defaultRouteSettings": {"throttlingRateLimit": 100, "throttlingBurstLimit": 50},
    }  # fmt: skip
    stage = build("apigatewayv2/stage:Stage", "stage", **{**usual, **inputs})
    return SimpleNamespace(api=api, stage=stage)

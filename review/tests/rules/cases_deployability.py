"""What a deployment or a boot would show."""

from typing import Any

from review.tests.graph_builder import Builder, Made
from review.tests.parts import allowing, balancer, group, machine, network, subnet, trust
from review.tests.rules.cases import fault, quiet

fault("FIT-01", at="lonely", message="no IPv4 route out")(lambda build: two_zones(build, routed=False))
quiet("FIT-01")(lambda build: two_zones(build, routed=True))


def two_zones(build: Builder, *, routed: bool) -> None:
    net = network(build)
    lonely = subnet(build, net.vpc, "lonely", "10.0.77.0/24", "b")
    table = build("ec2/routeTable:RouteTable", "lonely-table", vpcId=net.vpc.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", "join", subnetId=lonely.id, routeTableId=table.id)
    if routed:
        nat = build("ec2/natGateway:NatGateway", "second-nat", subnetId=net.public.id)
        inputs: dict[str, Any] = {"destinationCidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}
        build("ec2/route:Route", "out", routeTableId=table.id, **inputs)
    members = group(build, net.vpc, "members")
    build(
        "ecs/service:Service",
        "service",
        networkConfiguration={"subnets": [net.private[0].id, lonely.id], "securityGroups": [members.id]},
    )


fault("FIT-02", at="logs", message="keeps logs for 10 days")(
    lambda build: build("cloudwatch/logGroup:LogGroup", "logs", retentionInDays=10.0)
)


def forwarding(build: Builder, kind: str, spoken: str, **listener: Any) -> None:
    made = build("lb/loadBalancer:LoadBalancer", "balancer", loadBalancerType=kind, internal=True)
    targets = build("lb/targetGroup:TargetGroup", "targets", port=80, protocol=spoken)
    actions = [{"type": "forward", "targetGroupArn": targets.arn}]
    build("lb/listener:Listener", "listener", loadBalancerArn=made.arn, port=80, defaultActions=actions, **listener)


fault("FIT-03", at="targets", message="speaks TCP, which the ALB balancer cannot")(
    lambda build: forwarding(build, "application", "TCP", protocol="HTTP")
)
fault("FIT-03", at="targets", message="speaks HTTP, which the NLB balancer cannot")(
    lambda build: forwarding(build, "network", "HTTP", protocol="TCP")
)
quiet("FIT-03", "FIT-04")(lambda build: forwarding(build, "network", "TCP", protocol="TCP"))
fault("FIT-04", at="listener")(lambda build: forwarding(build, "application", "HTTP", protocol="HTTPS"))


fault("FIT-06", at="server", message="begins with 'dnf'")(
    lambda build: machine(build, "server", userData="dnf install -y nginx\nsystemctl start nginx\n")
)


fault("FIT-07", at="plan", message="each HOUR")(
    lambda build: build("apigateway/usagePlan:UsagePlan", "plan", quotaSettings={"limit": 10, "period": "HOUR"})
)


def api(build: Builder) -> Made:
    return build("apigatewayv2/api:Api", "api", protocolType="HTTP")


fault("FIT-08", at="route", message="abcdef")(
    lambda build: build("apigatewayv2/route:Route", "route", apiId=api(build).id, routeKey="GET /", target="abcdef")
)
quiet("FIT-08")(
    lambda build: build(
        "apigatewayv2/route:Route", "route", apiId=api(build).id, routeKey="GET /", target="integrations/abcdef"
    )
)


def lambda_called(build: Builder, method: str) -> None:
    function = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations"
    build("apigateway/integration:Integration", "integration", uri=uri, integrationHttpMethod=method, type="AWS_PROXY")


fault("FIT-09", at="integration", message="with GET")(lambda build: lambda_called(build, "GET"))
quiet("FIT-09")(lambda build: lambda_called(build, "POST"))
fault("FIT-10", at="listener", message="is of us-east-1")(
    lambda build: build(
        "lb/listener:Listener", "listener", certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/a"
    )
)


@quiet("FIT-10")
def _(build: Builder) -> None:
    build("lb/listener:Listener", "listener", certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/a")
    edge = "arn:aws:acm:us-east-1:123456789012:certificate/b"
    build("apigateway/domainName:DomainName", "edge", domainName="a.example.com", certificateArn=edge)
    build(
        "apigateway/domainName:DomainName",
        "private",
        domainName="b.example.com",
        certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/c",
        endpointConfiguration={"types": "PRIVATE"},
    )


fault("FIT-10", at="private", message="is of us-east-1")(
    lambda build: build(
        "apigateway/domainName:DomainName",
        "private",
        domainName="b.example.com",
        certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/c",
        endpointConfiguration={"types": "PRIVATE"},
    )
)
fault("FIT-11", at="stage")(
    lambda build: build("apigatewayv2/stage:Stage", "stage", apiId=api(build).id, name="$default")
)
quiet("FIT-11")(
    lambda build: build("apigatewayv2/stage:Stage", "stage", apiId=api(build).id, name="$default", autoDeploy=True)
)
fault("FIT-12", at="acl")(lambda build: build("wafv2/webAcl:WebAcl", "acl", scope="REGIONAL"))


fault("FIT-13", at="old", message="python3.8")(
    lambda build: build("lambda/function:Function", "old", runtime="python3.8")
)


fault("FIT-53", at="old", message="old runs nodejs10.x, which AWS takes for no function any more")(
    lambda build: build("lambda/function:Function", "old", runtime="nodejs10.x")
)
quiet("FIT-53")(lambda build: build("lambda/function:Function", "old", runtime="python3.8"))


@quiet("FIT-13")
def _(build: Builder) -> None:
    build("lambda/function:Function", "new", runtime="python3.13")
    build("lambda/function:Function", "image", packageType="Image")


def served(build: Builder, *, waits: bool) -> None:
    made = balancer(build, network(build))
    after = (made.listener,) if waits else ()
    entries = [{"targetGroupArn": made.targets.arn, "containerPort": 80, "containerName": "web"}]
    build("ecs/service:Service", "service", loadBalancers=entries, after=after)


fault("FIT-14", at="service", message="does not wait for")(lambda build: served(build, waits=False))
quiet("FIT-14")(lambda build: served(build, waits=True))


def in_vpc(build: Builder, *actions: str, attached: str = "") -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "policy", role=role.name, policy=allowing(*actions))
    if attached:
        arn = f"arn:aws:iam::aws:policy/service-role/{attached}"
        build("iam/rolePolicyAttachment:RolePolicyAttachment", "attached", role=role.name, policyArn=arn)
    net = network(build)
    members = group(build, net.vpc, "members")
    config = {"subnetIds": [net.private[0].id], "securityGroupIds": [members.id]}
    build("lambda/function:Function", "function", role=role.arn, vpcConfig=config)


fault("FIT-15", at="function", message="role does not allow ec2:CreateNetworkInterface")(
    lambda build: in_vpc(build, "logs:PutLogEvents", attached="AWSLambdaBasicExecutionRole")
)


@fault("FIT-15", at="function", message="role does not trust Lambda")
def _(build: Builder) -> None:
    own = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    build("lambda/function:Function", "function", role=own.arn)


quiet("FIT-15")(lambda build: in_vpc(build, "ec2:CreateNetworkInterface"))
quiet("FIT-15")(lambda build: in_vpc(build, "logs:PutLogEvents", attached="AWSLambdaVPCAccessExecutionRole"))


def read_by(build: Builder, longest: Any, **queue: Any) -> None:
    source = build("sqs/queue:Queue", "orders", **queue)
    reader = build("lambda/function:Function", "reader", role="arn:aws:iam::123456789012:role/r", timeout=longest)
    build("lambda/eventSourceMapping:EventSourceMapping", "reads", eventSourceArn=source.arn, functionName=reader.arn)


fault("FIT-25", at="reads", message="orders hides a message for 30 s, and reader may run for 60 s")(
    lambda build: read_by(build, 60)
)
quiet("FIT-25")(lambda build: read_by(build, 60, visibilityTimeoutSeconds=60))


def _rate(expression: str) -> Any:
    return lambda build: build("cloudwatch/eventRule:EventRule", "tick", scheduleExpression=expression)


fault("FIT-26", at="tick", message="tick has the schedule rate(1 minutes)")(_rate("rate(1 minutes)"))
fault("FIT-26", at="tick", message="tick has the schedule rate(5 minute)")(_rate("rate(5 minute)"))
quiet("FIT-26")(_rate("rate(1 minute)"))
quiet("FIT-26")(_rate("rate(10 hours)"))
quiet("FIT-26")(_rate("cron(0 20 * * ? *)"))


def caches(number: int, *, fails_over: bool) -> Any:
    given = {"numCacheClusters": number, "automaticFailoverEnabled": fails_over}
    return lambda build: build("elasticache/replicationGroup:ReplicationGroup", "cache", **given)


fault("FIT-27", at="cache", message="cache fails over and has 1 cache")(caches(1, fails_over=True))
quiet("FIT-27")(caches(2, fails_over=True))
quiet("FIT-27")(caches(1, fails_over=False))


def rolled(**given: Any) -> Any:
    return lambda build: build("ecs/service:Service", "web", **given)


fault("FIT-28", at="web", message="web keeps 100 % of its tasks and has 100 % at most while it is deployed")(
    rolled(deploymentMaximumPercent=100)
)
quiet("FIT-28")(rolled(deploymentMaximumPercent=100, deploymentMinimumHealthyPercent=0))
quiet("FIT-28")(rolled(deploymentMinimumHealthyPercent=100))
quiet("FIT-28")(rolled(deploymentMaximumPercent=100, schedulingStrategy="DAEMON"))


def subscribed(*, topic: bool, queue: bool) -> Any:
    def build_it(build: Any) -> None:
        jobs = build("sqs/queue:Queue", "jobs", fifoQueue=queue or None)
        news = build("sns/topic:Topic", "news", fifoTopic=topic or None)
        build("sns/topicSubscription:TopicSubscription", "reads", topic=news.arn, protocol="sqs", endpoint=jobs.arn)

    return build_it


fault("FIT-29", at="reads", message="jobs is FIFO, and news is not")(subscribed(topic=False, queue=True))
quiet("FIT-29")(subscribed(topic=True, queue=True))
quiet("FIT-29")(subscribed(topic=False, queue=False))


def waits(milliseconds: int) -> Any:
    given = {
        "integrationType": "HTTP_PROXY",
        "integrationUri": "https://a.example",
        "timeoutMilliseconds": milliseconds,
    }
    return lambda build: build("apigatewayv2/integration:Integration", "calls", **given)


fault("FIT-30", at="calls", message="calls waits 60 s")(waits(60_000))
quiet("FIT-30")(waits(30_000))


def targeted(rule_bus: str | None, target_bus: str | None) -> Any:
    def build_it(build: Any) -> None:
        rule = build("cloudwatch/eventRule:EventRule", "orders", eventBusName=rule_bus, eventPattern="{}")
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:a"
        build("cloudwatch/eventTarget:EventTarget", "starts", rule=rule.name, eventBusName=target_bus, arn=arn)

    return build_it


fault("FIT-31", at="starts", message="starts is on the bus default, and its rule orders on shop")(
    targeted("shop", None)
)
quiet("FIT-31")(targeted("shop", "shop"))
quiet("FIT-31")(targeted(None, None))
quiet("FIT-31")(targeted("default", None))


def checked(**check: int) -> Any:
    return lambda build: build("lb/targetGroup:TargetGroup", "web", port=80, protocol="HTTP", healthCheck=check)


fault("FIT-32", at="web", message="web checks every 5 s and waits 10 s for an answer")(checked(timeout=10, interval=5))
quiet("FIT-32")(checked(timeout=5, interval=10))
quiet("FIT-32")(checked(interval=10))

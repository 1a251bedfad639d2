"""Pairs of the 242 that were judged with the truth written first and found false or silent: what each line must say.

A text that begins with `!` must not be in the line.
"""

from collections.abc import Mapping
from typing import Any

from review.graph import Secret
from review.tests.compare.neighbours import function_url
from review.tests.compare.pairs import SSH, TLS, balanced, by_principals, discrete, greeter, http_api, only_from, public
from review.tests.compare.pairs import role_trusting as trusting
from review.tests.graph_builder import Builder, Declare, Json, part
from review.tests.parts import ANYWHERE, egress, group, ingress, machine, network, permission, public_front, rest, trust

IN, OUT = "can now call", "may no longer call"
ANYONE = f"anyone on the internet {IN}"
Screen = Mapping[str, str | tuple[str, ...]]
SAME: Screen = {"callers": "the same as before, and no others"}
STILL: Screen = {"calls": "nothing stops"}
ROLE = "arn:aws:iam::111122223333:root"


@part
def reached(build: Builder, /, *ranges: str, port: int = 22, to: int = 0, **inputs: Any) -> None:
    """A machine that a group opens to these ranges."""
    net = network(build)
    v4, v6 = ([cidr for cidr in ranges if (":" in cidr) is six] for six in (False, True))
    rule = {"protocol": "tcp", "fromPort": port, "toPort": to or port, "cidrBlocks": v4, "ipv6CidrBlocks": v6}
    members = group(build, net.vpc, "web-group", ingress=[rule] if ranges else [])
    given = {"subnetId": net.public.id, "associatePublicIpAddress": True, **inputs}
    machine(build, "web", vpcSecurityGroupIds=[members.id], **given)


@part
def both_families(build: Builder, *ranges: str) -> None:
    """A machine with public addresses of both kinds that a group opens to these ranges."""
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16", assignGeneratedIpv6CidrBlock=True)
    gateway = build("ec2/internetGateway:InternetGateway", "internet", vpcId=vpc.id)
    routes = [{"cidrBlock": ANYWHERE, "gatewayId": gateway.id}, {"ipv6CidrBlock": "::/0", "gatewayId": gateway.id}]
    table = build("ec2/routeTable:RouteTable", "table", vpcId=vpc.id, routes=routes)
    place: dict[str, Any] = {"cidrBlock": "10.0.0.0/24", "ipv6CidrBlock": "2001:db8:0:1::/64"}
    subnet = build("ec2/subnet:Subnet", "public", vpcId=vpc.id, **place)
    build("ec2/routeTableAssociation:RouteTableAssociation", "of", subnetId=subnet.id, routeTableId=table.id)
    v4, v6 = ([cidr for cidr in ranges if (":" in cidr) is six] for six in (False, True))
    rule = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": v4, "ipv6CidrBlocks": v6}
    members = group(build, vpc, "web-group", ingress=[rule])
    addresses = {"associatePublicIpAddress": True, "ipv6AddressCount": 1}
    machine(build, "web", subnetId=subnet.id, vpcSecurityGroupIds=[members.id], **addresses)


@part
def hook(build: Builder, /, *, function: Mapping[str, Any] | None = None, **variables: Any) -> None:
    """A REST API in front of a forwarder with these variables."""
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    environment = {"variables": {"BACKEND_URL": "https://b.example", **variables}}
    made = build("lambda/function:Function", "proxy", role=role.arn, environment=environment, **(function or {}))
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": made.invokeArn}
    gate = rest(build, {"/hooks": {"post": {"x-amazon-apigateway-integration": integration}}})
    permission(build, gate.api, made)


SIGNED: dict[str, Any] = {"WEBHOOK_SECRET": Secret("s" * 20), "WEBHOOK_SCHEME": "github"}
GITLAB: dict[str, Any] = {**SIGNED, "WEBHOOK_SCHEME": "gitlab"}
PREVIOUS: dict[str, Any] = {**SIGNED, "WEBHOOK_PREVIOUS_SECRET": Secret("p" * 20)}


@part
def service(
    build: Builder, /, count: int | None = 2, name: str = "app", port: int = 8080, mapped: int = 8080, **listener: Any
) -> None:
    """A public balancer in front of a Fargate service; `name` and `mapped` are of its task definition's container."""
    net = network(build)
    front = group(build, net.vpc, "front-group", ingress=[{**SSH, "fromPort": 443, "toPort": 443}])
    egress(build, "front-out", front, cidrIpv4="10.0.0.0/16", ipProtocol="-1")
    behind = group(build, net.vpc, "app-group")
    ingress(build, "app-in", behind, 8080, referencedSecurityGroupId=front.id)
    health = {"healthCheck": {"path": listener.pop("health", "/")}} if "health" in listener else {}
    first = {"type": "authenticate-oidc", "authenticateOidc": OIDC} if listener.pop("signed_in", False) else None
    target: dict[str, Any] = {"port": 8080, "targetType": "ip", **health}
    given: dict[str, Any] = {"listener": {**TLS, **listener}, "securityGroups": [front.id]}
    made = public_front(build, net, target=target, first=first, **given)
    containers = Json([{"name": name, "image": "a", "portMappings": [{"containerPort": mapped}]}])
    task = build("ecs/taskDefinition:TaskDefinition", "task", family="app", containerDefinitions=containers)
    placed = {"subnets": [net.private[0].id], "securityGroups": [behind.id]}
    line = {"targetGroupArn": made.targets.arn, "containerName": "app", "containerPort": port}
    number: dict[str, Any] = {} if count is None else {"desiredCount": count}
    build(
        "ecs/service:Service",
        "app",
        after=(made.listener,),
        taskDefinition=task.arn,
        networkConfiguration=placed,
        loadBalancers=[line],
        launchType="FARGATE",
        **number,
    )


OIDC = {
    **{key: f"https://login.example/{key}" for key in ("issuer", "tokenEndpoint", "userInfoEndpoint")},
    **{"authorizationEndpoint": "https://login.example/a", "clientId": "id", "clientSecret": "plainly-written"},
}


@part
def two_methods(build: Builder, /, source: str, **permitted: Any) -> None:
    """An HTTP API with two routes to one function, and the source of its permission."""
    function = greeter(build)
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", autoDeploy=True)
    by: dict[str, Any] = {"integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0", **permitted}
    made = build("apigatewayv2/integration:Integration", "by", apiId=api.id, integrationUri=function.invokeArn, **by)
    for key in ("GET /x", "POST /x"):
        build("apigatewayv2/route:Route", key, apiId=api.id, routeKey=key, target="integrations/" + made.id)
    who: dict[str, Any] = {"action": "lambda:InvokeFunction", "principal": "apigateway.amazonaws.com"}
    build("lambda/permission:Permission", "may", function=function.name, sourceArn=api.executionArn + source, **who)


@part
def aliased(build: Builder, /, *, permitted: bool = True, **function: Any) -> None:
    """An HTTP API in front of an alias that has no name of its own."""
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    made = build("lambda/function:Function", "greeter", role=role.arn, **function)
    alias = build("lambda/alias:Alias", "live", functionName=made.name, functionVersion="1")
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", autoDeploy=True)
    by: dict[str, Any] = {"integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0"}
    resource = build("apigatewayv2/integration:Integration", "by", apiId=api.id, integrationUri=alias.arn, **by)
    build("apigatewayv2/route:Route", "route", apiId=api.id, routeKey="GET /x", target="integrations/" + resource.id)
    if permitted:
        permission(build, api, made, qualifier=alias.name)


@part
def bucket_for(build: Builder, referer: str, *actions: str) -> None:
    """A bucket whose policy asks for a marked value."""
    bucket = build("s3/bucket:Bucket", "files")
    condition = {"StringEquals": {"aws:Referer": referer}}
    asked = {"Effect": "Allow", "Principal": "*", "Action": list(actions), "Resource": "*", "Condition": condition}
    build("s3/bucketPolicy:BucketPolicy", "b", bucket=bucket.id, policy=Secret(Json({"Statement": [asked]})))


def taken_by(**condition: Any) -> Declare:
    return trusting({"AWS": ROLE}, **({"Condition": condition} if condition else {}))


IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
BOTH_CONDITIONS = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalTag/team": "a"}}
REST: dict[str, Any] = {"uri": "u"}


PAIRS: dict[str, tuple[Declare, Declare, Screen]] = {
    # C1
    "a webhook's check taken out": (
        hook(**SIGNED),
        hook(),
        {"callers": f"{ANYONE} POST /hooks (before: github signature)"},
    ),
    "a webhook's check": (hook(), hook(**SIGNED), {"callers": f"{OUT}: POST /hooks without github signature"}),
    "another scheme of a webhook": (
        hook(**SIGNED),
        hook(**GITLAB),
        {
            "callers": (
                f"{OUT}: POST /hooks at api (live) with github signature",
                f"{IN}: POST /hooks at api (live) with gitlab",
            )
        },
    ),
    "the previous secret of a webhook": (
        hook(**PREVIOUS),
        hook(**SIGNED),
        {"callers": (f"{OUT}: POST /hooks at api (live) with github signature by the previous secret", f"!{IN}")},
    ),
    # C2 and H1 are in pairs.yaml.
    # H2
    "a service scaled to zero": (
        service(2),
        service(0),
        {"callers": f"{OUT}: internet → app", "calls": ("!nothing stops", "front → tcp 8080 → app")},
    ),
    "a service of one more": (
        service(2),
        service(3),
        {**SAME, "calls": "app runs more copies (desiredCount 3, before 2)"},
    ),
    # H3
    "a permission for one of two routes": (
        two_methods("/*/*"),
        two_methods("/*/GET/x"),
        {"callers": (f"{OUT}: POST /x", "!GET /x")},
    ),
    "a permission for both routes again": (
        two_methods("/*/GET/x"),
        two_methods("/*/*"),
        {"callers": f"{ANYONE} POST /x"},
    ),
    # H4
    "an alias without a name": (aliased(), aliased(memorySize=256), SAME),
    "a permission of an alias without a name": (aliased(), aliased(permitted=False), {"callers": (OUT, "GET /x")}),
    # H5
    "a range widened": (
        reached("198.51.100.0/24"),
        reached("198.51.0.0/16"),
        {"callers": (f"{IN}: 198.51.0.0/16 (internet) → web (before: 198.51.100.0/24)", f"!{OUT}"), **STILL},
    ),
    "a range narrowed": (
        reached("203.0.112.0/20"),
        reached("203.0.113.0/24"),
        {"callers": (f"{OUT}: 203.0.112.0/20 (internet) → web (now: 203.0.113.0/24)", f"!{IN}")},
    ),
    "a range by halves": (reached("198.51.100.0/24"), reached("198.51.100.0/25", "198.51.100.128/25"), SAME),
    "two halves as one": (reached("198.51.100.0/25", "198.51.100.128/25"), reached("198.51.100.0/24"), SAME),
    "more ports": (
        reached("198.51.100.0/24", port=80),
        reached("198.51.100.0/24", port=80, to=90),
        {"callers": (IN, f"!{OUT}")},
    ),
    "a range inside the VPC, which already may": (reached("10.0.0.0/16"), reached("10.0.0.0/16", "10.0.5.0/24"), SAME),
    "the internet by IPv6": (
        both_families(ANYWHERE),
        both_families(ANYWHERE, "::/0"),
        {"callers": (ANYONE, f"!{OUT}")},
    ),
    "the internet by IPv4": (both_families("::/0"), both_families(ANYWHERE, "::/0"), {"callers": (ANYONE, f"!{OUT}")}),
    "a source range of a policy widened": (
        discrete(policy=only_from("198.51.100.0/24")),
        discrete(policy=only_from("198.51.0.0/16"), triggers="2"),
        {"callers": (f"{IN}: callers from 198.51.0.0/16 (before: 198.51.100.0/24)", f"!{OUT}")},
    ),
    "a source range of a policy by halves": (
        discrete(policy=only_from("198.51.100.0/24")),
        discrete(policy=only_from("198.51.100.0/25", "198.51.100.128/25"), triggers="2"),
        SAME,
    ),
    "a source range of a listener's rule widened": (
        balanced(source=["198.51.100.0/24"]),
        balanced(source=["198.51.0.0/16"]),
        {"callers": (f"{IN}: source range 198.51.0.0/16", f"!{OUT}")},
    ),
    "a range widened, beside rules of their own": (
        public([{**SSH, "cidrBlocks": ["203.0.113.7/32"]}]),
        public([{**SSH, "cidrBlocks": ["203.0.113.0/24"]}]),
        {"callers": (IN, f"!{OUT}"), "calls": "!ends"},
    ),
    "a URL made public": (function_url("AWS_IAM"), function_url("NONE"), {"callers": (IN, f"!{OUT}")}),
    # H6
    "a sign-in dropped": (service(signed_in=True), service(), {"callers": f"!{OUT}"}),
    "a sign-in": (service(), service(signed_in=True), {"callers": (OUT, f"!{IN}")}),
    "a condition of a trust dropped": (
        taken_by(**IN_ORGANIZATION),
        taken_by(),
        {"callers": (f"{IN}: {ROLE[13:25]}", f"!{OUT}")},
    ),
    "a condition of a trust": (taken_by(), taken_by(**IN_ORGANIZATION), {"callers": (OUT, f"!{IN}")}),
    "another condition of a trust": (
        taken_by(**IN_ORGANIZATION),
        taken_by(**BOTH_CONDITIONS),
        {"callers": (f"{OUT}: {ROLE[13:25]}", "aws:PrincipalOrgID", f"!{IN}")},
    ),
    # H7 is in pairs.yaml.
    # H8
    "a task without the container of its service": (
        service(),
        service(name="web"),
        {"calls": "the update fails: app sends calls to container app, which task has not: ECS refuses"},
    ),
    "a task without the port of its service": (
        service(),
        service(mapped=9090),
        {"calls": "the update fails: app sends calls to port 8080 of container app"},
    ),
    "a kept TLS policy": (
        balanced(sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"),
        balanced(protocol="HTTP", certificateArn=None),
        {"calls": "the update fails: listener is without TLS and keeps its sslPolicy"},
    ),
    # H9, M9
    "a marked value in a policy": (
        bucket_for("S01a-ref", "s3:GetObject"),
        bucket_for("S01a-ref", "s3:GetObject", "s3:GetObjectVersion"),
        {"callers": ("if aws:Referer is [secret]", "s3:GetObjectVersion", "!S01a")},
    ),
    # Medium
    "TLS off": (service(), service(port=8080, protocol="HTTP"), {"callers": f"{OUT}: callers by HTTPS"}),
    "the default address off, beside a domain": (
        http_api(domain={}),
        http_api(domain={}, disableExecuteApiEndpoint=True),
        {"callers": f"{OUT}: address api", "calls": "!: ends as"},
    ),
    "a service gone": (
        service(),
        balanced(),
        {"callers": f"{OUT}: internet → app", "calls": ("!nothing stops", "!not cut")},
    ),
    "a shorter time-out of a route": (
        two_methods("/*/*", timeoutMilliseconds=29000),
        two_methods("/*/*", timeoutMilliseconds=1000),
        {"calls": "GET /x and POST /x of api: 504 after 1 s (29 s before)"},
    ),
    "a shorter time-out of a function": (
        hook(function={"timeout": 30}),
        hook(function={"timeout": 1}),
        {"calls": "calls of proxy: ended after 1 s (30 s before)"},
    ),
    "a longer time-out": (hook(function={"timeout": 1}), hook(function={"timeout": 30}), STILL),
    "identities that the backend no longer gets": (
        hook(IDENTITY="true"),
        hook(),
        {"backend": "it sees calls by other settings of proxy: IDENTITY"},
    ),
    "another health check": (
        service(health="/"),
        service(health="/ok"),
        {
            "heading": "Changes: targets checks its targets otherwise",
            "calls": "(path /ok): one that fails gets no calls",
        },
    ),
    "a denied range": (
        discrete(policy=by_principals("111122223333")),
        discrete(policy=by_principals("111122223333", "444455556666"), triggers="2"),
        {"callers": f"{IN}: 444455556666"},
    ),
}

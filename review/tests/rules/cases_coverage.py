"""The same opening in pieces, in another spelling, or out of sight."""

from typing import Any

from review.graph import UNKNOWN
from review.tests.front_parts import policy_of, private_stack
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import backend, forwarder, group, ingress, machine, network, permission, proxy_stack
from review.tests.rules.cases import fault, quiet
from review.tests.rules.cases_api import open_api
from review.tests.rules.cases_identity import inline


def declared(build: Builder, kind: str, name: str = "") -> Made:
    """The one resource of a type (and name) that a part declared."""
    resources = [one for one in build.resources.values() if one.type == f"aws:{kind}" and name in ("", one.name)]
    (one,) = resources
    return Made(one.urn, one.state)


def admitting(build: Builder, *ranges: str) -> None:
    statements = [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": "execute-api:/*",
            "Condition": {"IpAddress": {"aws:SourceIp": list(ranges)}},
        }
    ]
    open_api(build, policy=Json({"Statement": statements}))


for ranges in (["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["8.0.0.0/5", "::/0"]):

    @fault("API-01", at="api", message="anyone can call GET /greeting")
    def _(build: Builder, ranges: list[str] = ranges) -> None:
        admitting(build, *ranges)


quiet("API-01")(lambda build: admitting(build, "203.0.113.0/24", "192.30.252.0/22"))


def guarded(build: Builder, action: str, *rules: Any) -> None:
    open_api(build)
    acl = build("wafv2/webAcl:WebAcl", "acl", scope="REGIONAL", defaultAction={action: {}}, rules=list(rules))
    build(
        "wafv2/webAclAssociation:WebAclAssociation",
        "association",
        webAclArn=acl.arn,
        resourceArn=declared(build, "apigateway/stage:Stage").arn,
    )


RATE = {"name": "rate", "action": {"block": {}}, "statement": {"rateBasedStatement": {"limit": 2_000_000_000}}}
HOME = {"notStatement": {"statement": {"geoMatchStatement": {"countryCodes": ["CH"]}}}}


fault("API-01", at="api", message="anyone can call GET /greeting")(lambda build: guarded(build, "allow", RATE))
quiet("API-01")(
    lambda build: guarded(build, "allow", RATE, {"name": "home", "action": {"block": {}}, "statement": HOME})
)


def named_set(build: Builder, *ranges: str) -> dict[str, Any]:
    """A statement about an IP set with these ranges."""
    number = len(build.resources)
    made = build("wafv2/ipSet:IpSet", f"set-{number}", addresses=list(ranges), ipAddressVersion="IPV4")
    return {"ipSetReferenceStatement": {"arn": made.arn}}


def firewall_rule(action: str, statement: dict[str, Any]) -> dict[str, Any]:
    return {"name": "ours", "action": {action: {}}, "statement": statement}


OFFICE, HALVES = ("203.0.113.0/24",), ("0.0.0.0/1", "128.0.0.0/1")


quiet("API-01")(lambda build: guarded(build, "block", firewall_rule("allow", named_set(build, *OFFICE))))
quiet("API-01")(
    lambda build: guarded(
        build, "allow", firewall_rule("block", {"notStatement": {"statement": named_set(build, *OFFICE)}})
    )
)
fault("API-01", at="api", message="anyone can call GET /greeting")(
    lambda build: guarded(build, "block", firewall_rule("allow", named_set(build, *HALVES)))
)
fault("API-01", at="api", message="anyone can call GET /greeting")(
    lambda build: guarded(build, "block", *(firewall_rule("allow", named_set(build, half)) for half in HALVES))
)
fault("API-01", at="api", message="anyone can call GET /greeting")(
    lambda build: guarded(
        build,
        "block",
        firewall_rule("allow", {"orStatement": {"statements": [named_set(build, one) for one in HALVES]}}),
    )
)
fault("API-01", at="api", message="anyone can call GET /greeting")(
    lambda build: guarded(
        build, "allow", firewall_rule("block", {"notStatement": {"statement": named_set(build, *HALVES)}})
    )
)


@fault("API-01", at="api", message="anyone can call GET /greeting")
def _(build: Builder) -> None:
    """All but a few may call."""
    guarded(build, "block", firewall_rule("allow", {"notStatement": {"statement": named_set(build, *OFFICE)}}))


@fault("LIVE-01", at="greeter", message="no permission lets api invoke greeter")
def _(build: Builder) -> None:
    open_api(build)
    del build.resources[declared(build, "lambda/permission:Permission").urn]


@quiet("LIVE-01")
def _(build: Builder) -> None:
    """IAM compares actions without case."""
    proxy_stack(build)
    del build.resources[declared(build, "lambda/permission:Permission").urn]
    api, function = declared(build, "apigateway/restApi:RestApi"), declared(build, "lambda/function:Function")
    permission(build, api, function, action="lambda:invokeFunction")


def opened(build: Builder, *ranges: str, port: int = 8080) -> None:
    stack = network(build)
    server = backend(build, stack)
    forwarder(build, stack, server)
    for number, cidr in enumerate(ranges):
        key = "cidrIpv6" if ":" in cidr else "cidrIpv4"
        ingress(build, f"opened-{number}", server.group, port, **{key: cidr})


fault("NET-02", at="opened-1", message="128.0.0.0/1")(
    fault("NET-02", at="opened-0", message="0.0.0.0/1")(lambda build: opened(build, "0.0.0.0/1", "128.0.0.0/1"))
)
fault("NET-05", at="opened-0", message="203.0.113.0/24")(lambda build: opened(build, "203.0.113.0/24"))
fault("NET-05", at="opened-1", message="10.0.128.0/17")(lambda build: opened(build, "10.0.0.0/17", "10.0.128.0/17"))
quiet("NET-02", "NET-05")(lambda build: opened(build, "203.0.113.8/32", "10.0.5.0/24"))


def forwarding(build: Builder, **inputs: Any) -> None:
    stack = network(build)
    server = backend(build, stack)
    forwarder(build, stack, server)
    members = declared(build, "ec2/securityGroup:SecurityGroup", "proxy-group")
    rule = "vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    build(rule, "wide", securityGroupId=members.id, **inputs)


fault("NET-10", at="wide", message="0.0.0.0/0")(
    lambda build: forwarding(build, ipProtocol="tcp", fromPort=443, toPort=443, cidrIpv4="0.0.0.0/0")
)
fault("NET-10", at="wide", message="10.0.0.0/16")(
    lambda build: forwarding(build, ipProtocol="-1", cidrIpv4="10.0.0.0/16")
)


for action in ("s3:Get*", "dynamodb:Put*", "kms:*"):

    @fault("IAM-01", at="policy", message=action)
    def _(build: Builder, action: str = action) -> None:
        inline(build, action, resource="arn:aws:s3:::mine/*")


for arn in ("arn:aws:s3:::*", "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:dynamodb:*:*:table/*"):

    @fault("IAM-02", at="policy", message="secretsmanager:GetSecretValue on every resource")
    def _(build: Builder, arn: str = arn) -> None:
        inline(build, "secretsmanager:GetSecretValue", resource=arn)


quiet("IAM-01", "IAM-02")(
    lambda build: inline(build, "logs:CreateLogStream", resource="arn:aws:logs:eu-west-1:123456789012:log-group:mine:*")
)
fault("GATE-02", at="api", message="admits no endpoint of this stack")(
    lambda build: private_stack(build, policy=policy_of("vpce-0123456789abcdef0"))
)


@quiet("NET-01")
def _(build: Builder) -> None:
    """Subnets whose routes are elsewhere: not certain, and so no violation."""
    stack = network(build)
    members = group(build, stack.vpc, "members")
    machine(
        build,
        "server",
        subnetId="subnet-of-another",
        vpcSecurityGroupIds=[members.id],
        associatePublicIpAddress=UNKNOWN,
    )

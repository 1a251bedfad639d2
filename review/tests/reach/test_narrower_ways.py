"""Paths that are narrower than the rules of a security group: by network ACLs, listener rules and web ACLs."""

import pytest

from review.aws.model.model import AwsModel
from review.reach import Kind, trace
from review.tests.fixtures import Run
from review.tests.reach.test_services import NETWORK, WEB, answered, outside


def lines(protocol: str = "-1", port: int = 0, cidr: str = "0.0.0.0/0") -> str:
    return (
        f"{{'rule_no': 100, 'action': 'allow', 'protocol': '{protocol}', 'from_port': {port}, 'to_port': {port}, "
        f"'cidr_block': '{cidr}'}}"
    )


ACL = "aws.ec2.NetworkAcl('acl', vpc_id=vpc.id, subnet_ids=[{subnet}.id], ingress=[{ingress}], egress=[{egress}])\n"
OUT = "aws.vpc.SecurityGroupEgressRule('out', security_group_id=group.id, ip_protocol='-1', cidr_ipv4='0.0.0.0/0')\n"
BEHIND_NAT = """
private = aws.ec2.Subnet("private", vpc_id=vpc.id, cidr_block="10.0.1.0/24")
nat = aws.ec2.NatGateway("nat", subnet_id=subnet.id, allocation_id="eipalloc-1")
inner = aws.ec2.RouteTable("inner", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}])
aws.ec2.RouteTableAssociation("inner", subnet_id=private.id, route_table_id=inner.id)
aws.ec2.Instance("web", ami="a", instance_type="t3.micro", subnet_id=private.id, vpc_security_group_ids=[group.id])
"""


@pytest.mark.parametrize(
    ("egress", "ingress", "expected"),
    [
        (lines(), lines(), "open"),
        ("", lines(), "no"),
        (lines(), "", "no"),  # no answer comes back
        (lines(cidr="10.0.0.0/8"), lines(), "no"),
        (lines("tcp", 443), lines(), "open"),
        (lines().replace("'0.0.0.0/0'", "unknown"), lines(), "cannot tell"),
    ],
)
@pytest.mark.parametrize("at", ["web", "private", "nat"])
def test_network_acls_on_the_way_out(run_aws: Run, egress: str, ingress: str, expected: str, at: str) -> None:
    machine = WEB if at == "web" else NETWORK + BEHIND_NAT
    acl = ACL.format(subnet="private" if at == "private" else "subnet", ingress=ingress, egress=egress)
    reach = trace(AwsModel(run_aws(machine + OUT + acl, strict=False)))
    (way,) = [path for path in reach.paths if path.kind is Kind.OUTBOUND and str(path).startswith("web")]
    assert ("no" if not way.open else "cannot tell" if way.uncertainty else "open") == expected, str(way)


@pytest.mark.parametrize(
    ("ingress", "expected"),
    [
        (lines("tcp", 443), ["internet → tcp 443 → web"]),
        (f"{lines('tcp', 443)}, {lines('udp', 53).replace('100', '200')}", ["internet → tcp 443", "internet → udp 53"]),
        (lines("tcp", 22), ["internet → tcp 22 → web"]),
        (lines(), ["internet → every port → web"]),
        (lines().replace("'0.0.0.0/0'", "unknown"), ["internet → every port → web (cannot tell"]),
    ],
)
def test_a_path_has_the_ports_that_a_network_acl_admits(run_aws: Run, ingress: str, expected: list[str]) -> None:
    rule = (
        "aws.vpc.SecurityGroupIngressRule('in', security_group_id=group.id, ip_protocol='-1', cidr_ipv4='0.0.0.0/0')\n"
    )
    acl = ACL.format(subnet="subnet", ingress=ingress, egress=lines())
    paths = outside(run_aws(WEB + rule + acl, strict=False))
    assert len(paths) == len(expected)
    assert all(line.startswith(start) for line, start in zip(sorted(paths), expected, strict=True)), paths


BALANCED = (
    WEB
    + """
front = aws.ec2.SecurityGroup("front", vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]}],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}])
aws.vpc.SecurityGroupIngressRule("in", security_group_id=group.id, ip_protocol="tcp", from_port=80, to_port=80,
    referenced_security_group_id=front.id)
balancer = aws.lb.LoadBalancer("lb", load_balancer_type="application", internal=False, subnets=[subnet.id],
    security_groups=[front.id], ip_address_type="STACK")
targets = aws.lb.TargetGroup("targets", port=80, protocol="HTTP", vpc_id=vpc.id)
forward = {"type": "forward", "target_group_arn": targets.arn}
refuse = {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "404"}}
listener = aws.lb.Listener("listener", load_balancer_arn=balancer.arn, port=80, protocol="HTTP",
    default_actions=[DEFAULT])
"""
)
ATTACHED = "aws.lb.TargetGroupAttachment('attached', target_group_arn=targets.arn, target_id=web.id)\n"
FIREWALL = """
shown = {"cloudwatch_metrics_enabled": False, "metric_name": "x", "sampled_requests_enabled": False}
some = {"geo_match_statement": {"country_codes": ["DE"]}}
acl = aws.wafv2.WebAcl("acl", scope="REGIONAL", default_action={"%s": {}}, visibility_config=shown,
    rules=[{"name": "a", "priority": 1, "action": {"%s": {}}, "statement": some, "visibility_config": shown}])
aws.wafv2.WebAclAssociation("on", resource_arn=balancer.arn, web_acl_arn=acl.arn)
"""


def balanced(run_aws: Run, more: str = "", *, default: str = "forward", stack: str = "ipv4") -> list[str]:
    program = BALANCED.replace("DEFAULT", default).replace("STACK", stack) + more
    return [line for line in outside(run_aws(program, strict=False)) if "lb" in line]


@pytest.mark.parametrize(
    ("default", "action", "closed"),
    [("block", "count", True), ("block", "block", True), ("block", "allow", False), ("allow", "block", False)],
)
def test_a_web_acl_in_front_of_a_balancer(run_aws: Run, default: str, action: str, closed: bool) -> None:
    (way,) = balanced(run_aws, ATTACHED + FIREWALL % (default, action))
    assert "lb (WAF)" in way
    assert way.endswith("no, acl blocks every caller") is closed


def test_a_balancer_without_public_ipv4_addresses(run_aws: Run) -> None:
    (way,) = balanced(run_aws, ATTACHED, stack="dualstack-without-public-ipv4")
    assert "no, lb has no public IPv4 address" in way
    (way,) = balanced(run_aws, ATTACHED, stack="dualstack")
    assert way == "internet → tcp 80 → lb → tcp 80 → web"


@pytest.mark.parametrize(
    ("attached", "said"), [(ATTACHED, "→ web"), ("", "cannot tell: which targets others register")]
)
def test_a_target_group_may_have_targets_from_elsewhere(run_aws: Run, attached: str, said: str) -> None:
    (way,) = balanced(run_aws, attached)
    assert said in way


SOCKET = """
code = pulumi.AssetArchive({{"index.py": pulumi.StringAsset("")}})
role = "arn:aws:iam::123456789012:role/r"
function = aws.lambda_.Function("function", role=role, runtime="python3.13", handler="index.handler", code=code)
ws = aws.apigatewayv2.Api("ws", protocol_type="WEBSOCKET", route_selection_expression="$request.body.action")
to = aws.apigatewayv2.Integration("to", api_id=ws.id, integration_type="AWS_PROXY", integration_uri=function.invoke_arn)
aws.apigatewayv2.Stage("stage", api_id=ws.id, name="prod", auto_deploy=True)
aws.lambda_.Permission("may", function=function.name, action="lambda:InvokeFunction",
    principal="apigateway.amazonaws.com", source_arn=pulumi.Output.concat(ws.execution_arn, "/*/*"))
target = pulumi.Output.concat("integrations/", to.id)
unknown = aws.rds.Instance("db", instance_class="db.t3.micro").endpoint
aws.apigatewayv2.Route("connect", api_id=ws.id, route_key="$connect", target=target, authorization_type={})
aws.apigatewayv2.Route("send", api_id=ws.id, route_key="send", target=target)
"""


@pytest.mark.parametrize(
    ("authorization", "said"),
    [("'AWS_IAM'", "ws (IAM)"), ("'NONE'", "ws (anyone)"), ("unknown", "cannot tell: what its routes require")],
)
def test_the_route_that_connects_protects_the_others(run_aws: Run, authorization: str, said: str) -> None:
    (way,) = outside(run_aws(SOCKET.format(authorization), strict=False))
    assert said in way


def test_nothing_else_is_narrower(run_aws: Run) -> None:
    assert answered(run_aws(WEB, strict=False)) == "no"

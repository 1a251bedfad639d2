"""The diagram shows each path once, with the cost of each box."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from review.aws.model.model import AwsModel
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph.answers import YES
from review.paths import trace_paths
from review.report.parts.diagram import Area, Diagram, Edge, Node, draw, format_mermaid
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import remembered


@pytest.fixture(scope="module")
def house() -> Diagram:
    project = load(Path(__file__).parents[1] / "programs" / "house")
    graph = run(project, read_stack(project, "dev"))
    return draw(graph, trace_paths(AwsModel(graph)).paths)


def test_the_house_is_drawn_from_the_internet_to_the_backend(house: Diagram) -> None:
    assert [(edge.source, edge.target, edge.label) for edge in house.edges.values()] == [
        ("internet", "front", ""),
        ("front", "proxy", ""),
        ("proxy", "backend", "tcp 8080"),
    ]
    places = {node.label: node.place for node in house.nodes.values()}
    assert places == {"internet": Area.OUTSIDE, "front": Area.REGION, "proxy": Area.VPC, "backend": Area.VPC}
    assert house.nodes["front"].detail == "key, 100/s a method"
    text = format_mermaid(house)
    assert ('n0(["internet"])' in text, '-->|"tcp 8080"|' in text) == (True, True)
    assert text.count("subgraph") == text.count("  end") == 2


@pytest.mark.parametrize(
    "sign",
    ["\n", "\r", "\x1b", "\u2028", "\u202e", '"', "'", "[", "]", "{", "}", "|", "`", "%", "\\", ";", "<", "&", "$"],
)
def test_no_sign_in_a_name_is_one_of_mermaids(sign: str) -> None:
    """Names are text whatever they hold: the drawing has the same lines, and the same signs outside of its codes."""
    hostile, plain = (f"{before}{one}{before}" for before, one in (("a", sign * 3), ("a", "xxx")))

    def drawn(name: str) -> str:
        nodes = {name: Node(name, name, Area.VPC, details=(name,)), "b": Node("b", "b", Area.OUTSIDE)}
        return format_mermaid(Diagram(nodes, {("", "", ""): Edge(name, "b", name)}))

    without = re.sub(r"a(#\d+;|[ \N{REPLACEMENT CHARACTER}]){3}a", "axxxa", drawn(hostile))
    assert without == drawn(plain)
    assert "#quot;" not in drawn("a#quot;]")


def test_each_requirement_has_a_line_of_its_own() -> None:
    routes = [{"path": "/admin", "methods": ["GET"], "authorization": "iam"}, {"path": "/shop", "methods": ["GET"]}]
    config = {
        "topology": "public-proxy",
        "network": {"egress": "nat-instance"},
        "backend": {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
        "api": {"kind": "rest", "routes": routes},
    }
    graph = remembered(config)
    front = draw(graph, trace_paths(AwsModel(graph)).paths).nodes["front"]
    assert front.details == ("GET /admin, IAM, 100/s a method", "GET /shop, anyone, 100/s a method")
    assert "<small>GET /admin, IAM, 100/s a method</small><br/><small>GET /shop," in format_mermaid(
        Diagram({front.id: front})
    )


def test_a_program_without_paths_shows_what_needs_what(run_program: Run) -> None:
    graph = run_program(
        """
        import pulumi
        import pulumi_aws as aws

        class Part(pulumi.ComponentResource):
            def __init__(self, name, vpc=None):
                super().__init__("small:index:Part", name, {})
                options = pulumi.ResourceOptions(parent=self)
                if vpc is None:
                    self.vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=options)
                else:
                    aws.ec2.Subnet(f"{name}-subnet", vpc_id=vpc.id, opts=options)

        Part("upper", Part("lower").vpc)
        """
    )
    diagram = draw(graph, [])
    assert [(edge.source, edge.target, edge.label) for edge in diagram.edges.values()] == [("upper", "lower", "needs")]
    assert draw(run_program("pass"), []).edges == {}


UNCERTAIN = """
import pulumi_aws as aws
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", map_public_ip_on_launch=True)
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
table = aws.ec2.RouteTable("table", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
aws.ec2.RouteTableAssociation("joined", subnet_id=subnet.id, route_table_id=table.id)
groups = {"unclear": "sg-0123456789abcdef0", "clear": aws.ec2.SecurityGroup("web", vpc_id=vpc.id, ingress=[
    {"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]}]).id}
for name, group in groups.items():
    aws.ec2.Instance(name, ami="ami-1", instance_type="t4g.nano", subnet_id=subnet.id, vpc_security_group_ids=[group])
"""


def test_a_box_names_its_cost() -> None:
    node = Node("nat", "nat", Area.VPC, fixed=7.184)
    drawn = format_mermaid(
        Diagram({"nat": node, "b": replace(node, id="b", fixed=0.0), "c": replace(node, id="c", fixed=None)})
    )
    assert 'n0["nat<br/>#36;7.18 a month"]' in drawn
    assert 'n1["nat"]' in drawn
    assert 'n2["nat<br/>cost not known"]' in drawn


def test_a_path_that_may_be_closed_is_dashed_and_says_so(run_program: Run) -> None:
    graph = run_program(UNCERTAIN)
    paths = trace_paths(AwsModel(graph)).paths
    diagram = draw(graph, paths)
    certain = {edge.target: edge.certain for edge in diagram.edges.values() if edge.source == "internet"}
    assert certain == {"unclear": False, "clear": True}
    assert '-.->|"unknown rules, cannot tell"|' in format_mermaid(diagram)
    assert '-->|"tcp 80"|' in format_mermaid(diagram)


def test_an_arrow_that_a_certain_path_shares_is_certain(run_program: Run) -> None:
    graph = run_program(UNCERTAIN)
    paths = [path for path in trace_paths(AwsModel(graph)).paths if path.open]
    (uncertain,) = [
        path for path in paths if path.target == "unclear" and path.uncertainty and path.source == "internet"
    ]
    for order in ([uncertain, replace(uncertain, answer=YES)], [replace(uncertain, answer=YES), uncertain]):
        assert [edge.certain for edge in draw(graph, order).edges.values()] == [True]

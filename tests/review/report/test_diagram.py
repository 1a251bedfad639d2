"""The diagram shows each path once, in columns that go the way of the traffic."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.aws.model import AwsModel
from review.evaluate.project_file import load
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.reach import trace
from review.report.diagram import Area, Diagram, Edge, Node, draw, mermaid
from review.report.render.drawing import svg

Run = Callable[..., Graph]


@pytest.fixture(scope="module")
def house() -> Diagram:
    project = load(Path(__file__).parents[1] / "programs" / "house")
    graph = run(project, read_stack(project, "dev"))
    return draw(graph, trace(AwsModel(graph)).paths)


def test_the_house_is_drawn_from_the_internet_to_the_backend(house: Diagram) -> None:
    assert [(edge.source, edge.target, edge.label) for edge in house.edges] == [
        ("internet", "front", ""),
        ("front", "proxy", ""),
        ("proxy", "backend", "tcp 8080"),
    ]
    places = {node.label: node.place for node in house.nodes.values()}
    assert places == {
        "internet": Area.OUTSIDE,
        "front": Area.REGION,
        "proxy": Area.VPC,
        "backend": Area.VPC,
    }
    assert house.nodes["front"].detail == "key, 100/s"


def test_mermaid_names_every_node_and_arrow(house: Diagram) -> None:
    text = mermaid(house)
    assert text.startswith("flowchart LR")
    assert 'n0(["internet"])' in text
    assert '-->|"tcp 8080"|' in text
    assert text.count("subgraph") == text.count("  end") == 2


def test_labels_cannot_break_out_of_mermaid_or_svg() -> None:
    node = 'a"]; click n0 "<script>'
    diagram = Diagram({node: Node(node, node, Area.VPC), "b": Node("b", "b", Area.VPC)}, [Edge(node, "b", '"|x')])
    assert '"]; click' not in mermaid(diagram)
    assert "<script" not in mermaid(diagram)
    assert "<script" not in svg(diagram)


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
    assert [(edge.source, edge.target, edge.label) for edge in diagram.edges] == [("upper", "lower", "needs")]
    assert draw(run_program("pass"), []).edges == []
    assert svg(Diagram()) == ""


NAMES = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20))
def test_any_picture_is_laid_out_without_overlap(pairs: list[tuple[str, str]]) -> None:
    edges = [Edge(source, target) for source, target in pairs if source != target]
    nodes = {name: Node(name, name, Area.VPC if name in "aceg" else Area.REGION) for pair in pairs for name in pair}
    diagram = Diagram(nodes, edges)
    drawn = svg(diagram)
    if not edges:
        assert drawn == ""
        return
    boxes = re.findall(r'class="node \w+" x="([\d.]+)" y="([\d.]+)"', drawn)
    assert len(boxes) == len(nodes) == len(set(boxes))
    assert drawn.count('class="arrow') == len(edges)


DOUBTED = """
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


def test_a_path_that_may_be_closed_is_dashed_and_says_so(run_program: Run) -> None:
    graph = run_program(DOUBTED)
    paths = trace(AwsModel(graph)).paths
    diagram = draw(graph, paths)
    certain = {edge.target: edge.certain for edge in diagram.edges if edge.source == "internet"}
    assert certain == {"unclear": False, "clear": True}
    assert '-.->|"unknown rules, cannot tell"|' in mermaid(diagram)
    assert '-->|"tcp 80"|' in mermaid(diagram)
    assert svg(diagram).count('class="arrow uncertain"') == sum(not edge.certain for edge in diagram.edges)
    assert "cannot tell" in svg(diagram)


def test_an_arrow_that_a_certain_path_shares_is_certain(run_program: Run) -> None:
    graph = run_program(DOUBTED)
    paths = [path for path in trace(AwsModel(graph)).paths if path.open]
    (doubted,) = [path for path in paths if path.target == "unclear" and path.uncertainty and path.source == "internet"]
    for order in ([doubted, replace(doubted, uncertainty="")], [replace(doubted, uncertainty=""), doubted]):
        assert [edge.certain for edge in draw(graph, order).edges] == [True]

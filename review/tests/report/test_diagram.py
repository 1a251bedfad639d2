"""The diagram shows each path once, with the cost of each box."""

import re
from dataclasses import replace

import pytest

from review.reach import trace
from review.report.diagram import Area, Diagram, Edge, Node, draw, format_mermaid
from review.report.report import Report
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.stacks import graph_of, remembered


def test_the_stack_is_drawn_from_the_internet_to_the_backend(house: Report) -> None:
    drawn = house.diagram
    edges = [(edge.source, edge.target, edge.label) for edge in drawn.edges.values()]
    assert edges[:3] == [("internet", "front", ""), ("front", "proxy", ""), ("proxy", "backend", "tcp 8080")]
    places = {node.label: node.place for node in drawn.nodes.values()}
    inside = {"proxy": Area.VPC, "backend": Area.VPC}
    assert places.items() >= {"internet": Area.OUTSIDE, "front": Area.REGION, **inside}.items()
    assert drawn.nodes["front"].detail == "key me, 100/s a method"
    text = format_mermaid(drawn)
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
    front = draw(graph, trace(graph).paths).nodes["front"]
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


def test_a_box_names_its_cost() -> None:
    node = Node("nat", "nat", Area.VPC, fixed=7.184)
    drawn = format_mermaid(
        Diagram({"nat": node, "b": replace(node, id="b", fixed=0.0), "c": replace(node, id="c", fixed=None)})
    )
    assert 'n0["nat<br/>#36;7.18 a month"]' in drawn
    assert 'n1["nat"]' in drawn
    assert 'n2["nat<br/>cost not known"]' in drawn


def test_a_path_that_may_be_closed_is_dashed_and_says_so() -> None:
    graph = graph_of("examples/existing-balancer.yaml")
    diagram = draw(graph, trace(graph).paths)
    assert [edge for edge in diagram.edges.values() if not edge.certain]
    assert "cannot tell" in format_mermaid(diagram)


def test_an_arrow_that_a_certain_path_shares_is_certain() -> None:
    graph = graph_of("dev")
    path = next(path for path in trace(graph).paths if path.open)
    doubted = path.doubt("who calls is not known")
    assert not all(edge.certain for edge in draw(graph, [doubted]).edges.values())
    for order in ([doubted, path], [path, doubted]):
        assert all(edge.certain for edge in draw(graph, order).edges.values())

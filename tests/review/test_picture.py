"""The picture shows each path once, in columns that go the way of the traffic."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.graph import Graph
from review.picture import Edge, Node, Picture, Place, draw, mermaid
from review.project_file import load
from review.reach import Survey
from review.render.drawing import svg
from review.runner import run
from review.stack_file import read_stack

Run = Callable[..., Graph]


@pytest.fixture(scope="module")
def house() -> Picture:
    project = load(Path(__file__).parent / "programs" / "house")
    graph = run(project, read_stack(project, "dev"))
    return draw(graph, Survey(graph).paths)


def test_the_house_is_drawn_from_the_internet_to_the_backend(house: Picture) -> None:
    assert [(edge.source, edge.target, edge.label) for edge in house.edges] == [
        ("internet", "front", ""),
        ("front", "proxy", ""),
        ("proxy", "backend", "tcp 8080"),
    ]
    places = {node.label: node.place for node in house.nodes.values()}
    assert places == {
        "internet": Place.OUTSIDE,
        "front": Place.REGION,
        "proxy": Place.VPC,
        "backend": Place.VPC,
    }
    assert house.nodes["front"].detail == "key, 100/s"


def test_mermaid_names_every_node_and_arrow(house: Picture) -> None:
    text = mermaid(house)
    assert text.startswith("flowchart LR")
    assert 'n0(["internet"])' in text
    assert '-->|"tcp 8080"|' in text
    assert text.count("subgraph") == text.count("  end") == 2


def test_labels_cannot_break_out_of_mermaid_or_svg() -> None:
    node = 'a"]; click n0 "<script>'
    picture = Picture({node: Node(node, node, Place.VPC), "b": Node("b", "b", Place.VPC)}, [Edge(node, "b", '"|x')])
    assert '"]; click' not in mermaid(picture)
    assert "<script" not in mermaid(picture)
    assert "<script" not in svg(picture)


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
    picture = draw(graph, [])
    assert [(edge.source, edge.target, edge.label) for edge in picture.edges] == [("upper", "lower", "needs")]
    assert draw(run_program("pass"), []).edges == []
    assert svg(Picture()) == ""


NAMES = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20))
def test_any_picture_is_laid_out_without_overlap(pairs: list[tuple[str, str]]) -> None:
    edges = [Edge(source, target) for source, target in pairs if source != target]
    nodes = {name: Node(name, name, Place.VPC if name in "aceg" else Place.REGION) for pair in pairs for name in pair}
    picture = Picture(nodes, edges)
    drawn = svg(picture)
    if not edges:
        assert drawn == ""
        return
    boxes = re.findall(r'class="node \w+" x="([\d.]+)" y="([\d.]+)"', drawn)
    assert len(boxes) == len(nodes) == len(set(boxes))
    assert drawn.count('class="arrow') == len(edges)

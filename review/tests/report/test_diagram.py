"""The diagram shows each path once, in columns that go the way of the traffic."""

import html
import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review.report.render.drawing import svg

from review.aws.model.model import AwsModel
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph.answers import YES
from review.reach import trace
from review.reach.path import Kind
from review.report.diagram import Area, Diagram, Edge, Node, draw, mermaid
from review.tests.fixtures import Run
from tests.helpers.in_process.evaluation import run
from tests.helpers.stacks import ALL, graph_of


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
    assert places == {"internet": Area.OUTSIDE, "front": Area.REGION, "proxy": Area.VPC, "backend": Area.VPC}
    assert house.nodes["front"].detail == "key, 100/s a route"
    assert house.ranks() == {"internet": 0, "front": 1, "proxy": 2, "backend": 3}


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


@pytest.mark.parametrize(
    "sign",
    ["\n", "\r", "\x1b", "\u2028", "\u202e", '"', "'", "[", "]", "{", "}", "|", "`", "%", "\\", ";", "<", "&", "$"],
)
def test_no_sign_in_a_name_is_one_of_mermaids(sign: str) -> None:
    """Names are text whatever they hold: the drawing has the same lines, and the same signs outside of its codes."""
    hostile, plain = (f"{before}{one}{before}" for before, one in (("a", sign * 3), ("a", "xxx")))

    def drawn(name: str) -> str:
        nodes = {name: Node(name, name, Area.VPC, detail=name), "b": Node("b", "b", Area.OUTSIDE)}
        return mermaid(Diagram(nodes, [Edge(name, "b", name)]))

    without = re.sub(r"a(#\d+;|[ \N{REPLACEMENT CHARACTER}]){3}a", "axxxa", drawn(hostile))
    assert without == drawn(plain)
    assert "#quot;" not in drawn("a#quot;]")


def test_what_turns_the_reading_direction_is_in_no_drawing() -> None:
    nodes = {name: Node(name, name, Area.VPC) for name in ("a\u202eb", "c")}
    assert {sign for sign in svg(Diagram(nodes, [Edge("a\u202eb", "c", "\x1b")])) if not sign.isprintable()} == {"\n"}


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
PLACES = st.fixed_dictionaries(
    {name: st.sampled_from(["out", "aws", "vpc", "vpc public", "vpc private"]) for name in "abcdefgh"}
)
EDGES = st.lists(
    st.tuples(NAMES, NAMES, st.booleans(), st.sampled_from(["", "tcp 8080", "tcp 80, tcp 443"])), max_size=20
)
AREAS = {"out": Area.OUTSIDE, "aws": Area.REGION, "vpc": Area.VPC}
Rectangle = tuple[float, float, float, float]


def text_box(match: re.Match[str]) -> Rectangle:
    """What a text of 12 or 14 pixels takes, on the safe side."""
    kind, x, y, text = match[1], float(match[2]), float(match[3]), html.unescape(match[4])
    width = len(text) * 6.5
    left = x if kind in ("traffic", "place") else x - width / 2
    return (left, y - 11, left + width, y + 3)


def crosses(rectangle: Rectangle, other: Rectangle) -> bool:
    return rectangle[0] < other[2] and other[0] < rectangle[2] and rectangle[1] < other[3] and other[1] < rectangle[3]


def faults(drawn: str) -> list[str]:
    """Boxes that overlap, labels on boxes, labels or lines, lines through boxes, and lines that share a piece."""
    number = r"(-?[\d.]+)"
    boxes = [
        (x, y, x + width, y + height)
        for x, y, width, height in (
            map(float, found)
            for found in re.findall(
                rf'class="(?:node \w+|swatch \w+|subnet)" x="{number}" y="{number}" width="{number}" height="{number}"',
                drawn,
            )
        )
    ]
    texts = [text_box(match) for match in re.finditer(rf'<text class="(\w+)" x="{number}" y="{number}">([^<]*)', drawn)]
    labels = [
        text_box(one) for one in re.finditer(rf'<text class="(traffic|place)" x="{number}" y="{number}">([^<]*)', drawn)
    ]
    lines: list[list[Rectangle]] = []
    for path in re.findall(r'class="arrow[^"]*" d="([^"]+)"', drawn):
        corners = [(float(x), float(y)) for x, y in re.findall(rf"[ML]{number} {number}", path)]
        assert all(x1 == x2 or y1 == y2 for (x1, y1), (x2, y2) in itertools.pairwise(corners))
        lines.append(
            [(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)) for (x1, y1), (x2, y2) in itertools.pairwise(corners)]
        )
    width, height = (float(one) for one in re.findall(rf'<svg[^>]* width="{number}" height="{number}"', drawn)[0])
    found = [f"boxes {one} {other}" for one, other in itertools.combinations(boxes, 2) if crosses(one, other)]
    found += [f"labels {one} {other}" for one, other in itertools.combinations(labels, 2) if crosses(one, other)]
    found += [f"label {label} on box {other}" for label in labels for other in boxes if crosses(label, other)]
    found += [
        f"outside {one}" for one in (*boxes, *texts) if one[0] < 0 or one[1] < 0 or one[2] > width or one[3] > height
    ]
    for part in re.findall(r'<g class="part".*?</g>', drawn, re.DOTALL):
        for left, width in re.findall(rf'class="node \w+" x="{number}" y="[^"]*" width="{number}"', part):
            found += [
                f"text {text} wider than its box"
                for text in map(text_box, re.finditer(rf'<text class="(\w+)" x="{number}" y="{number}">([^<]*)', part))
                if text[0] < float(left) or text[2] > float(left) + float(width)
            ]
    for at, path in enumerate(lines):
        for piece in path:
            found += [f"line {piece} through box {box}" for box in boxes if crosses(thick(piece), shrunk(box))]
            found += [f"line {piece} through text {text}" for text in texts if crosses(thick(piece, 0.5), text)]
            found += [f"lines {piece} {other}" for path_ in lines[:at] for other in path_ if along(piece, other)]
    return found


def within(one: Rectangle, other: Rectangle) -> bool:
    return one[0] >= other[0] and one[1] >= other[1] and one[2] <= other[2] and one[3] <= other[3]


def thick(line: Rectangle, half: float = 0.1) -> Rectangle:
    return (line[0] - half, line[1] - half, line[2] + half, line[3] + half)


def shrunk(box: Rectangle) -> Rectangle:
    return (box[0] + 0.5, box[1] + 0.5, box[2] - 0.5, box[3] - 0.5)


def along(one: Rectangle, other: Rectangle) -> bool:
    """Whether two lines of one direction share more than a point."""
    level = one[1] == one[3] == other[1] == other[3] and min(one[2], other[2]) - max(one[0], other[0]) > 1
    upright = one[0] == one[2] == other[0] == other[2] and min(one[3], other[3]) - max(one[1], other[1]) > 1
    return level or upright


@given(PLACES, EDGES)
def test_no_arrow_of_any_picture_goes_through_a_box_or_a_label(
    places: dict[str, str], edges: list[tuple[str, str, bool, str]]
) -> None:
    made = {
        (one, other): Edge(one, other, text, kind=Kind.OUTBOUND if out else Kind.INBOUND)
        for one, other, out, text in edges
        if one != other
    }
    names = dict.fromkeys(name for pair in made for name in pair)
    nodes = {}
    for name in names:
        kind, _, tier = places[name].partition(" ")
        nodes[name] = Node(
            name, name * 30, AREAS[kind], detail="key, 100/s " * 4, tier=f"{tier} subnets" if tier else ""
        )
    chips = ("eu-west-1a 10.0.0.0/20", "eu-west-1b 10.0.32.0/20")
    tiers: dict[str, tuple[str, ...]] = {"public subnets": chips, "private subnets": chips}
    drawn = svg(Diagram(nodes, list(made.values()), vpc="VPC 10.0.0.0/16", tiers=tiers))
    if not made:
        assert drawn == ""
        return
    assert drawn.count('class="arrow') == len(made)
    assert drawn.count('class="node ') == len(nodes)
    assert [fault for fault in faults(drawn) if not fault.startswith("lines")] == []


@pytest.mark.parametrize("stack", ALL)
def test_every_stack_is_drawn_without_a_fault(stack: str) -> None:
    graph = graph_of(stack)
    drawn = svg(draw(graph, trace(AwsModel(graph)).paths))
    assert faults(drawn) == []
    assert 'class="frame vpc"' in drawn or 'class="node vpc"' not in drawn


@pytest.mark.xdist_group("prod")
def test_the_key_of_the_picture_is_below_it() -> None:
    graph = graph_of("prod")
    diagram = draw(graph, trace(AwsModel(graph)).paths)
    drawn = svg(diagram)
    assert re.findall(r'class="swatch (\w+)"', drawn) == ["outside", "region", "vpc"]
    assert re.findall(r'class="sample (\w+)"', drawn) == ["certain"]
    diagram.edges[0] = replace(diagram.edges[0], certain=False)
    assert re.findall(r'class="sample (\w+)"', svg(diagram)) == ["certain", "uncertain"]
    small = svg(Diagram({"a": Node("a", "a", Area.REGION), "b": Node("b", "b", Area.REGION)}, [Edge("a", "b", "tcp")]))
    for picture in (drawn, small):
        bottom = max(
            float(y) + float(height) for y, height in re.findall(r'class="node.*? y="(.*?)" .*?height="(.*?)"', picture)
        )
        assert all(float(y) > bottom for y in re.findall(r'class="swatch \w+" x="[^"]*" y="([^"]*)"', picture))


def test_ids_that_begin_alike_stay_different() -> None:
    """An ID that is too long loses its middle."""
    name = "endpoints in vpc-0a1b2c3d4e5f60718"
    drawn = svg(Diagram({"a": Node("a", name, Area.OUTSIDE), "b": Node("b", "b", Area.REGION)}, [Edge("a", "b", "")]))
    assert re.findall(r'class="label"[^>]*>([^<]*)', drawn)[:2] == ["endpoints in", "vpc-0a1b…5f60718"]


def test_the_way_out_is_drawn_lighter_than_the_way_in() -> None:
    nodes = {name: Node(name, name, Area.REGION) for name in ("internet", "backend", "S3")}
    way_in, way_out = Edge("internet", "backend"), Edge("backend", "S3", kind=Kind.OUTBOUND)
    drawn = svg(Diagram(nodes, [way_in, way_out]))
    assert re.findall(r'<g class="(part[^"]*)"[^>]*><title>(\w+) to', drawn) == [
        ("part", "internet"),
        ("part outbound", "backend"),
    ]


def test_the_measure_sees_what_is_wrong() -> None:
    diagram = Diagram({"a": Node("a", "a", Area.REGION), "b": Node("b", "b", Area.REGION)}, [Edge("a", "b", "tcp 80")])
    drawn = svg(diagram)
    assert faults(drawn) == []
    box = re.search(r'class="node region" x="([\d.]+)" y="([\d.]+)"', drawn)
    assert box is not None
    x, y = map(float, box.groups())
    long = f'<text class="label" x="{x + 4:g}" y="9">longer</text>'
    for more, said in [
        (f'<path class="arrow" d="M{x - 9:g} {y + 5:g}L{x + 400:g} {y + 5:g}"/>', "through box"),
        (f'<text class="traffic" x="{x + 5:g}" y="{y + 9:g}">tcp</text>', "on box"),
        (f'<rect class="node vpc" x="{x + 5:g}" y="{y:g}" width="9" height="9"/>', "boxes"),
        (f'<g class="part"><rect class="node aws" x="{x:g}" y="0" width="9" height="9"/>{long}</g>', "wider"),
    ]:
        assert any(said in fault for fault in faults(drawn.replace("</svg>", more + "</svg>"))), said


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


def test_a_detail_of_more_than_three_lines_ends_in_one_ellipsis() -> None:
    detail = "IAM, key, 10/s, 2001:db8::/32 and 203.0.113.0/24, WAF, client certificate, named endpoints only"
    node = Node("front", "front", Area.REGION, detail=detail)
    to = Node("backend", "backend", Area.VPC)
    drawn = svg(Diagram({"front": node, "backend": to}, [Edge("front", "backend", "")]))
    lines = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert [line for line in lines if "…" in line] == ["203.0.113.0/24, WAF,…"]


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
    for order in ([doubted, replace(doubted, answer=YES)], [replace(doubted, answer=YES), doubted]):
        assert [edge.certain for edge in draw(graph, order).edges] == [True]

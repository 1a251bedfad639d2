"""The runner behaves as the engine does: its URNs, its inheritance, its refusals, its unknowns."""

from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Asset, Graph, Resource
from review.graph.reading import find_referenced
from review.tests.helpers.fixture_types import HEAD, Run, Write
from review.tests.helpers.in_process.evaluation import evaluate


def named(graph: Graph, name: str) -> Resource:
    (found,) = [resource for resource in graph if resource.name == name]
    return found


COMPONENT = """
class Inner(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("small:index:Inner", name, {}, opts)
        self.vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({"vpcId": self.vpc.id})

class Outer(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("small:index:Outer", name, {"given": "x"}, opts)
        self.inner = Inner(f"{name}-inner", pulumi.ResourceOptions(parent=self))
        self.register_outputs({})
"""


def test_urns_follow_the_engines_rule_and_parents_come_first(run_aws: Run) -> None:
    graph = run_aws(COMPONENT + "Outer('out')\naws.ec2.Vpc('alone', cidr_block='10.1.0.0/16')")
    assert list(graph.resources) == [
        "urn:pulumi:dev::small::aws:ec2/vpc:Vpc::alone",
        "urn:pulumi:dev::small::small:index:Outer::out",
        "urn:pulumi:dev::small::small:index:Outer$small:index:Inner::out-inner",
        "urn:pulumi:dev::small::small:index:Outer$small:index:Inner$aws:ec2/vpc:Vpc::out-inner-vpc",
    ]
    outer = named(graph, "out")
    assert not outer.custom
    assert outer.parent is None
    assert outer.inputs == {"given": "x"}
    assert [child.name for child in graph.list_descendants(outer.urn)] == ["out-inner", "out-inner-vpc"]
    assert named(graph, "out-inner").state["vpcId"] == named(graph, "out-inner-vpc").id


def test_of_default_tags_each_resource_has_no_more_than_are_too_many(run_aws: Run) -> None:
    """AWS takes 50 of a resource. A hundred thousand, once for each resource, would use up the review's memory."""
    graph = run_aws(
        """
tags = {f"tag{number}": "x" for number in range(1000)}
far = aws.Provider("far", region="us-west-2", default_tags={"tags": tags})
aws.sns.Topic("t", opts=pulumi.ResourceOptions(provider=far))
""",
        config="config: {'aws:region': eu-west-1}",
    )
    assert len(named(graph, "t").state["tagsAll"]) == 51


def test_values_are_joined_by_value_when_known_and_by_dependency_when_not(run_program: Run) -> None:
    program = HEAD + "v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\naws.ec2.Subnet('s', vpc_id=v.id)"
    known = run_program(program)
    subnet = named(known, "s")
    assert subnet.inputs["vpcId"] == named(known, "v").id
    assert known.find(subnet.inputs["vpcId"]) is named(known, "v")
    assert find_referenced(known, subnet, "vpcId") == [named(known, "v")]
    unknown = run_program(program, known=False)
    subnet = named(unknown, "s")
    assert subnet.inputs["vpcId"] is UNKNOWN
    assert subnet.id is UNKNOWN
    assert subnet.property_dependencies["vpcId"] == (named(unknown, "v").urn,)
    assert find_referenced(unknown, subnet, "vpcId") == [named(unknown, "v")]


def test_numbers_assets_and_references(run_aws: Run) -> None:
    graph = run_aws("""
code = pulumi.AssetArchive({"a.py": pulumi.StringAsset("x = 1"), "main": pulumi.FileAsset("__main__.py")})
aws.lambda_.Function("f", role="r", timeout=3, code=code)
""")
    inputs = named(graph, "f").inputs
    assert repr(inputs["timeout"]) == "3"
    assert inputs["code"] == Asset(
        members={"a.py": Asset(text="x = 1"), "main": Asset(path="__main__.py")}, archive=True
    )


def test_a_resource_inside_apply_is_found_by_running_both_ways(write_project: Write) -> None:
    project = write_project(
        HEAD
        + """
v = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
v.id.apply(lambda i: aws.ec2.Subnet("hidden", vpc_id=i))
"""
    )
    evaluation = evaluate(project, read_stack(project, "dev"))
    graph, hidden = evaluation.known, evaluation.hidden
    assert hidden == [named(graph, "hidden").urn]

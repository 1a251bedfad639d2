"""The runner behaves as the engine does: its URNs, its inheritance, its refusals, its unknowns."""

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Asset, Graph, Resource, Secret
from review.graph.reading import pointed
from review.tests.fixtures import HEAD, Run, Write
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
    assert [child.name for child in graph.descendants(outer.urn)] == ["out-inner", "out-inner-vpc"]
    assert named(graph, "out-inner").state["vpcId"] == named(graph, "out-inner-vpc").id


def test_options_of_a_component_reach_its_descendants_as_in_the_engine(run_aws: Run) -> None:
    graph = run_aws(
        COMPONENT
        + """
host = aws.ec2.Vpc("host", cidr_block="10.1.0.0/16")
Outer("out", pulumi.ResourceOptions(protect=True, retain_on_delete=True, deleted_with=host))
"""
    )
    options = named(graph, "out-inner-vpc").options
    assert (options.protect, options.retain_on_delete) == (True, True)
    assert options.deleted_with == named(graph, "host").urn
    assert not named(graph, "host").options.protect


def test_an_explicit_provider_reaches_descendants_and_gives_region_and_tags(run_aws: Run) -> None:
    graph = run_aws(
        COMPONENT
        + """
far = aws.Provider("far", region="us-west-2", default_tags={"tags": {"team": "far"}})
Outer("out", pulumi.ResourceOptions(providers=[far]))
aws.ec2.Vpc("near", cidr_block="10.1.0.0/16", tags={"own": "x"})
aws.ec2.Vpc("own", cidr_block="10.2.0.0/16", region="eu-north-1")
""",
        config="config: {'aws:region': eu-west-1, 'aws:defaultTags': {tags: {team: near}}}",
    )
    far = named(graph, "out-inner-vpc")
    assert far.provider.startswith(named(graph, "far").urn + "::")
    assert far.region == "us-west-2"
    assert ":us-west-2:" in far.state["arn"]
    assert far.state["tagsAll"] == {"team": "far"}
    near = named(graph, "near")
    assert (near.region, near.state["tagsAll"]) == ("eu-west-1", {"team": "near", "own": "x"})
    assert near.inputs["tags"] == {"own": "x"}
    assert named(graph, "own").region == "eu-north-1"


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


def test_other_options_and_the_line_of_the_declaration(run_aws: Run) -> None:
    graph = run_aws("""
aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(
    ignore_changes=["tags"], delete_before_replace=True, replace_on_changes=["cidrBlock"], import_="vpc-123",
    custom_timeouts=pulumi.CustomTimeouts(create="5m"), aliases=[pulumi.Alias(name="old")],
    additional_secret_outputs=["arn"]))
""")
    vpc = named(graph, "v")
    assert vpc.options.ignore_changes == ("tags",)
    assert vpc.options.delete_before_replace is True
    assert vpc.options.replace_on_changes == ("cidrBlock",)
    assert vpc.options.import_id == "vpc-123"
    assert vpc.options.custom_timeouts == {"create": "5m"}
    assert vpc.options.aliases == ("urn:pulumi:dev::small::aws:ec2/vpc:Vpc::old",)
    assert isinstance(vpc.state["arn"], Secret)
    assert vpc.source == "__main__.py:4"


def test_a_component_is_declared_where_it_is_called_and_its_children_in_it(run_aws: Run) -> None:
    graph = run_aws("""
class Shop(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Shop", name)
        aws.ec2.Vpc(name, cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(parent=self))
Shop("a")
""")
    assert {resource.kind: resource.source for resource in graph} == {"Shop": "__main__.py:8", "Vpc": "__main__.py:7"}


def test_values_are_joined_by_value_when_known_and_by_dependency_when_not(run_program: Run) -> None:
    program = HEAD + "v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\naws.ec2.Subnet('s', vpc_id=v.id)"
    known = run_program(program)
    subnet = named(known, "s")
    assert subnet.inputs["vpcId"] == named(known, "v").id
    assert known.find(subnet.inputs["vpcId"]) is named(known, "v")
    assert pointed(known, subnet, "vpcId") == [named(known, "v")]
    unknown = run_program(program, known=False)
    subnet = named(unknown, "s")
    assert subnet.inputs["vpcId"] is UNKNOWN
    assert subnet.id is UNKNOWN
    assert subnet.property_dependencies["vpcId"] == (named(unknown, "v").urn,)
    assert pointed(unknown, subnet, "vpcId") == [named(unknown, "v")]


def test_secrets_stay_secret_at_the_leaf_and_in_exports(run_aws: Run) -> None:
    graph = run_aws(
        """
token = pulumi.Config().require_secret("token")
aws.lambda_.Function("f", role="r", environment={"variables": {"TOKEN": token, "PLAIN": "x"}})
pulumi.export("token", token)
pulumi.export("plain", "x")
""",
        config="config: {token: {secure: v1:hidden}}",
    )
    variables = named(graph, "f").inputs["environment"]["variables"]
    assert isinstance(variables["TOKEN"], Secret)
    assert variables["PLAIN"] == "x"
    assert isinstance(graph.exports["token"], Secret)
    assert graph.exports["plain"] == "x"
    assert isinstance(graph.config["small:token"], Secret)


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


def test_what_exists_already_is_read_by_its_id_in_both_kinds_of_run(run_program: Run) -> None:
    program = HEAD + "v = aws.ec2.Vpc.get('v', 'vpc-0123')\npulumi.export('arn', v.arn)"
    for known in (True, False):
        graph = run_program(program, known=known)
        assert named(graph, "v").id == "vpc-0123"
        assert graph.exports["arn"] == "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123"


def test_outputs_that_nobody_made_up_are_unknown_and_not_none(run_aws: Run) -> None:
    graph = run_aws("v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\npulumi.export('x', v.instance_tenancy)")
    assert graph.exports["x"] is UNKNOWN


def test_transforms_run_the_resources_own_its_ancestors_then_the_stacks(run_aws: Run) -> None:
    graph = run_aws(
        COMPONENT
        + """
def mark(word):
    def change(args):
        if args.type_ != "aws:ec2/vpc:Vpc":
            return None
        tags = {**(args.props.get("tags") or {})}
        tags["order"] = tags.get("order", "") + word
        args.opts.protect, args.opts.aliases, args.opts.import_ = True, [pulumi.Alias(name="old")], "vpc-1"
        args.opts.custom_timeouts = pulumi.CustomTimeouts(create="5m")
        return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)
    return change

pulumi.runtime.register_resource_transform(mark("s"))
Outer("out", pulumi.ResourceOptions(transforms=[mark("p")]))
aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(transforms=[mark("o")]))
"""
    )
    assert named(graph, "out-inner-vpc").inputs["tags"] == {"order": "ps"}
    assert named(graph, "v").inputs["tags"] == {"order": "os"}
    options = named(graph, "v").options
    assert (options.protect, options.import_id, options.custom_timeouts) == (True, "vpc-1", {"create": "5m"})
    assert [alias.rpartition("::")[2] for alias in options.aliases] == ["old"]


def test_stack_references_are_noted_and_unknown(run_aws: Run) -> None:
    graph = run_aws("other = pulumi.StackReference('org/net/prod')\npulumi.export('id', other.get_output('vpcId'))")
    assert graph.exports["id"] is UNKNOWN
    assert any("org/net/prod" in note for note in graph.notes)


def test_remote_components_are_marked_and_their_outputs_unknown(run_aws: Run) -> None:
    graph = run_aws("""
import pulumi_awsx as awsx
vpc = awsx.ec2.Vpc("net", awsx.ec2.VpcArgs(cidr_block="10.0.0.0/16"))
pulumi.export("id", vpc.vpc_id)
""")
    assert named(graph, "net").remote
    assert not named(graph, "net").custom
    assert graph.exports["id"] is UNKNOWN


def test_hooks_are_kept_by_name_and_not_run(run_aws: Run) -> None:
    graph = run_aws("""
def stop(args):
    raise RuntimeError("it ran")
hook = pulumi.ResourceHook("look", stop)
binding = pulumi.ResourceHookBinding(before_create=[hook])
aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(hooks=binding))
""")
    assert named(graph, "v").options.hooks == {"before_create": ("look",)}


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


def test_an_async_program_and_a_lookup_of_ones_own_resource(run_aws: Run) -> None:
    graph = run_aws("""
async def main():
    return {"cidr": aws.ec2.get_vpc_output(id=aws.ec2.Vpc("v", cidr_block="10.7.0.0/16").id).cidr_block}
pulumi.run(main)
""")
    assert graph.exports["cidr"] == "10.7.0.0/16"
    assert [invoke.token for invoke in graph.invokes] == ["aws:ec2/getVpc:getVpc"]


def test_a_foreign_programs_unplanned_lookup_is_unknown_wherever_it_goes(run_aws: Run) -> None:
    graph = run_aws(
        """
broker = aws.mq.get_broker(broker_id="b")
aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", tags={"engine": f"is {broker.engine_type}", "users": str(len(broker.users))})
""",
        strict=False,
    )
    assert named(graph, "v").inputs["tags"] == {"engine": UNKNOWN, "users": "1"}
    assert any("aws:mq/getBroker:getBroker" in note for note in graph.notes)


@pytest.mark.parametrize("known", [True, False])
def test_outputs_that_the_sdk_marks_are_secret(run_program: Run, known: bool) -> None:
    """Also those for which the evaluation makes up no value."""
    graph = run_program(
        """
import pulumi
import pulumi_aws as aws

user = aws.iam.User("mail")
key = aws.iam.AccessKey("key", user=user.name)
pulumi.export("secret", key.secret)
pulumi.export("smtp_password", key.ses_smtp_password_v4)
pulumi.export("user", user.name)
password = pulumi.Output.secret("it")
db = aws.rds.Instance("db", instance_class="db.t4g.micro", password=password, opts=pulumi.ResourceOptions(
    additional_secret_outputs=["password"]))
pulumi.export("password", db.password)
""",
        known=known,
    )
    assert graph.exports["password"] == Secret("it")
    assert {key for key, each in graph.exports.items() if isinstance(each, Secret)} == {
        "secret",
        "smtp_password",
        "password",
    }


def test_result_of_a_method_of_another_process_is_unknown(run_program: Run) -> None:
    graph = run_program(
        """
import pulumi

asked = pulumi.runtime.call("eks:index:Cluster/getKubeconfig", {})
pulumi.export("config", asked["result"]["clusters"])
"""
    )
    assert graph.exports["config"] is UNKNOWN
    assert any("method eks:index:Cluster/getKubeconfig of another process" in note for note in graph.notes)


@pytest.mark.parametrize("known", [True, False])
def test_an_output_in_a_text_ends_no_program_that_the_engine_takes(run_aws: Run, known: bool) -> None:
    graph = run_aws(
        """
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
pulumi.log.info(f"made {vpc.id}")
aws.ec2.Subnet(f"{vpc.id}-a", vpc_id=vpc.id, cidr_block=f"{vpc.cidr_block}", tags={"of": f"{vpc.id}"})
""",
        known=known,
    )
    subnet = named(graph, "[output]-a")
    assert (subnet.inputs["cidrBlock"], subnet.inputs["tags"]["of"]) == (UNKNOWN, UNKNOWN)
    assert [note for note in graph.notes if "Calling" in note or "Output[T]" in note] == []


@pytest.mark.parametrize("long", ["type", "name"])
def test_aliases_do_not_multiply_a_long_name(run_program: Run, long: str) -> None:
    """Each has the name and the type of its resource once more: of few bytes it would be any memory."""
    given = {"type": "a:b:C", "name": "n", long: "a:b:" + "x" * 200}
    aliases = "[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE, stack=str(n)) for n in range(100)]"
    options = f"pulumi.ResourceOptions(aliases={aliases})"
    program = f"import pulumi\npulumi.ComponentResource({given['type']!r}, {given['name']!r}, None, {options})"
    with pytest.raises(ProgramError, match=f"the {long} .* has more than 10,000 characters with its aliases"):
        run_program(program)

"""The runner behaves as the engine does: its URNs, its inheritance, its refusals, its unknowns."""

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Asset, Graph, Resource, Secret
from review.graph.reading import pointed
from tests.helpers.in_process.evaluation import evaluate, run
from tests.helpers.stacks import project

Run = Callable[..., Graph]
Write = Callable[..., Project]
HEAD = "import pulumi\nimport pulumi_aws as aws\n"


def named(graph: Graph, name: str) -> Resource:
    (found,) = [resource for resource in graph if resource.name == name]
    return found


def refused(run_aws: Run, program: str, **more: str) -> str:
    with pytest.raises(ProgramError) as caught:
        run_aws(program, **more)
    return str(caught.value)


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
        opts = args.opts
        opts.protect = True
        return pulumi.ResourceTransformResult({**args.props, "tags": tags}, opts)
    return change

pulumi.runtime.register_resource_transform(mark("s"))
Outer("out", pulumi.ResourceOptions(transforms=[mark("p")]))
aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(transforms=[mark("o")]))
"""
    )
    assert named(graph, "out-inner-vpc").inputs["tags"] == {"order": "ps"}
    assert named(graph, "v").inputs["tags"] == {"order": "os"}
    assert named(graph, "v").options.protect


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
    found = evaluate(project, read_stack(project, "dev"))
    graph, hidden = found.known, found.hidden
    assert hidden == [named(graph, "hidden").urn]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise pulumi.RunError('say this')", "say this"),
        ("pulumi.Config().require('x')", "Missing required configuration variable 'small:x'"),
        ("aws.ec2.Vpc('v')\naws.ec2.Vpc('v')", "Duplicate resource URN 'urn:pulumi:dev::small::aws:ec2/vpc:Vpc::v'"),
        ("aws.lambda_.Function('f', role='r', code=pulumi.FileArchive('./none'))", "no file or folder './none'"),
        ("import sys\nsys.exit(3)", "exit status 3"),
        ("aws.mq.get_broker(broker_id='b')", "aws:mq/getBroker:getBroker: the review has no answer"),
        (
            "a = aws.ec2.Vpc('a')\nb = pulumi.Output.from_input(a.id)\nb.apply(lambda x: 1 / 0)",
            "ZeroDivisionError: division by zero",
        ),
    ],
)
def test_a_program_that_the_cli_would_fail_fails_with_its_own_message(run_aws: Run, program: str, said: str) -> None:
    assert said in refused(run_aws, program)


def test_a_message_that_the_program_chose_is_whole(run_aws: Run) -> None:
    mistakes = [f"mistake {number}" for number in range(60)]
    text = "\n".join(mistakes)
    assert refused(run_aws, f"raise pulumi.RunError({text!r})").splitlines()[:60] == mistakes
    assert refused(run_aws, f"raise ValueError({text!r})").splitlines()[-2].endswith("more lines)")


def test_a_traceback_shows_the_programs_own_lines_only(run_aws: Run) -> None:
    said = refused(run_aws, "import helper\nhelper.go()", helper="def go():\n    raise KeyError('k')\n")
    assert said.splitlines() == [
        "KeyError: 'k'",
        "  at __main__.py:4, in <module>: helper.go()",
        "  at helper.py:2, in go: raise KeyError('k')",
    ]


def test_a_program_that_never_finishes_is_given_up(write_project: Write) -> None:
    project = write_project("import asyncio\nimport pulumi\npulumi.Output.from_input(asyncio.Future())")
    with pytest.raises(ProgramError, match="did not finish"):
        run(project, read_stack(project, "dev"), patience=0.5)


def test_modules_of_the_project_run_again_each_time_and_leave_nothing_behind(write_project: Write) -> None:
    project = write_project(
        "import pieces", pieces="import pulumi_aws as aws\naws.ec2.Vpc('v', cidr_block='10.0.0.0/16')"
    )
    stack = read_stack(project, "dev")
    before = (dict(os.environ), list(sys.path), Path.cwd(), set(sys.modules))
    assert len(run(project, stack).resources) == len(run(project, stack).resources) == 1
    after = (dict(os.environ), list(sys.path), Path.cwd(), set(sys.modules))
    assert before[:3] == after[:3]
    assert "pieces" not in after[3]


def test_the_program_sees_what_a_real_run_shows_it(run_aws: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", '{"small:leak": "from the shell"}')
    graph = run_aws("""
import os, sys
from pathlib import Path
pulumi.export("leak", pulumi.Config().get("leak") or "none")
pulumi.export("here", Path.cwd() == Path(__file__).parent and sys.path[0] == str(Path(__file__).parent))
pulumi.export("who", f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
pulumi.export("root", pulumi.get_root_directory() == str(Path(__file__).parent))
pulumi.export("dry", pulumi.runtime.is_dry_run())
print("to the reader, not to the report")
pulumi.log.warn("careful")
""")
    assert graph.exports == {"leak": "none", "here": True, "who": "organization/small/dev", "root": True, "dry": True}
    assert "the program warned: careful" in graph.notes


def test_what_a_program_prints_does_not_reach_standard_output(
    run_program: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run_program("print('hello')")
    assert capsys.readouterr().out == ""


def test_main_may_be_a_folder_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text(HEAD + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')")
    (tmp_path / "Pulumi.dev.yaml").write_text("")
    for main in ("app", "app/__main__.py"):
        (tmp_path / "Pulumi.yaml").write_text(f"name: small\nruntime: python\nmain: {main}\n")
        project = load(tmp_path)
        assert len(run(project, read_stack(project, "dev")).resources) == 1


def test_a_region_that_nobody_set_is_assumed_and_said(run_program: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    graph = run_program("", config="config: {}")
    assert graph.region == "us-east-1"
    assert any("us-east-1 is assumed" in note for note in graph.notes)


def test_an_async_program_and_a_lookup_of_ones_own_resource(run_aws: Run) -> None:
    graph = run_aws("""
async def main():
    vpc = aws.ec2.Vpc("v", cidr_block="10.7.0.0/16")
    return {"cidr": aws.ec2.get_vpc_output(id=vpc.id).cidr_block}
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


def test_a_failure_says_nothing_but_its_message(
    run_aws: Run, caplog: pytest.LogCaptureFixture, collect: Callable[[], int]
) -> None:
    refused(run_aws, "for _ in range(20): aws.ec2.Vpc('v')")
    collect()
    assert not caplog.records


def test_a_module_of_the_program_is_not_taken_for_one_of_the_same_name_from_elsewhere(
    run_aws: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "shared.py").write_text("word = 'theirs'")
    monkeypatch.syspath_prepend(str(elsewhere))
    theirs = importlib.import_module("shared")
    graph = run_aws("import shared\npulumi.export('word', shared.word)", shared="word = 'the program'")
    assert graph.exports["word"] == "the program"
    assert sys.modules["shared"] is theirs
    del sys.modules["shared"]


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ("prd", "did you mean prod?"),
        ("webhook", "did you mean examples/webhook.yaml?"),
        ("xyz", "those with one are dev, prod"),
        ("a**", "those with one are dev, prod"),
    ],
)
def test_a_config_that_is_missing_for_want_of_a_file_is_one_mistake(stack: str, said: str) -> None:
    """The mistakes of an empty config would lead to another place than the name of the stack."""
    with pytest.raises(ProgramError) as caught:
        run(project(), read_stack(project(), stack), reimport=False)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"the stack {stack} has no file: ")
    assert said in line


def test_another_program_without_a_stack_file_says_so_before_its_own_error(write_project: Write) -> None:
    other = write_project("import pulumi\npulumi.Config().require('size')\n")
    (other.root / "Pulumi.dev.yaml").unlink()
    with pytest.raises(ProgramError) as caught:
        run(other, read_stack(other, "dev"), strict=False)
    first, *rest = str(caught.value).splitlines()
    assert first == "the stack dev has no file: write its config into Pulumi.dev.yaml"
    assert any("size" in line for line in rest)


def test_an_error_that_no_config_would_mend_does_not_lead_to_the_stack_file(write_project: Write) -> None:
    other = write_project("import pulumi\nraise pulumi.RunError('port: got 70000')\n")
    (other.root / "Pulumi.dev.yaml").unlink()
    with pytest.raises(ProgramError) as caught:
        run(other, read_stack(other, "dev"), strict=False)
    assert str(caught.value).startswith("port: got 70000")


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


def test_another_major_version_of_the_provider_is_named(run_aws: Run) -> None:
    """By the version that the SDK sends with each registration."""
    graph = run_aws('aws.ec2.Vpc("new", cidr_block="10.0.0.0/16")\n')
    assert not any("pulumi-aws" in note for note in graph.notes)
    older = 'aws.ec2.Vpc("old", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(version="6.83.0"))\n'
    graph = run_aws(older)
    assert any("the program uses pulumi-aws 6.83.0" in note for note in graph.notes)


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


def test_lookup_in_what_is_no_region_names_it(run_aws: Run) -> None:
    """`get_authorization_token(registry_id)`, as it was called before version 7 put the region first."""
    said = refused(run_aws, "aws.ecr.get_authorization_token('123456789012')")
    assert "getAuthorizationToken: region: got '123456789012', which is no region of AWS" in said


@pytest.mark.parametrize("config", ["config: {}\n", "config:\n  aws:region:\n    secure: v1:abc:def\n"])
def test_program_gets_the_region_that_is_assumed(run_aws: Run, config: str) -> None:
    program = "pulumi.export('zones', aws.get_availability_zones().names)\npulumi.export('region', aws.config.region)"
    graph = run_aws(program, config=config, strict=False)
    assert graph.region == "us-east-1"
    assert graph.exports["region"] == "us-east-1" or "secure" in config

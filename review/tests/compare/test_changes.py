"""A comparison reports what is made, removed, replaced and interrupted, and nothing else."""

import shutil
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from review.aws.catalog.provider_facts import all_facts
from review.compare.effect import Line
from review.evaluate.baseline import baseline
from review.evaluate.problems import StackFileError
from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import read_stack
from review.graph import Asset, Secret
from review.graph.assets import deployed
from review.graph.shown import shown
from review.report.render.text import plain
from review.report.render.verdict import sentence
from review.report.render.words import changed_lines, tally
from review.report.report import Report, report
from review.tests.evaluate.test_baseline import committed
from review.tests.fixtures import HEAD, Compare, Write
from review.tests.sdk import sdk_names
from tests.helpers.in_process.evaluation import evaluate, run

REPLACING = {token: facts.replaces for token, facts in all_facts().items()}


VPC = "v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16'{more})\n"
SUBNET = "aws.ec2.Subnet('s', vpc_id=v.id, cidr_block='10.0.1.0/24')\n"


def test_the_same_program_changes_nothing(changes: Compare) -> None:
    program = VPC.format(more="") + SUBNET + "aws.lambda_.Function('f', role='r', code=pulumi.FileArchive('.'))"
    found = changes(program, program)
    assert tally(found) == "nothing changes"
    assert [*found.interruptions, *found.opened, *found.closed] == []
    assert found.fixed[0] == found.fixed[1]


def test_added_removed_changed_and_replaced(changes: Compare) -> None:
    found = changes(VPC.format(more="") + "aws.sns.Topic('gone')", VPC.format(more=", tags={'a': 'b'}") + SUBNET)
    assert [resource.name for resource in found.added] == ["s"]
    assert [resource.name for resource in found.removed] == ["gone"]
    assert [(change.resource.name, change.replacing) for change in found.changed] == [("v", ())]
    assert [(p.name, p.before, p.after) for p in found.changed[0].properties] == [("tags", None, {"a": "b"})]
    replaced = changes(VPC.format(more=""), VPC.format(more="").replace("/16", "/20"))
    assert [(change.resource.name, change.replacing) for change in replaced.replaced] == [("v", ("cidrBlock",))]


def test_a_reference_to_a_resource_is_shown_by_its_name(changes: Compare) -> None:
    two = VPC.format(more="") + VPC.format(more="").replace("'v'", "'w'").replace("v =", "w =")
    (change,) = changes(two + SUBNET, two + SUBNET.replace("v.id", "w.id")).changed
    assert [(p.name, p.before, p.after) for p in change.properties] == [("vpcId", "v", "w")]
    assert change.replacing == ("vpcId",)


def test_an_alias_keeps_a_renamed_resource_and_what_refers_to_it(changes: Compare) -> None:
    after = VPC.format(more=", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name='v')])").replace("'v',", "'new',")
    found = changes(VPC.format(more="") + SUBNET, after + SUBNET)
    assert found.added == found.removed == ()
    (renamed,) = found.changed
    assert renamed.renamed_from.endswith("::v")
    assert (renamed.properties, renamed.replacing) == ((), ())


PART = """
class Part(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("small:index:Part", name, {{}}, opts)
        aws.ec2.Vpc(f"{{name}}-vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(parent=self))
Part("{name}"{opts})
"""


def test_children_follow_the_alias_of_their_component(changes: Compare) -> None:
    after = PART.format(name="new", opts=", pulumi.ResourceOptions(aliases=[pulumi.Alias(name='old')])")
    found = changes(PART.format(name="old", opts=""), after)
    assert found.added == found.removed == ()
    assert [change.resource.name for change in found.changed] == ["new-vpc"]
    without = changes(PART.format(name="old", opts=""), PART.format(name="new", opts=""))
    assert [resource.name for resource in without.added] == ["new-vpc"]
    assert [resource.name for resource in without.removed] == ["old-vpc"]


def test_what_a_file_holds_is_compared_and_not_its_name(changes: Compare, tmp_path: Path) -> None:
    program = "aws.lambda_.Function('f', role='r', code=pulumi.AssetArchive({'a.py': pulumi.StringAsset('%s')}))"
    (change,) = changes(program % "x = 1", program % "x = 2").changed
    assert [p.name for p in change.properties] == ["code"]
    assert tally(changes(program % "x = 1", program % "x = 1")) == "nothing changes"


def test_large_contents_take_the_memory_of_one_and_no_name_passes_for_two(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bytes(4 << 20))
    tracemalloc.start()
    deployed(tmp_path, Asset(members={str(number): Asset(path="x") for number in range(9)}, archive=True))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 12 << 20
    archives = [{"a": Asset(text="x"), "b": Asset(text="y")}, {"a/\n1\nxb": Asset(text="y")}]
    assert len({deployed(tmp_path, Asset(members=members, archive=True)) for members in archives}) == 2


@pytest.mark.parametrize("folder", ["dist", "/nowhere/dist"])
def test_a_file_that_is_not_there_is_named_in_place_of_its_content(
    changes: Compare, tmp_path: Path, folder: str
) -> None:
    """A build makes it, and no revision has it."""
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / "app.zip").write_text("x")
    program = "aws.lambda_.Function('f', role='r', code=pulumi.FileArchive('{}/app.zip'), description='{}')"
    (change,) = changes(program.format(folder, 1), program.format(folder, 2)).changed
    assert [p.name for p in change.properties] == ["description"]
    (change,) = changes(program.format(folder, 1), program.format("built", 1)).changed
    assert [(p.name, p.before) for p in change.properties] == [("code", f"{folder}/app.zip, which is not there")]


def test_what_the_program_ignores_is_no_change_and_what_it_replaces_on_is(changes: Compare) -> None:
    ignored = ", tags={{'a': '{}'}}, opts=pulumi.ResourceOptions(ignore_changes=['tags'])"
    assert tally(changes(VPC.format(more=ignored.format(1)), VPC.format(more=ignored.format(2)))) == "nothing changes"
    asked = ", tags={{'a': '{}'}}, opts=pulumi.ResourceOptions(replace_on_changes=['tags'])"
    (change,) = changes(VPC.format(more=asked.format(1)), VPC.format(more=asked.format(2))).changed
    assert change.replacing == ("tags.a",)


def test_secrets_are_compared_and_not_shown(changes: Compare) -> None:
    program = "aws.lambda_.Function('f', role='r', environment={'variables': {'T': pulumi.Output.secret('%s')}})"
    (change,) = changes(program % "hunter1", program % "hunter2").changed
    assert [shown(p.after) for p in change.properties] == ["[secret]"]
    assert shown(Secret("x")) == "[secret]"


def test_a_type_whose_replacements_nobody_wrote_down_is_said_to_be_unknown(changes: Compare) -> None:
    program = "aws.dsql.ClusterPolicy('c', identifier='c', policy='%s')"
    (change,) = changes(program % "a", program % "b").changed
    assert change.replacing is None


SERVER = "s = aws.ec2.Instance('s', ami='{ami}', instance_type='{kind}'{more})\n"


def test_an_instance_is_stopped_for_another_type_and_replaced_for_another_image(changes: Compare) -> None:
    one = SERVER.format(ami="a", kind="t4g.nano", more="")
    stopped = changes(one, SERVER.format(ami="a", kind="t4g.micro", more=""))
    assert stopped.interruptions == ("s is stopped and started again (instanceType)",)
    cheap, dear = stopped.known
    assert dear > cheap
    replaced = changes(one, SERVER.format(ami="b", kind="t4g.nano", more=""))
    assert [change.replacing for change in replaced.replaced] == [("ami",)]
    scripted = ", user_data='{}', user_data_replace_on_change=True"
    before, after = (SERVER.format(ami="a", kind="t4g.nano", more=scripted.format(text)) for text in ("x", "y"))
    assert [change.replacing for change in changes(before, after).replaced] == [("userData",)]


def house() -> str:
    program = (Path(__file__).parents[1] / "programs" / "house" / "__main__.py").read_text()
    return program.replace('pulumi.export("token", pulumi.Config().require_secret("token"))', "")


def test_a_hole_is_reported_as_a_path_that_opens(changes: Compare) -> None:
    hole = """
aws.vpc.SecurityGroupIngressRule("hole", security_group_id=group.id, cidr_ipv4="0.0.0.0/0", ip_protocol="tcp",
    from_port=8080, to_port=8080)
aws.ec2.RouteTableAssociation("public", subnet_id=private[0].id, route_table_id=outside.id)
aws.ec2.Eip("address", instance=server.id)
"""
    plugged = house().replace('f"network-private-{n}-table"', 'f"network-private-{n}-table-of"')
    before = plugged.replace(
        "for n, subnet in enumerate(private, 1):", "for n, subnet in list(enumerate(private, 1))[1:]:"
    )
    found = changes(before, before + hole)
    assert [str(way) for way in found.opened if way.source == "internet"] == ["internet → tcp 8080 → backend"]
    closed = changes(before + hole, before)
    assert "internet → tcp 8080 → backend" in [str(way) for way in closed.closed]


def test_what_carries_a_path_and_is_replaced_interrupts_it(changes: Compare) -> None:
    after = house().replace('"backend-instance",\n    ami=image,', '"backend-instance",\n    ami="ami-other",')
    found = changes(house(), after)
    assert [change.resource.name for change in found.replaced] == ["backend-instance"]
    assert found.interruptions == (
        "internet → front (key, 100/s a route) → proxy → tcp 8080 → backend: may fail from “update proxy-function” "
        "until backend-instance has booted",
    )
    head, name, rest = after.partition('"backend-instance",')
    options = "opts=pulumi.ResourceOptions.merge(backend.opts, pulumi.ResourceOptions(delete_before_replace=True))"
    first = head + name + rest.replace("opts=backend.opts", options, 1)
    assert ": may fail from “delete, to replace backend-instance” until" in changes(house(), first).interruptions[0]


def test_a_path_whose_parts_go_away_ends_and_is_said_once(changes: Compare) -> None:
    (ended,) = (text for text in changes(house(), "").interruptions if text.startswith("internet → front"))
    assert ended.partition(": ends as ")[2] == (
        "front-api, proxy-function, proxy-to-backend-ingress and backend-instance are deleted"
    )


@pytest.mark.parametrize("token", sorted(REPLACING))
def test_the_table_names_inputs_that_the_types_have(token: str) -> None:
    assert {key.partition(".")[0] for key in REPLACING[token]} - {"region"} <= sdk_names(token)


def test_the_table_holds_what_decides_an_outage() -> None:
    assert "subnetIds" in REPLACING["aws:apigatewayv2/vpcLink:VpcLink"]
    assert "targetType" in REPLACING["aws:lb/targetGroup:TargetGroup"]
    assert "networkInterfaceId" not in REPLACING["aws:ec2/route:Route"]
    assert "body" not in REPLACING["aws:apigateway/restApi:RestApi"]


@pytest.fixture
def repository(write_project: Write, tmp_path: Path) -> Project:
    """A project in git whose work tree differs from its only commit."""
    write_project(HEAD + VPC.format(more=""))
    committed(tmp_path)
    (tmp_path / "__main__.py").write_text(HEAD + VPC.format(more="") + SUBNET)
    (tmp_path / "Pulumi.new.yaml").write_text("config: {}")
    return load(tmp_path)


def test_a_revision_is_read_from_git_and_the_work_tree_is_left_alone(repository: Project) -> None:
    with baseline(repository, "dev", "HEAD") as (other, stack):
        assert stack is not None
        assert other.root != repository.root
        assert len(run(other, stack).resources) == 1
        kept = other.root
    assert not kept.exists()
    assert len(run(repository, read_stack(repository, "dev")).resources) == 2


def test_a_stack_that_did_not_exist_is_all_new(repository: Project) -> None:
    with baseline(repository, "new", "HEAD") as (_, stack):
        assert stack is None


def test_another_stack_and_another_folder(repository: Project, tmp_path: Path) -> None:
    with baseline(repository, "dev", "new") as (other, stack):
        assert (other, stack) == (repository, read_stack(repository, "new"))
    with baseline(repository, "dev", str(tmp_path)) as (other, stack):
        assert (other.root, stack) == (repository.root, read_stack(repository, "dev"))


@pytest.mark.parametrize("named", ["no-such-branch", "--output=x", "HEAD~9"])
def test_something_that_is_none_of_the_three_is_refused(repository: Project, named: str) -> None:
    with (
        pytest.raises(StackFileError, match="no stack, folder or git revision of that name"),
        baseline(repository, "dev", named),
    ):
        pass


@pytest.mark.parametrize(("path", "said"), [(None, "not a git repository"), ("", "git is not installed")])
def test_a_project_without_git_has_no_revisions(
    repository: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str | None, said: str
) -> None:
    shutil.rmtree(tmp_path / ".git", ignore_errors=True)
    if path is not None:
        monkeypatch.setenv("PATH", path)
    with pytest.raises(StackFileError) as refused, baseline(repository, "dev", "HEAD"):
        pass
    assert "got 'HEAD'" in str(refused.value)
    assert said in str(refused.value)


def test_the_text_says_it_all(changes: Compare) -> None:
    project = load(Path(__file__).parents[1] / "programs" / "house")
    found: Report = report(evaluate(project, read_stack(project, "dev")))
    after = house().replace('"backend-instance",\n    ami=image,', '"backend-instance",\n    ami="ami-other",')
    text = plain(replace(found, changes=changes(house(), after)))
    assert "WHAT CHANGES   1 replaced" in text
    assert "± backend-instance (Instance) is replaced, for ami" in text
    assert "interrupts  internet → front (key, 100/s a route) → proxy → tcp 8080 → backend: may fail" in text
    assert "$14.60 a month without calls, as before" in text


BODY = 'aws.apigateway.RestApi(\'a\', body=\'{"paths": {"/a": {"get": {}}%s}, "info": {"title": "%s"}}\')'


def test_a_document_in_an_input_is_compared_part_by_part(changes: Compare) -> None:
    (change,) = changes(BODY % ("", "one"), BODY % (', "/b": {"post": {}}', "two")).changed
    assert [(p.name, p.before, p.after) for p in change.properties] == [
        ("body.info.title", "one", "two"),
        ("body.paths./b", None, {"post": {}}),
    ]
    assert change.replacing == ()


def test_what_comes_and_goes_in_numbers_is_listed_by_component(changes: Compare) -> None:
    listed = {(sign, text): details for sign, text, details in changed_lines(changes(house(), ""))}
    assert "proxy-function (Function), " in listed["-", "proxy: 6 are deleted"][0]
    assert not any(text.startswith("proxy-function") for _, text in listed)
    few = changes(VPC.format(more=""), VPC.format(more="") + SUBNET)
    assert changed_lines(few) == [("+", "s (Subnet) is new", [])]


def test_a_resource_that_is_a_parent_is_no_component(changes: Compare) -> None:
    """Its children belong to what it belongs to itself. If it is not listed, it is named with its type."""
    network = "vpc = aws.ec2.Vpc('net', cidr_block='10.0.0.0/16')\n"
    subnet = (
        "aws.ec2.Subnet('s%d', vpc_id=vpc.id, cidr_block='10.0.%d.0/24', opts=pulumi.ResourceOptions(parent=vpc))\n"
    )
    subnets = "".join(subnet % (number, number) for number in range(9))
    for before, wanted in (("", "outside any component: 10 are new"), (network, "net (Vpc): 9 are new")):
        ((sign, text, _),) = changed_lines(changes(before, network + subnets))
        assert (sign, text) == ("+", wanted)


ROUTES = """
api = aws.apigateway.RestApi('a')
parts = []
for verb in {verbs}:
    method = aws.apigateway.Method(f'm{{verb}}', rest_api=api.id, resource_id=api.root_resource_id, http_method=verb,
        authorization='AWS_IAM')
    parts += [method, aws.apigateway.Integration(f'i{{verb}}', rest_api=api.id, resource_id=api.root_resource_id,
        http_method=method.http_method, type='MOCK')]
deployment = aws.apigateway.Deployment('d', rest_api=api.id, triggers={{'verbs': "{verbs}"}},
    opts=pulumi.ResourceOptions(depends_on=parts))
aws.apigateway.Stage('s', rest_api=api.id, deployment=deployment.id, stage_name='live')
"""


def test_a_part_that_is_deleted_after_the_deployment_is_no_part_that_may_come_after_it(changes: Compare) -> None:
    found = changes(ROUTES.format(verbs=["GET", "POST"]), ROUTES.format(verbs=["GET"]))
    assert "mPOST is deleted after the deployment, which still has it; deploy again" in found.kept
    assert found.broken == ()


@pytest.mark.parametrize(
    ("before", "after", "admitted", "shut_out"),
    [
        ("tcp 80-80", "tcp 22-80", "internet → tcp 22-80 → i", ""),
        ("tcp 22-80", "tcp 80-80", "", "internet → tcp 22-80 → i"),
        ("tcp 80-80", "-1 0-0", "internet → every port → i", ""),
        ("tcp 80-80", "tcp 0-65535", "internet → every tcp port → i", ""),
        ("udp 80-80", "tcp 22-80", "internet → tcp 22-80 → i", "internet → udp 80 → i"),
        ("tcp 80-443", "tcp 22-80", "internet → tcp 22-80 → i", "internet → tcp 80-443 → i"),
        ("icmp 3-4", "icmp 4-2", "internet → icmp type 4 code 2 → i", "internet → icmp type 3 code 4 → i"),
        ("icmp 3-4", "icmp 3--1", "internet → icmp type 3 → i", ""),
        ("icmp 3--1", "icmp -1--1", "internet → icmp → i", ""),
        ("icmp -1--1", "icmp 8--1", "", "internet → icmp → i"),
        ("icmp 3--1", "icmpv6 3--1", "internet → icmpv6 type 3 → i", "internet → icmp type 3 → i"),
    ],
)
def test_a_wider_range_of_ports_shuts_nobody_out(
    before: str, after: str, admitted: str, shut_out: str, changes: Compare
) -> None:
    def program(traffic: str) -> str:
        protocol, ports = traffic.split()
        # A first port of -1 has a dash of its own.
        first, _, last = (ports[0] + ports[1:].replace("-", " ", 1)).partition(" ")
        rule = f"dict(protocol='{protocol}', from_port={first}, to_port={last}, cidr_blocks=['0.0.0.0/0'])"
        return (
            f"g = aws.ec2.SecurityGroup('g', ingress=[{rule}])\n"
            "aws.ec2.Instance('i', ami='ami-1', instance_type='t3.micro', vpc_security_group_ids=[g.id])"
        )

    found = changes(program(before), program(after)).callers
    opened = [f"internet → {one}" for one in found.anyone]
    said = [[one.partition(" (")[0] for one in each if one.startswith("internet")] for each in (opened, found.shut_out)]
    assert said == [[admitted] if admitted else [], [shut_out] if shut_out else []]


def test_an_output_of_another_stack_than_before_is_not_judged(changes: Compare) -> None:
    program = "stack = pulumi.StackReference('o/p/{}')\naws.sns.Topic('t', display_name=stack.get_output('name'))\n"
    found = changes(program.format("dev"), program.format("prod"))
    assert found.callers.unjudged == ("t.displayName, from o/p/prod (before: o/p/dev)",)
    assert changes(program.format("dev"), program.format("dev")).callers.unjudged == ()


def test_another_stack_is_no_resource_that_exists(write_project: Write) -> None:
    project = write_project("import pulumi\npulumi.StackReference('o/p/dev')\n")
    assert report(evaluate(project, read_stack(project, "dev"), strict=False)).read == ()


def test_an_output_that_goes_is_named(changes: Compare) -> None:
    """One that another stack reads: another name is another output."""
    queue = "queue = aws.sqs.Queue('q')\npulumi.export('arn', queue.arn)\n"
    old, new = (f"{queue}pulumi.export('{name}', queue.id)" for name in ("queueUrl", "queue_url"))
    said = sentence(changes(old, new), Line.CALLS)[1]
    assert said == "queueUrl is no longer an output: stacks and tools that read it get nothing"
    assert sentence(changes(queue, new), Line.CALLS)[1] == "nothing stops"


def test_a_key_that_goes_from_an_output_is_named(changes: Compare) -> None:
    """Another stack reads it by its name in the map."""
    program = "queue = aws.sqs.Queue('q')\npulumi.export('queues', {'q': {'url': queue.id, %s: queue.arn}})\n"
    old, new = program % "'arn'", program % "'q_arn'"
    said = sentence(changes(old, new), Line.CALLS)[1]
    assert said == "queues.q.arn is no longer an output: stacks and tools that read it get nothing"
    assert sentence(changes(old, program % "'more': 1, 'arn'"), Line.CALLS)[1] == "nothing stops"

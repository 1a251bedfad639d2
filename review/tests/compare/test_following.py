"""A comparison follows the engine: what replacements lead to, in which order, and what will be refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from review.evaluate.project_file import load
from review.evaluate.stack_file import from_document, read_stack
from review.report.render.text import plain
from review.report.render.words import changed_lines
from review.report.report import Report, report
from review.tests.fixtures import HEAD, Compare, Write
from review.tests.updates import updated
from tests.helpers.in_process.evaluation import evaluate, run

VPC = "v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16'{more})\n"

NETWORK = """
v = aws.ec2.Vpc('v', cidr_block='10.{n}.0.0/16')
s = aws.ec2.Subnet('s', vpc_id=v.id, cidr_block='10.0.1.0/24')
t = aws.ec2.RouteTable('t', vpc_id=v.id)
a = aws.ec2.RouteTableAssociation('a', subnet_id=s.id, route_table_id=t.id)
g = aws.ec2.SecurityGroup('g', vpc_id=v.id)
m = aws.ec2.Instance('m', ami='ami-1', instance_type='t4g.nano', subnet_id=s.id, vpc_security_group_ids=[g.id])
e = aws.sns.Topic('e')
l = aws.apigatewayv2.VpcLink('l', subnet_ids=[s.id], security_group_ids=[g.id])
"""


def test_what_names_a_replaced_resource_changes_in_turn(changes: Compare) -> None:
    found = changes(NETWORK.format(n=0), NETWORK.format(n=1))
    assert {change.resource.name for change in found.replaced} == {"v", "s", "t", "a", "g", "m", "l"}
    (instance,) = (change for change in found.replaced if change.resource.name == "m")
    assert [(p.name, p.before, p.after) for p in instance.properties if p.name == "subnetId"] == [
        ("subnetId", "s", "the new s")
    ]


def test_what_a_replaced_machine_only_holds_stays_what_it_is(changes: Compare) -> None:
    """The instance's outputs repeat its interface's id, and an order by its URN makes the route depend on it."""
    program = (
        NETWORK
        + """
i = aws.ec2.NetworkInterface('i', subnet_id=s.id)
door = {{'network_interface_id': i.id}}
n = aws.ec2.Instance('n', ami='ami-{n}', instance_type='t4g.nano', primary_network_interface=door)
after = pulumi.Output.all(i.id, n.urn).apply(lambda both: both[0])
r = aws.ec2.Route('r', route_table_id=t.id, destination_cidr_block='0.0.0.0/0', network_interface_id=after)
"""
    )
    first, second = (program.replace("10.{n}", "10.0").format(n=n) for n in (0, 1))
    assert [change.resource.name for change in changes(first, second).changed] == ["n"]


def test_a_replaced_group_replaces_the_link_that_names_it(changes: Compare) -> None:
    described = NETWORK.replace("'g', ", "'g', description='{d}', ")
    found = changes(described.format(n=0, d="a"), described.format(n=0, d="b"))
    assert {change.resource.name: change.replacing for change in found.changed} == {
        "g": ("description",),
        "l": ("securityGroupIds[0]",),
        "m": (),
    }


def test_steps_come_in_the_engines_order(changes: Compare) -> None:
    found = changes(NETWORK.format(n=0), NETWORK.format(n=1))
    at = {(step.verb.value, step.resource.name): step.number for step in found.order}
    made, gone = "create the replacement of", "delete the replaced"
    assert (
        at[made, "v"] < at[made, "s"] == at[made, "g"] < at[made, "m"] < at[gone, "m"] < at[gone, "s"] < at[gone, "v"]
    )


def test_what_names_a_resource_that_is_deleted_first_goes_before_it(changes: Compare) -> None:
    first = NETWORK.replace("/16')", "/16', opts=pulumi.ResourceOptions(delete_before_replace=True))")
    at = {
        (step.verb.value, step.resource.name): step.number
        for step in changes(first.format(n=0), first.format(n=1)).order
    }
    assert at["delete, to replace", "m"] < at["create the replacement of", "v"] < at["create the replacement of", "m"]
    assert not any(verb.startswith("delete the replaced") for verb, _ in at)


GROUP = """
t = aws.ec2.LaunchTemplate('t', image_id='ami-1', user_data='{data}')
g = aws.autoscaling.Group('g', min_size=1, max_size=2, vpc_zone_identifiers=['subnet-1'],
    launch_template={{'id': t.id, 'version': t.latest_version.apply(str)}}{more})
"""
REFRESH = ", instance_refresh={'strategy': 'Rolling', 'preferences': {'min_healthy_percentage': 50}}"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (REFRESH, "g replaces every instance after the update, with at least 50% in service"),
        (
            REFRESH.replace("'min_healthy", "'auto_rollback': True, 'min_healthy"),
            "g replaces every instance after the update, with at least 50% in service; its rollback would use the "
            "new template as well",
        ),
        ("", "g: running instances stay as they were launched until something replaces them"),
    ],
)
def test_a_launch_template_says_what_becomes_of_the_instances(changes: Compare, more: str, said: str) -> None:
    found = changes(GROUP.format(data="YQ==", more=more), GROUP.format(data="Yg==", more=more))
    assert said in (*found.interruptions, *found.kept)


SCALING = """
t = aws.ec2.LaunchTemplate('t', image_id='ami-1', user_data='{data}')
g = aws.autoscaling.Group('g', min_size=2, max_size=6, vpc_zone_identifiers=['subnet-1'],
    launch_template={{'id': t.id, 'version': t.latest_version.apply(str)}}, wait_for_capacity_timeout='0',
    opts=pulumi.ResourceOptions(replace_on_changes=['launchTemplate']))
hook = pulumi.ResourceHook('g-waits-until-it-answers', lambda args: None)
aws.autoscaling.Policy('p', autoscaling_group_name=g.name, policy_type='TargetTrackingScaling',
    target_tracking_configuration={{'target_value': 60}}, opts=pulumi.ResourceOptions({options}))
"""
CARRIED = "hooks=pulumi.ResourceHookBinding(before_create=[hook])"


def test_a_scaled_out_group_that_is_replaced_starts_again_unless_its_number_is_carried_over(changes: Compare) -> None:
    said = "g starts again with 2 copies, however many run now"
    for options, starts_again in (("", True), (CARRIED, False)):
        before, after = (SCALING.format(data=data, options=options) for data in ("YQ==", "Yg=="))
        assert (said in changes(before, after).interruptions) == starts_again


BALANCER = "aws.lb.LoadBalancer('b', load_balancer_type='{kind}', subnets=['s-1'], enable_deletion_protection={on})"


def test_protection_that_will_refuse_the_change_is_said(changes: Compare) -> None:
    on = BALANCER.format(kind="application", on=True)
    for after in ("", BALANCER.format(kind="network", on=True)):
        (refused,) = changes(on, after).refused
        assert "enableDeletionProtection is on: AWS refuses" in refused
    assert changes(BALANCER.format(kind="application", on=False), "").refused == ()
    assert "`protect`" in changes("aws.sns.Topic('t', opts=pulumi.ResourceOptions(protect=True))", "").refused[0]


def test_a_refused_change_fails_with_strict(changes: Compare) -> None:
    project = load(Path(__file__).parents[1] / "programs" / "house")
    found: Report = replace(report(evaluate(project, read_stack(project, "dev"))), findings=())
    refused = changes(BALANCER.format(kind="application", on=True), "")
    assert not found.failed
    assert replace(found, changes=refused).failed
    assert "fails  b is deleted" in plain(replace(found, changes=refused))


def test_an_alias_of_another_type_names_another_resource(changes: Compare) -> None:
    options = "opts=pulumi.ResourceOptions(aliases=['urn:pulumi:dev::trial::aws:sns/topic:Topic::t'])"
    found = changes("aws.sns.Topic('t')", f"aws.sqs.Queue('q', {options})")
    assert ([resource.name for resource in found.added], [one.name for one in found.removed]) == (["q"], ["t"])


def test_what_is_retained_stays(changes: Compare) -> None:
    found = changes("aws.sns.Topic('t', opts=pulumi.ResourceOptions(retain_on_delete=True))", "")
    assert [resource.name for resource in found.retained] == ["t"]
    assert changed_lines(found) == []


def test_rules_newly_broken_and_mended_are_listed(changes: Compare) -> None:
    group = "g = aws.ec2.SecurityGroup('g', vpc_id='vpc-1', description='x')\n"
    rule = (
        "aws.vpc.SecurityGroupIngressRule('r', security_group_id=g.id, ip_protocol='tcp', from_port=22, to_port=22, "
        "cidr_ipv4='0.0.0.0/0', description='x')"
    )
    broken = set(changes(group, group + rule).broken)
    assert broken
    assert set(changes(group + rule, group).mended) == broken


def test_another_region_replaces_what_is_regional(write_project: Write) -> None:
    project = write_project(HEAD + VPC.format(more="") + "aws.iam.Role('r', assume_role_policy='{}')")
    graphs = []
    for region in ("eu-west-1", "eu-central-1"):
        stack = from_document(project, "dev", {"config": {"aws:region": region}})
        graphs.append(run(project, stack, strict=False))
    changes = updated(graphs[0], graphs[1], project.program)
    assert {change.resource.name: change.replacing for change in changes.replaced} == {"v": ("region",)}


def test_what_differs_without_a_price_is_named(changes: Compare) -> None:
    program = "aws.mq.Configuration('c', engine_type='ActiveMQ', engine_version='5', data='%s')"
    assert changes(program % "a", program % "b").unpriced == ("c",)
    assert changes(program % "a", program % "a").unpriced == ()

"""What comes from outside of the program: lookups, components of another process, what it takes over, its project."""

from dataclasses import replace

import pytest

from review.report.render.words import tally
from review.tests.fixtures import Compare, Run
from review.tests.updates import updated

LOOKUPS = """
vpc = aws.ec2.get_vpc(filters=[{{"name": "tag:Name", "values": ["{}"]}}])
inner, outer = (aws.ec2.get_subnets(filters=[{{"name": "tag:Tier", "values": [tier]}}]) for tier in ("private", "{}"))
group = aws.ec2.SecurityGroup("g", vpc_id=vpc.id)
aws.ec2.Instance("web", ami="ami-1", instance_type="t3.micro", subnet_id={}.ids[0], vpc_security_group_ids=[group.id])
"""


@pytest.mark.parametrize(
    ("other", "perhaps"),
    [
        (("prod", "public", "inner"), {"g"}),
        (("dev", "public", "outer"), {"web"}),
        (("dev", "b", "inner"), set()),
    ],
)
def test_a_lookup_of_others_finds_others(other: tuple[str, ...], perhaps: set[str], changes: Compare) -> None:
    """Nobody knows which: other filters may find the same, and hardly ever do."""
    found = changes(LOOKUPS.format("dev", "public", "inner"), LOOKUPS.format(*other))
    assert {one.resource.name for one in found.changed if one.replacing is None} == perhaps
    assert not found.replaced


SUBNETS = """
vpc = aws.ec2.get_vpc(filters=[{{"name": "tag:Name", "values": ["{}"]}}])
found = aws.ec2.get_subnets(filters=[{{"name": "vpc-id", "values": [vpc.id]}}])
aws.{}.SubnetGroup("data", subnet_ids=found.ids)
aws.ec2.SecurityGroup("g", vpc_id=vpc.id)
"""


@pytest.mark.parametrize("service", ["rds", "elasticache"])
def test_what_stays_may_not_go_to_the_network_of_another_lookup(service: str, changes: Compare) -> None:
    """The second lookup asks for subnets of the VPC that the first one returns."""
    found = changes(SUBNETS.format("main", service), SUBNETS.format("core", service))
    assert {one.resource.name: one.replacing for one in found.changed} == {"data": (), "g": None}
    assert found.callers.unjudged[0].startswith("the network of g, data: a lookup by other filters")
    assert not changes(*[SUBNETS.format("main", service)] * 2).callers.unjudged


def test_what_the_program_takes_over_is_not_created(changes: Compare) -> None:
    """AWS has it, perhaps with other inputs: that alone admits no caller, and what differs is not known."""
    rule = "{'protocol': 'tcp', 'from_port': 22, 'to_port': 22, 'cidr_blocks': ['0.0.0.0/0']}"
    open_group = f"aws.ec2.SecurityGroup('g', ingress=[{rule}]"
    taken = f"topic = aws.sns.Topic('t')\n{open_group}, opts=pulumi.ResourceOptions(import_='sg-1'))\n"
    found = changes("topic = aws.sns.Topic('t')\n", taken)
    assert ([*found.added], [one.name for one in found.imported]) == ([], ["g"])
    said = "what AWS has of g: the engine takes it over and changes what differs, or refuses that"
    assert found.callers.unjudged == (said,)
    assert (found.callers.admitted, found.callers.anyone, found.broken) == ((), (), ())
    assert tally(found) == "1 taken over"
    assert changes(taken, taken).imported == []
    kept = changes(taken, taken.replace(", opts=pulumi.ResourceOptions(import_='sg-1')", ""))
    assert (kept.changed, kept.data) == ((), ())


def test_another_name_of_the_project_makes_all_of_it_again(run_program: Run) -> None:
    graph = run_program("import pulumi_aws as aws\naws.sns.Topic('t')\n")
    found = updated(graph, replace(graph, project="other"))
    first = "pulumi stack rename ORGANIZATION/other/dev"
    assert found.settings == (f"the project is called other: unless `{first}` comes first, all is created once more",)


OTHERS_NETWORK = """
import pulumi_awsx as awsx
net = awsx.ec2.Vpc("{}", awsx.ec2.VpcArgs(cidr_block="{}"){})
aws.ec2.Instance("web", ami="ami-1", instance_type="t3.micro", subnet_id=net.private_subnet_ids[0])
"""


@pytest.mark.parametrize(
    ("name", "options", "perhaps"),
    [
        ("other", "", ["web"]),
        ("net", "", []),
        ("other", ", pulumi.ResourceOptions(aliases=[pulumi.Alias(name='net')])", []),
    ],
)
def test_what_another_component_gives_is_perhaps_another_thing(
    name: str, options: str, perhaps: list[str], changes: Compare
) -> None:
    """Its outputs are known on neither side, and a machine in another subnet loses its disk."""
    old, new = (OTHERS_NETWORK.format(one, "10.0.0.0/16", more) for one, more in (("net", ""), (name, options)))
    found = changes(old, new)
    unsure = [one for one in found.changed if one.replacing is None and not one.resource.remote]
    assert [one.resource.name for one in unsure] == perhaps
    assert [(one.word, one.brief) for one in found.data] == [("perhaps deletes", one) for one in perhaps]

"""Anybody's program is reviewed: whatever its habits, and in its own environment."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from review.report.render.text import Parts, plain
from review.tests.fixtures import HEAD, Review, Write

ROOT = Path(__file__).resolve().parents[2]


INLINE = """
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("out", vpc_id=vpc.id)
subnet = aws.ec2.Subnet("public", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=True)
table = aws.ec2.RouteTable("routes", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
aws.ec2.RouteTableAssociation("public", subnet_id=subnet.id, route_table_id=table.id)
group = aws.ec2.SecurityGroup("web", vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]}],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}])
aws.ec2.Instance("web", ami="ami-1", instance_type="t3.micro", subnet_id=subnet.id, vpc_security_group_ids=[group.id])
"""


def test_rules_written_inline_and_no_components(review_of: Review) -> None:
    report = review_of(INLINE)
    assert any(path.open and path.source == "internet" for path in report.paths)
    assert {row.name for row in report.rows} >= {"main", "web", "public"}
    text = plain(report)
    assert "the whole stack" in text
    assert "t3.micro 8.32" in text
    assert "public IPv4 3.65" in text
    assert report.failed


def test_a_component_of_another_process_is_said_to_hide_what_is_in_it(review_of: Review) -> None:
    report = review_of(
        """
import pulumi_awsx as awsx
net = awsx.ec2.Vpc("net", awsx.ec2.VpcArgs(cidr_block="10.0.0.0/16"))
group = aws.ec2.SecurityGroup("g", vpc_id=net.vpc_id)
aws.ec2.Instance("i", ami="a", instance_type="t3.nano", subnet_id=net.private_subnet_ids[0],
    vpc_security_group_ids=[group.id])
pulumi.export("vpc", net.vpc_id)
"""
    )
    text = plain(report, parts=Parts(verbose=True))
    assert "a component of another process: what is inside it cannot be seen here" in text
    assert "?   net (awsx:ec2:Vpc): what that costs is not known here" in text
    assert "known after deployment" in text


def test_resources_made_inside_an_apply(review_of: Review) -> None:
    report = review_of(
        """
vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
vpc.id.apply(lambda vpc_id: [aws.ec2.Subnet(f"s{n}", vpc_id=vpc_id, cidr_block=f"10.0.{n}.0/24") for n in range(2)])
"""
    )
    assert sorted(report.hidden) == ["s0", "s1"]
    assert report.resources == 3


def test_lookups_types_and_packages_that_nobody_planned(review_of: Review) -> None:
    report = review_of(
        """
broker = aws.mq.get_broker(broker_name="queue")
user = aws.mq.get_broker_output(broker_name="other").arn
aws.sns.Topic("t", tags={"broker": broker.arn, "other": user})
aws.memorydb.Cluster("db", node_type="db.t4g.small", acl_name="open-access")
pulumi.CustomResource("exotic:index:Thing", "thing", {"size": 3})
"""
    )
    text = plain(report)
    assert "aws:mq/getBroker:getBroker: the review has no answer for this lookup, so its result is unknown" in text
    assert "db (aws:memorydb/cluster:Cluster) and thing (exotic:index:Thing)" in text
    assert [token for token, _ in report.unread if token.startswith("exotic")] == ["exotic:index:Thing"]


@pytest.mark.parametrize(
    "habit",
    [
        "class Mine(pulumi.dynamic.ResourceProvider):\n    def create(self, props):\n"
        "        return pulumi.dynamic.CreateResult('1', props)\n"
        "class Made(pulumi.dynamic.Resource):\n    def __init__(self, name):\n"
        "        super().__init__(Mine(), name, {})\nMade('m')",
        "pulumi.require_pulumi_version('>=3.0.0')",
        "pulumi.runtime.register_stack_transformation(lambda args: None)",
        "async def main():\n    aws.sns.Topic('t')\npulumi.run(main)",
        "other = pulumi.StackReference('o/p/s')\naws.ec2.Subnet('s', vpc_id=other.require_output('vpc'))",
        "aws.ec2.Vpc.get('v', 'vpc-1')",
        "far = aws.Provider('far', region='ap-south-1')\naws.sns.Topic('t', opts=pulumi.ResourceOptions(provider=far))",
        "aws.iam.get_policy_document_output(statements=[{'actions': ['*'], 'resources': [aws.sns.Topic('t').arn]}])",
        "pulumi.log.info('hello')\npulumi.log.error('this is not an exception')",
        "pulumi.export('nested', {'a': [1, {'b': aws.sns.Topic('t')}]})",
    ],
)
def test_habits_that_must_not_stop_the_review(review_of: Review, habit: str) -> None:
    assert plain(review_of(habit))


def test_a_program_with_modules_that_are_named_like_ours(write_project: Write) -> None:
    project = write_project(HEAD + "import settings\nimport components\nsettings.go()\ncomponents.go()")
    for name in ("settings", "components"):
        (project.root / f"{name}.py").write_text(
            f"def go():\n    import pulumi\n    pulumi.export('{name}', 'theirs')\n"
        )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "review", "dev", "--verbose", "--project", str(project.root)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("theirs") == 2


def test_a_program_runs_in_its_own_virtual_environment(write_project: Write) -> None:
    project = write_project(
        "import pulumi, sys\nimport only_there\npulumi.export('prefix', sys.prefix)\npulumi.export('x', only_there.x)",
        project="name: small\nruntime: {name: python, options: {virtualenv: env}}\n",
    )
    venv.create(project.root / "env", symlinks=True)
    (packages,) = (project.root / "env" / "lib").glob("python*/site-packages")
    # What this environment has stands in for what `pip install` would have put there.
    own = Path(sys.prefix) / "lib" / packages.parent.name / "site-packages"
    (packages / "shared.pth").write_text(str(own))
    (packages / "only_there.py").write_text("x = 'found'")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "review", "--verbose", "--project", str(project.root)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "found" in done.stdout
    assert str(project.root / "env") in done.stdout


def test_the_review_itself_loads_neither_the_components_nor_the_sdk_of_aws() -> None:
    """A program that declares nothing on AWS does not wait for it, and one may have a `components` of its own."""
    code = (
        "import sys, review.report.report, review.rules, review.compare.comparison, review.report.render.markdown\n"
        "import review.cost.worst\n"
        "print(*(name for name in sys.modules if name.partition('.')[0] in ('components', 'pulumi_aws')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

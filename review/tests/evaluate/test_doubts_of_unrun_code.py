"""Code that was not run, and values that are encrypted, leave a doubt in what is said of traffic."""

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import trace
from review.report.render.outside import from_outside
from review.rules import Status, check
from review.tests.evaluate.test_unrun import HEAD, HOOK, TOPIC
from review.tests.fixtures import Review, Run

NET = """
vpc = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')
gateway = aws.ec2.InternetGateway('g', vpc_id=vpc.id)
routes = aws.ec2.RouteTable('t', vpc_id=vpc.id, routes=[{'cidr_block': '0.0.0.0/0', 'gateway_id': gateway.id}])
subnet = aws.ec2.Subnet('s', vpc_id=vpc.id, cidr_block='10.0.0.0/24', map_public_ip_on_launch=True)
aws.ec2.RouteTableAssociation('a', subnet_id=subnet.id, route_table_id=routes.id)
group = aws.ec2.SecurityGroup('w', vpc_id=vpc.id)
aws.ec2.Instance('web', ami='a', instance_type='t3.micro', subnet_id=subnet.id, vpc_security_group_ids=[group.id])
db = aws.rds.Instance('db', instance_class='db.t3.micro')
config = pulumi.Config()
"""


IN = (
    "aws.vpc.SecurityGroupIngressRule('in', security_group_id=group.id, ip_protocol='tcp', from_port=22, to_port=22,"
    " cidr_ipv4={})"
)


ENCRYPTED = "config:\n  aws:region: eu-west-1\n  small:cidr: {secure: v1:a}\n"


LATER = f"""
async def later():
    if {{}}:
        {IN.format("'0.0.0.0/0'")}
pulumi.export('later', pulumi.Output.from_input(later()))
"""


def ways(graph: Graph) -> list[str]:
    return [str(path) for path in trace(AwsModel(graph)).paths if path.target == "web" and path.source == "internet"]


@pytest.mark.parametrize(
    ("program", "doubt"),
    [
        ("db.endpoint.apply(lambda _: " + IN.format("'0.0.0.0/0'") + ")", "__main__.py:14"),
        (
            "pulumi.StackReference('o/p/s').get_output('x').apply(lambda cidr: " + IN.format("cidr") + ")",
            "__main__.py:14",
        ),
        ("if not pulumi.runtime.is_dry_run():\n    " + IN.format("'0.0.0.0/0'"), "__main__.py:14"),
        (HOOK.format(body="subprocess.run(['aws'])"), "the hook opens"),
        ("config.require_secret('cidr').apply(lambda cidr: " + IN.format("cidr") + ")", "__main__.py:14"),
        (LATER.format("await db.endpoint.future()"), "awaits an output at __main__.py:"),
        (LATER.format("await db.endpoint.is_known()"), "awaits an output at __main__.py:"),
        (LATER.format("await db.endpoint.future()").replace("db.endpoint", "routes.id"), "open"),
        (
            "aws.iam.Role('r', assume_role_policy='{}', opts=pulumi.ResourceOptions("
            "hooks=pulumi.ResourceHookBinding(after_create=[lambda a: os.system('aws')])))",
            "at __main__.py:14",
        ),
        (
            IN.format("config.require_secret('cidr').apply(lambda c: '0.0.0.0/0' if c == 'x' else '10.0.0.0/8')"),
            "rules of w",
        ),
        (IN.format("config.require_secret('cidr')"), "not all rules of w are known"),
        (IN.format("aws.ec2.get_managed_prefix_list(name='x').entries[0].cidr"), "not all rules of w are known"),
        ("", ""),
        ("pulumi.export('x', db.endpoint.apply(lambda e: e.upper()))", ""),
        ("db.endpoint.apply(lambda _: aws.sns.Topic('t'))", ""),
    ],
)
def test_a_no_rests_on_no_code_that_was_not_run(run_program: Run, program: str, doubt: str) -> None:
    way = ways(run_program(HEAD + NET + program, strict=False, config=ENCRYPTED))[0]
    if doubt == "open":
        assert way == "internet → tcp 22 → web"
    elif doubt:
        assert ("cannot tell" in way, doubt in way) == (True, True)
    else:
        assert way.endswith("admit nobody from outside")


def test_neighbours_may_come_by_a_rule_that_was_not_seen(run_program: Run) -> None:
    program = f"db.endpoint.apply(lambda _: {IN.format(repr('10.0.0.0/16'))})"
    graph = run_program(HEAD + NET.replace(", map_public_ip_on_launch=True", "") + program, strict=False)
    assert "anything in the VPC → unknown rules → web" in "".join(map(str, trace(AwsModel(graph)).paths))


def test_the_headline_names_the_line(review_of: Review) -> None:
    rule = IN.format("'0.0.0.0/0'")
    said = from_outside(review_of(f"{NET}db.endpoint.apply(lambda _: {rule})"))
    assert "no path from outside is open" not in said
    assert "code that was not run may open others: the function of apply at __main__.py:13" in said
    assert (
        from_outside(review_of(f"{NET}db.endpoint.apply(lambda _: aws.sns.Topic('t'))"))
        == "no path from outside is open"
    )


def test_a_list_made_of_an_encrypted_one_is_unknown(run_program: Run) -> None:
    secret = "config.require_secret_object('cidr').apply(lambda all: [{'cidr_blocks': [one]} for one in all])"
    program = NET.replace("'w', vpc_id=vpc.id", f"'w', vpc_id=vpc.id, ingress={secret}")
    program = program.replace("config = pulumi.Config()\n", "").replace("\nvpc", "\nconfig = pulumi.Config()\nvpc", 1)
    assert "cannot tell" in "".join(ways(run_program(HEAD + program, config=ENCRYPTED)))


ROLE_OF_WEB = """
role = aws.iam.Role('role', assume_role_policy='{}')
profile = aws.iam.InstanceProfile('profile', role=role.name)
aws.ec2.Instance('run', ami='a', instance_type='t3.micro', subnet_id=subnet.id, iam_instance_profile=profile.name)
"""


ATTACHED = "aws.iam.RolePolicyAttachment('ssm', role=role.name, policy_arn='arn:aws:iam::aws:policy/X')"


@pytest.mark.parametrize(("program", "doubted"), [(ATTACHED, True), (TOPIC, False)])
def test_a_policy_that_may_be_declared_may_allow_sessions(run_program: Run, program: str, doubted: bool) -> None:
    graph = run_program(HEAD + NET + ROLE_OF_WEB + f"db.endpoint.apply(lambda _: {program})", strict=False)
    found = [str(path) for path in trace(AwsModel(graph)).paths if path.source == "people"]
    assert [("was not run" in line) for line in found] == [True] * doubted


@pytest.mark.parametrize(
    ("program", "unjudged"),
    [
        ("db.endpoint.apply(lambda _: " + IN.format("'0.0.0.0/0'") + ")", {"NET-02", "NET-03", "NET-04", "NET-05"}),
        ("db.endpoint.apply(lambda _: aws.s3.BucketPolicy('p', bucket='b', policy='{}'))", {"IAM-10"}),
        (f"db.endpoint.apply(lambda _: {TOPIC})", set()),
    ],
)
def test_no_rule_passes_on_what_it_did_not_see(run_program: Run, program: str, unjudged: set[str]) -> None:
    findings = check(run_program(HEAD + NET + program, strict=False))
    named = {one.rule.id for one in findings if "was not run: what it declares was not judged" in one.message}
    assert named >= unjudged
    assert bool(named) is bool(unjudged)
    assert all(finding.status is Status.INCONCLUSIVE for finding in findings if finding.rule.id in named)


def test_a_policy_that_may_be_declared_is_in_the_headline(review_of: Review) -> None:
    policy = "aws.s3.BucketPolicy('p', bucket='b', policy='{}')"
    said = from_outside(
        review_of(f"db = aws.rds.Instance('db', instance_class='c')\ndb.endpoint.apply(lambda _: {policy})")
    )
    assert "code that was not run may open others" in said


@pytest.mark.parametrize("key", ["cidr_blocks", "ingress"])
def test_an_encrypted_list_is_unknown(run_program: Run, key: str) -> None:
    secret = "config.require_secret_object('cidr')"
    program = {
        "cidr_blocks": "aws.ec2.SecurityGroupRule('r', type='ingress', security_group_id=group.id, protocol='tcp', "
        f"from_port=22, to_port=22, cidr_blocks={secret})",
        "ingress": f"other = aws.ec2.SecurityGroup('o', vpc_id=vpc.id, ingress={secret})\n"
        "aws.ec2.NetworkInterfaceSecurityGroupAttachment('x', security_group_id=other.id, "
        "network_interface_id=web.primary_network_interface_id)",
    }[key]
    graph = run_program(HEAD + NET.replace("aws.ec2.Instance(", "web = aws.ec2.Instance(") + program, config=ENCRYPTED)
    assert "cannot tell" in "".join(ways(graph))


def test_an_encrypted_port_or_flag_is_unknown(run_program: Run) -> None:
    rule = IN.format("'203.0.113.0/24'").replace("from_port=22", "from_port=config.require_secret_int('cidr')")
    assert "cannot tell" in "".join(ways(run_program(HEAD + NET + rule, config=ENCRYPTED)))

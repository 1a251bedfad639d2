"""A comparison of findings and paths, and not of rule ids and headlines: a database that is put on the internet."""

from collections.abc import Callable

import pytest

from review.evaluate.stack_file import read_stack
from review.report.render.markdown import markdown
from review.report.report import Report
from review.tests.fixtures import HEAD, Write
from review.tests.updates import reported
from review.tests.updates import said as said
from tests.helpers.in_process.evaluation import evaluate

SHOP = """
v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')
s = [aws.ec2.Subnet(f's{{n}}', vpc_id=v.id, cidr_block=f'10.0.{{n}}.0/24') for n in range(2)]
gateway = aws.ec2.InternetGateway('gateway', vpc_id=v.id)
table = aws.ec2.RouteTable('table', vpc_id=v.id, routes=[{{'cidr_block': '0.0.0.0/0', 'gateway_id': gateway.id}}])
for n in range(2):
    aws.ec2.RouteTableAssociation(f'a{{n}}', subnet_id=s[n].id, route_table_id=table.id)
old = aws.ec2.SecurityGroup('old', vpc_id=v.id, ingress=[
    {{'protocol': 'tcp', 'from_port': 9000, 'to_port': 9000, 'cidr_blocks': ['0.0.0.0/0']}}])
app = aws.ec2.SecurityGroup('app', vpc_id=v.id)
db = aws.ec2.SecurityGroup('db', vpc_id=v.id, ingress=[
    {{'protocol': 'tcp', 'from_port': 5432, 'to_port': 5432, 'security_groups': [app.id]}}{rule}])
places = aws.rds.SubnetGroup('places', subnet_ids=[one.id for one in s])
base = aws.rds.Instance('db', engine='postgres', instance_class='db.t4g.micro', allocated_storage=20,
    vpc_security_group_ids=[db.id], db_subnet_group_name=places.name, publicly_accessible={public},
    password='x' * 8, username='u', tags={{'a': '{tag}'}})
"""
OPEN = ", {'protocol': 'tcp', 'from_port': 5432, 'to_port': 5432, 'cidr_blocks': ['0.0.0.0/0']}"
PRIVATE = SHOP.format(rule="", public=False, tag=1)


@pytest.fixture
def compared(write_project: Write) -> Callable[[str, str], Report]:
    def made(before: str, after: str) -> Report:
        evaluations = []
        for program in (before, after):
            project = write_project(HEAD + program)
            evaluations.append(evaluate(project, read_stack(project, "dev"), strict=False))
        return reported(evaluations[0].known, evaluations[1], project.program)

    return made


def test_a_second_finding_of_a_rule_that_failed_before_is_newly_broken(compared: Callable[..., Report]) -> None:
    changes = compared(PRIVATE, SHOP.format(rule=OPEN, public=True, tag=1))
    assert changes.changes is not None
    assert "NET-02" in {text.partition(" (")[0] for text in changes.changes.broken}
    assert "newly broken: " in said(changes)["rules"]
    assert changes.changes.mended == ()


def test_a_database_that_is_put_on_the_internet_has_new_callers(compared: Callable[..., Report]) -> None:
    changes = compared(PRIVATE, SHOP.format(rule=OPEN, public=True, tag=1))
    assert said(changes)["callers"].startswith("anyone on the internet can now call db")
    text = markdown(changes)
    assert text.index("can now call") < text.index("<details>")


@pytest.mark.parametrize(
    ("rule", "public", "callers"),
    [("", True, "the same as before, and no others"), (OPEN, False, "can now call: anything in the VPC → db")],
)
def test_a_database_that_lacks_one_thing_has_no_callers_from_the_internet(
    compared: Callable[..., Report], rule: str, public: bool, callers: str
) -> None:
    assert said(compared(PRIVATE, SHOP.format(rule=rule, public=public, tag=1)))["callers"] == callers


def test_a_database_whose_switch_is_not_known_may_have_new_callers(compared: Callable[..., Report]) -> None:
    unknown = "pulumi.StackReference('o/p/s').get_output('public')"
    changes = compared(PRIVATE, SHOP.format(rule=OPEN, public=unknown, tag=1))
    assert "cannot tell: whether db has a public address" in said(changes)["callers"]


def test_callers_of_what_is_not_understood_are_never_the_same_as_before(compared: Callable[..., Report]) -> None:
    domain = "aws.globalaccelerator.Accelerator('d', ip_address_type='{}')\n"
    changes = compared(PRIVATE + domain.format("IPV4"), PRIVATE + domain.format("DUAL_STACK"))
    assert "not judged: d (aws:globalaccelerator/accelerator:Accelerator)" in said(changes)["callers"]
    text = markdown(changes)
    assert text.index("not judged: d (aws:globalaccelerator/accelerator:Accelerator)") < text.index("<details>")


def test_a_member_of_a_list_is_shown_whole(compared: Callable[..., Report]) -> None:
    text = markdown(compared(PRIVATE, SHOP.format(rule=OPEN, public=False, tag=1)))
    (line,) = [one for one in text.splitlines() if "ingress" in one and "not set" in one]
    assert "0.0.0.0/0" in line


def test_nothing_that_matters_is_quiet(compared: Callable[..., Report]) -> None:
    topic = "aws.sns.Topic('t', name='{}', kms_master_key_id='alias/aws/sns')\n"
    changes = compared(PRIVATE + topic.format(1), PRIVATE + topic.format(2))
    assert changes.changes is not None
    assert said(changes)["callers"] == "the same as before, and no others"
    assert (changes.changes.broken, changes.changes.mended) == ((), ())


LINKED = """
a = aws.apigatewayv2.Api('a', protocol_type='HTTP')
link = aws.apigatewayv2.VpcLink('link', subnet_ids=['subnet-1'], security_group_ids=['sg-1'])
told = {{'overwrite:header.X-User': 'sub:${{context.authorizer.claims.sub}}'}}
for name, mapped in (('guarded', told), ('open', {mapped})):
    i = aws.apigatewayv2.Integration(name, api_id=a.id, integration_type='HTTP_PROXY', connection_type='VPC_LINK',
        connection_id=link.id, request_parameters=mapped, integration_method='ANY',
        integration_uri='arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x/1/2')
    aws.apigatewayv2.Route(name, api_id=a.id, route_key=f'GET /{{name}}', authorization_type='AWS_IAM',
        target=i.id.apply(lambda known: f'integrations/{{known}}'))
"""


def test_a_header_that_callers_may_write_from_now_on_is_newly_broken(compared: Callable[..., Report]) -> None:
    removed = "{'remove:header.x-user': \"''\"}"
    changes = compared(LINKED.format(mapped=removed), LINKED.format(mapped="{}"))
    assert changes.changes is not None
    assert "GATE-12" in {text.partition(" (")[0] for text in changes.changes.broken}

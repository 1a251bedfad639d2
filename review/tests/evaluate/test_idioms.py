"""What ordinary programs do works, or ends in one short message that names a line of the program."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Graph, Secret
from review.report.render.text import plain
from review.report.report import report
from review.tests.fixtures import Run, Write
from review.tests.helpers.in_process.evaluation import evaluate

HEAD = "import base64, json\nimport pulumi\nimport pulumi_aws as aws\n"
FUNCTION = (
    "f = aws.lambda_.Function('f', runtime='python3.13', handler='h.h', role='arn:aws:iam::123456789012:role/r', "
    "code=pulumi.AssetArchive({'h.py': pulumi.StringAsset('x')}))\n"
)
POLICY = "{'Statement': [{'Effect': 'Allow', 'Action': 's3:Get*', 'Resource': aws.s3.Bucket('b').arn}]}"
REMOTE = """
class Remote(pulumi.ComponentResource):
    url: pulumi.Output[str]
    def __init__(self):
        super().__init__('acme-net:index:Remote', 'remote', {'url': None}, None, True)
Remote.pulumi_type = 'acme-net:index:Remote'
aws.sns.Topic('t', name=Remote().url.apply(lambda url: url.upper()))
"""
TOKEN = """
name, password = base64.b64decode(aws.ecr.get_authorization_token().authorization_token).decode().split(":")
pulumi.export("name", name)
def password_of(registry):
    return base64.b64decode(aws.ecr.get_credentials(registry_id=registry).authorization_token).decode().split(":")[1]
pulumi.export("password", aws.ecr.Repository("r").registry_id.apply(password_of))
"""


@pytest.mark.parametrize(
    "program",
    [
        FUNCTION
        + "aws.lambda_.Permission('p', function=f, action='lambda:InvokeFunction', principal='s3.amazonaws.com')",
        f"aws.iam.Policy('p', policy={POLICY})",
        f"aws.iam.Role('r', assume_role_policy={POLICY})",
        "v = aws.ec2.Vpc.get('v', 'vpc-1')\n"
        "aws.ec2.Subnet('s', vpc_id=v.id, cidr_block='10.0.0.0/24', opts=pulumi.ResourceOptions(parent=v))",
        "v = pulumi.StackReference('o/p/s')\naws.sns.Topic('t', opts=pulumi.ResourceOptions(parent=v))",
        REMOTE,
        TOKEN,
        "aws.iam.Role.get('x' * 70, 'y' * 70)",
        "print(aws.lb.get_load_balancer(name='a').subnet_mappings[0].subnet_id.upper())",
        "print(aws.rds.get_cluster(cluster_identifier='a').availability_zones[0].upper())",
        "assert aws.ec2.get_ami(most_recent='true', owners=['amazon']).most_recent is True",
        "user = json.loads(aws.secretsmanager.get_secret_version(secret_id='x').secret_string)['user']\n"
        "aws.sns.Topic('t', name=user)",
        "pulumi.StackReference('o/p/s').require_output('ids').apply(lambda ids: [aws.sns.Topic(one) for one in ids])",
        "async def known(output):\n    assert await output.is_known()\n"
        "pulumi.export('x', pulumi.Output.from_input(known(aws.sns.Topic('t').arn)))",
    ],
)
def test_a_program_of_anybodys_is_reviewed(write_project: Write, program: str) -> None:
    project = write_project(HEAD + program)
    assert plain(report(evaluate(project, read_stack(project, "dev"), strict=False)))


def inputs(graph: Graph, name: str) -> Any:
    (found,) = [resource for resource in graph if resource.name == name]
    return found.inputs


def test_a_resource_as_an_argument_is_its_id(run_program: Run) -> None:
    program = FUNCTION + "aws.lambda_.Permission('p', function=f, action='a', principal='s3.amazonaws.com')"
    graph = run_program(HEAD + program)
    assert inputs(graph, "p")["function"] == "f-" + graph.resources[_urn(graph, "f")].state["name"].removeprefix("f-")


def _urn(graph: Graph, name: str) -> str:
    return next(urn for urn, resource in graph.resources.items() if resource.name == name)


def test_a_policy_given_as_a_mapping_is_read_as_the_text_that_aws_gets(run_program: Run) -> None:
    policy = "{'Statement': {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}}"
    role = "r = aws.iam.Role('r', assume_role_policy='{}')\n"
    as_mapping = run_program(HEAD + role + f"aws.iam.RolePolicy('p', role=r, policy={policy})")
    as_text = run_program(HEAD + role + f"aws.iam.RolePolicy('p', role=r, policy=json.dumps({policy}))")
    one, other = (json.loads(inputs(graph, "p")["policy"]) for graph in (as_mapping, as_text))
    assert one == other


def test_what_a_policy_given_as_a_mapping_does_not_know_makes_the_text_unknown(run_program: Run) -> None:
    graph = run_program(HEAD + f"aws.iam.Policy('p', policy={POLICY})", known=False)
    assert inputs(graph, "p")["policy"] is UNKNOWN


def test_an_encrypted_value_is_read_as_whatever_the_program_expects(run_program: Run) -> None:
    graph = run_program(
        HEAD
        + """
config = pulumi.Config()
whole = config.require_secret_object("whole")
pulumi.export("member", whole["name"])
pulumi.export("inner", whole.apply(lambda value: value["a"]["b"]))
pulumi.export("number", config.require_secret_int("number").apply(lambda value: value + 1))
pulumi.export("fraction", config.require_secret_float("number"))
pulumi.export("flag", config.require_secret_bool("flag"))
pulumi.export("open", config.require_object("whole").get("x"))
""",
        config="config:\n"
        + "".join(f"  small:{key}: {{secure: v1:x}}\n" for key in ("whole", "number", "flag"))
        + "  aws:region: eu-west-1\n",
    )
    text = "secretThatTheReviewCannotOpen"
    assert graph.exports == {
        "member": Secret(text),
        "inner": Secret(text),
        "number": Secret(1),
        "fraction": Secret(0),
        "flag": Secret(False),
        "open": text,
    }


def test_members_of_json_in_a_secret_that_is_looked_up_are_unknown(run_program: Run) -> None:
    program = (
        "aws.sns.Topic('t', name=json.loads(aws.secretsmanager.get_secret_version(secret_id='x').secret_string)['n'])"
    )
    assert inputs(run_program(HEAD + program, strict=False), "t")["name"] is UNKNOWN
    with pytest.raises(ProgramError, match="JSONDecodeError"):
        run_program(HEAD + "json.loads('{')")


def test_a_lookup_answers_for_the_region_of_its_provider_or_its_argument(run_program: Run) -> None:
    graph = run_program(
        HEAD
        + """
far = aws.Provider("far", region="ap-south-1")
pulumi.export("provider", aws.get_availability_zones(opts=pulumi.InvokeOptions(provider=far)).names[0])
pulumi.export("argument", aws.get_availability_zones(region="us-west-2").names[0])
pulumi.export("stack", aws.get_availability_zones().names[0])
"""
    )
    assert graph.exports == {"provider": "ap-south-1a", "argument": "us-west-2a", "stack": "eu-west-1a"}


def test_a_missing_build_output_is_noted_with_its_line(run_program: Run) -> None:
    code = "pulumi.AssetArchive({'a': pulumi.StringAsset('x'), 'b': pulumi.FileArchive('./none')})"
    program = f"aws.lambda_.Function('f', role='r', code={code})"
    (note,) = [note for note in run_program(HEAD + program, strict=False).notes if "./none" in note]
    assert "(__main__.py:4)" in note


def test_a_foreign_program_that_fails_with_unknown_outputs_is_reviewed_with_known_ones(write_project: Write) -> None:
    program = (
        "async def known(output):\n    if not await output.is_known():\n        raise ValueError('too early')\n"
        "pulumi.export('x', pulumi.Output.from_input(known(aws.sns.Topic('t').arn)))"
    )
    project = write_project(HEAD + program)
    evaluation = evaluate(project, read_stack(project, "dev"), strict=False)
    assert len(evaluation.known.resources) == 1
    assert any("the program fails: ValueError: too early" in note for note in evaluation.known.notes)
    with pytest.raises(ProgramError, match="too early"):
        evaluate(project, read_stack(project, "dev"), strict=True)


def test_a_stack_without_a_file_is_an_empty_stack_with_a_note(write_project: Write) -> None:
    project = write_project(HEAD + "pulumi.export('x', pulumi.Config().get('x') or 'none')")
    stack = read_stack(project, "prod")
    assert (stack.is_empty, stack.config) == (True, {})
    graph = evaluate(project, stack).known
    assert graph.exports == {"x": "none"}
    said = "there is no Pulumi.prod.yaml, so the stack has {} (stacks with a file: dev)"
    assert said.format("no config") in graph.notes
    described = "name: small\nruntime: python\nconfig:\n  x: {type: string, default: y}\n"
    project = write_project(HEAD + "pulumi.export('x', pulumi.Config().get('x'))", project=described)
    graph = evaluate(project, read_stack(project, "prod")).known
    assert graph.exports == {"x": "y"}
    assert said.format("only the defaults of Pulumi.yaml") in graph.notes


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("pulumi.Config().require('x')", "__main__.py:4"),
        ("aws.ec2.Vpc('v', cidr_block=object())", "__main__.py:4"),
        ("for n in range(30):\n    aws.ec2.Vpc(f'v{n}', cidr_block=object())", "__main__.py:5"),
        ("aws.ec2.Vpc('v', nonsense=1)", "__main__.py:4"),
        (
            "def broken(_):\n    return {}['x']\npulumi.export('x', aws.sns.Topic('t').arn.apply(broken))",
            "__main__.py:5",
        ),
        (
            "def broken(_):\n    return 1 / 0\naws.sns.Topic('u', name=aws.sns.Topic('t').arn.apply(broken))",
            "__main__.py:5",
        ),
        ("def broken():\n    broken()\nbroken()", "__main__.py:5"),
        ("import nonsense", "__main__.py:4"),
        ("def broken(:", "__main__.py:4"),
        ("raise ValueError('x\\n' * 100)", "__main__.py:4"),
        ("import sys\nsys.exit(3)", "__main__.py:5"),
        ("aws.ec2.Vpc('v')\naws.ec2.Vpc('v')", "__main__.py:5"),
    ],
)
def test_an_error_is_short_and_names_a_line(
    run_program: Run, caplog: pytest.LogCaptureFixture, collect: Callable[[], int], program: str, line: str
) -> None:
    with pytest.raises(ProgramError) as caught:
        run_program(HEAD + program, strict=False)
    collect()
    message = str(caught.value)
    assert line in message
    assert len(message.splitlines()) <= 30
    assert not caplog.records


def test_an_error_names_the_file_that_would_have_answered(run_program: Run) -> None:
    encrypted = "config: {key: {secure: v1:x}, 'aws:region': eu-west-1}"
    with pytest.raises(ProgramError, match=r"small:key: encrypted, so a stand-in: review\.answers\.yaml"):
        run_program(HEAD + "pulumi.Config().require('key').index('BEGIN')", config=encrypted)
    program = "int(aws.ssm.get_parameter(name='/own').value)\n"
    with pytest.raises(ProgramError, match="ValueError"):
        run_program(HEAD + program)
    with pytest.raises(ProgramError, match=r"aws:mq/getBroker:getBroker: the review has no answer for this lookup, so"):
        run_program(HEAD + "int(aws.mq.get_broker(broker_id='b').arn)", strict=False)

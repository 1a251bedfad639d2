"""What ordinary programs do works, or ends in one short message that names a line of the program."""

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, reveal
from review.tests.helpers.fixture_types import Run, Write
from review.tests.helpers.in_process.evaluation import evaluate

HEAD = "import pulumi\nimport pulumi_aws as aws\n"


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


def test_a_number_that_is_encrypted_is_unknown_where_it_shapes_traffic(run_aws: Run) -> None:
    port = "pulumi.Config('small').require_secret_int('port')"
    rule = f"security_group_id='sg-1', ip_protocol='tcp', from_port={port}, to_port=80, cidr_ipv4='10.0.0.0/8'"
    config = "config: {'aws:region': eu-west-1, 'small:port': {secure: 'v1:abc'}}"
    (resource,) = run_aws(f"aws.vpc.SecurityGroupIngressRule('in', {rule})", config=config)
    assert reveal(resource.inputs["fromPort"]) is UNKNOWN

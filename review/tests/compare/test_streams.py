"""Calls that are answered with 500 while a function streams no longer, and the API still wants a stream."""

import pytest

from review.compare.changes import Changes
from review.tests.fixtures import Compare


def program(streams: bool, *, api: bool | None = None, more: str = "", options: str = "", stages: str = "live") -> str:
    """A function that streams or not, and an API that calls it by `GET /x`, for a stream or not, as it does."""
    variables = {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/loop"} if streams else {}
    mode = "STREAM" if (streams if api is None else api) else "BUFFERED"
    return f"""
f = aws.lambda_.Function('f', role='arn:aws:iam::123456789012:role/r', runtime='python3.13', handler='h',
    code=pulumi.FileArchive('.'), environment={{'variables': {variables}}}{more},
    opts=pulumi.ResourceOptions({options}))
api = aws.apigateway.RestApi('api')
part = aws.apigateway.Resource('part', rest_api=api.id, parent_id=api.root_resource_id, path_part='x')
common = dict(rest_api=api.id, resource_id=part.id, http_method='GET')
aws.apigateway.Method('method', authorization='NONE', **common)
called = aws.apigateway.Integration('called', type='AWS_PROXY', integration_http_method='POST', uri=f.invoke_arn,
    response_transfer_mode='{mode}', **common)
aws.lambda_.Permission('may', action='lambda:InvokeFunction', function=f.name, principal='apigateway.amazonaws.com',
    source_arn=pulumi.Output.concat(api.execution_arn, '/*'))
deployed = aws.apigateway.Deployment('deployed', rest_api=api.id, triggers={{'function': '{streams}'}},
    opts=pulumi.ResourceOptions(depends_on=[called]))
before = []
for name in '{stages}'.split():
    before = [aws.apigateway.Stage(name, rest_api=api.id, deployment=deployed.id, stage_name=name,
        opts=pulumi.ResourceOptions(depends_on=before))]
"""


OTHER = """
aws.lambda_.Function('other', role='arn:aws:iam::123456789012:role/r', runtime='python3.13', handler='h',
    code=pulumi.FileArchive('.'), environment={{'variables': {{'{variable}': '/opt/loop'}}}})
"""


def lost(changes: Changes) -> list[str]:
    """What is reported of streams."""
    return [effect for effect in changes.effects if "500" in effect]


@pytest.mark.parametrize("stages", ["live", "first live"])
def test_a_function_that_streams_no_longer_answers_with_500_until_the_last_stage_is_deployed(
    changes: Compare, stages: str
) -> None:
    found = changes(program(True, stages=stages), program(False, stages=stages))
    assert lost(found) == ["GET /x of api: answered with 500 from “update f” until “update live” is done"]


def test_where_the_api_goes_on_streaming_it_does_not_end(changes: Compare) -> None:
    found = changes(program(True), program(False, api=True))
    assert lost(found) == ["GET /x of api: answered with 500 from “update f” on"]


def test_each_api_is_deployed_for_itself(changes: Compare) -> None:
    """The other one goes on streaming."""
    other = program(False, api=True, stages="second third")
    for name in ("api", "part", "method", "called", "may", "deployed"):
        other = other.replace(f"('{name}'", f"('z-{name}'")
    other = other[other.index("api = ") :]
    found = changes(program(True) + other.replace("'False'", "'True'"), program(False) + other)
    assert lost(found) == [
        "GET /x of api: answered with 500 from “update f” until “update live” is done",
        "GET /x of z-api: answered with 500 from “update f” on",
    ]


def renamed(text: str) -> str:
    return text.replace("Function('f'", "Function('g'")


RENAMED = "aliases=[pulumi.Alias(name='f')]"


def test_a_function_with_another_name_is_the_same_one(changes: Compare) -> None:
    found = changes(program(True), renamed(program(False, options=RENAMED)))
    assert lost(found) == ["GET /x of api: answered with 500 from “update g” until “update live” is done"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (program(False), renamed(program(False, options=RENAMED))),
        (program(True), program(True, more=", description='a'")),
        (program(False, api=True), program(False, more=", description='a'")),
        (program(True) + OTHER.format(variable="AWS_LAMBDA_EXEC_WRAPPER"), program(True) + OTHER.format(variable="X")),
    ],
    ids=["only renamed", "streams on", "never could", "another function"],
)
def test_a_function_that_loses_no_stream_is_not_reported(changes: Compare, before: str, after: str) -> None:
    assert lost(changes(before, after)) == []


@pytest.mark.parametrize("goes_first", [False, True])
def test_one_that_is_replaced_streams_until_it_goes(changes: Compare, goes_first: bool) -> None:
    """If it goes before the stage is deployed, that is reported of its path."""
    options = f"replace_on_changes=['environment'], delete_before_replace={goes_first}"
    found = changes(program(True), program(False, options=options))
    assert lost(found) == []
    assert [passage.cut for passage in found.moved] == [goes_first]

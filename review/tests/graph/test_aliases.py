"""A few aliases of YAML stand for more values than anybody can walk."""

import pytest

from review.aws.gateway.definitions import read_definition
from review.tests.helpers.graph_builder import Builder


@pytest.mark.parametrize("use", ["*a9", "&own [*own]", "2024-99-99"])
def test_a_definition_that_is_too_large_to_be_walked_is_none(use: str) -> None:
    anchors = ["a0: &a0 [x]", *(f"a{number}: &a{number} [{f'*a{number - 1},' * 10}]" for number in range(1, 10))]
    build = Builder()
    build("apigatewayv2/api:Api", "api", body="\n".join([*anchors, f"paths: {use}"]))
    graph = build.graph()
    (api,) = graph
    assert read_definition(graph, api) is None

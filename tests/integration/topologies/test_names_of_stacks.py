"""Stacks of an account meet in no name, and another name of a stack or project changes no resource."""

import functools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from review.aws.catalog.catalog import canonical
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Graph, Resource, reveal
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import ALL, graph_of, project

# Inputs that are a name in the account, or in its region. Pulumi makes a `name` that a program leaves out, and the
# provider completes a prefix.
NAMES = ("name", "family", "bucket", "ruleName", "clusterIdentifier")
# Names inside another resource, which a second stack has for itself.
INSIDE = {
    "aws:apigateway/stage:Stage": "the API",
    "aws:apigatewayv2/stage:Stage": "the API",
    "aws:apigatewayv2/authorizer:Authorizer": "the API",
    "aws:servicediscovery/service:Service": "the namespace",
    "aws:lambda/alias:Alias": "the function",
}
# Names that the stack file has, and that only one stack can have.
CHOSEN = {
    "aws:apigateway/domainName:DomainName",
    "aws:apigatewayv2/domainName:DomainName",
    "aws:route53/record:Record",
    "aws:route53/zone:Zone",
}


@functools.cache
def renamed(stack: str, *, project_name: str, stack_name: str) -> Graph:
    """The graph of a stack file under other names of project and stack."""
    found = read_stack(project(), stack)

    def key(old: str) -> str:
        return f"{project_name}:{old.partition(':')[2]}" if old.startswith(f"{project().name}:") else old

    other = replace(
        found,
        name=stack_name,
        config={key(old): value for old, value in found.config.items()},
        parsed={key(old): value for old, value in found.parsed.items()},
        secret_keys=tuple(map(key, found.secret_keys)),
    )
    return run(replace(project(), name=project_name), other, reimport=False)


@pytest.mark.parametrize("stack", ALL)
@pytest.mark.parametrize("names", [("gatehouse", "other"), ("another", "")], ids=["another stack", "another project"])
def test_another_name_of_the_stack_or_project_changes_no_resource(stack: str, names: tuple[str, str]) -> None:
    before = graph_of(stack)
    after = renamed(stack, project_name=names[0], stack_name=names[1] or before.stack)
    assert [inputs(resource) for resource in after] == [inputs(resource) for resource in before]


def inputs(resource: Resource) -> tuple[str, str, str]:
    """Type, name and all inputs, without the folder of a run's archives."""
    return resource.type, resource.name, repr(plain(resource.inputs))


def plain(value: Any) -> Any:
    value = reveal(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return type(value).__name__ if hasattr(value, "path") else value


@pytest.mark.parametrize("stack", ALL)
def test_no_name_in_the_account_is_fixed(stack: str) -> None:
    """Before AWS has answered, everything that is known is the program's own: two stacks would have it alike."""
    for resource in graph_of(stack, known=False):
        if not resource.custom or canonical(resource.type) in {*INSIDE, *CHOSEN}:
            continue
        fixed = {key: reveal(resource.inputs.get(key)) for key in NAMES}
        assert {value for value in fixed.values() if isinstance(value, str)} == set(), resource.urn


@pytest.mark.parametrize("stack", ALL)
def test_no_metric_is_shared(stack: str) -> None:
    graph = graph_of(stack, known=False)
    for metric in metrics(graph):
        assert UNKNOWN in metric, f"another stack has it too: {metric}"


def metrics(graph: Graph) -> Iterator[list[Any]]:
    """What tells a metric from others: namespace, name and dimensions."""
    for alarm in graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        queries = [query["metric"] for query in alarm.inputs.get("metricQueries", ()) if "metric" in query]
        for metric in queries or [alarm.inputs]:
            dimensions = reveal(metric.get("dimensions")) or {}
            yield [metric["namespace"], metric["metricName"], *map(reveal, dimensions.values())]
    for log_filter in graph.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter"):
        made = log_filter.inputs["metricTransformation"]
        yield [made["namespace"], made["name"], *reveal(made.get("dimensions") or {}).values()]
    for acl in graph.of_type("aws:wafv2/webAcl:WebAcl"):
        yield [acl.inputs["visibilityConfig"]["metricName"]]

"""A stack declares the same a second time and under another name (G1), and meets no other in the account."""

import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from review.aws.catalog.catalog import normalize_token
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Graph, Resource, reveal
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.in_process.modules import own_modules
from review.tests.helpers.stacks import ALL, ROOT, VARIED, graph_of, project

# Inputs that are a name in the account, or in its region. Pulumi makes a `name` that a program leaves out, and the
# provider completes a prefix.
NAMES = ("name", "family", "bucket", "ruleName", "clusterIdentifier")
# Names inside another resource, which a second stack has for itself; and names that the stack file has.
CHECKED_BY_OTHER_TESTS = {
    *("aws:apigateway/stage:Stage", "aws:apigatewayv2/stage:Stage", "aws:apigatewayv2/authorizer:Authorizer"),
    *("aws:servicediscovery/service:Service", "aws:lambda/alias:Alias", "aws:apigateway/domainName:DomainName"),
    *("aws:apigatewayv2/domainName:DomainName", "aws:route53/record:Record", "aws:route53/zone:Zone"),
}


_NAMED = re.compile(r"urn:pulumi:[^:]+::[^:]+::")


@functools.cache
def imported_again() -> dict[str, ModuleType]:
    """The project's modules, imported a second time, once for all stacks."""
    graph_of("dev")
    with own_modules(ROOT, ROOT):
        before = set(sys.modules)
        run(project(), read_stack(project(), "dev"), reimport=False)
        return {name: sys.modules[name] for name in sys.modules.keys() - before}


def renamed(stack: str) -> Graph:
    """The graph of a stack file by these modules, under other names of project and stack."""
    found, modules = read_stack(project(), stack), imported_again()

    def key(old: str) -> str:
        return f"another:{old.partition(':')[2]}" if old.startswith(f"{project().name}:") else old

    other = replace(
        found,
        name="other",
        config={key(old): value for old, value in found.config.items()},
        parsed={key(old): value for old, value in found.parsed.items()},
        secret_keys=tuple(map(key, found.secret_keys)),
    )
    with own_modules(ROOT, ROOT):
        sys.modules.update(modules)
        return run(replace(project(), name="another"), other, reimport=False)


@pytest.mark.slow
@pytest.mark.parametrize("stack", VARIED)
def test_another_run_under_another_name_changes_no_resource(stack: str) -> None:
    assert [*map(inputs, renamed(stack))] == [*map(inputs, graph_of(stack))]


def inputs(resource: Resource) -> tuple[str, str, str]:
    """Type, name and all inputs, without the folder of a run's archives."""
    return resource.type, resource.name, repr(plain(resource.inputs))


def plain(value: Any) -> Any:
    value = reveal(value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, str):  # a statement refers to resources by their URNs, which have the names of both
        return _NAMED.sub("", value)
    return type(value).__name__ if hasattr(value, "path") else value


@pytest.mark.parametrize("stack", ALL)
def test_no_name_and_no_metric_in_the_account_is_fixed(stack: str) -> None:
    """Before AWS has answered, everything that is known is the program's own: two stacks would have it alike."""
    graph = graph_of(stack, known=False)
    for resource in graph:
        if resource.custom and normalize_token(resource.type) not in CHECKED_BY_OTHER_TESTS:
            fixed = [reveal(resource.inputs.get(key)) for key in NAMES]
            assert not [value for value in fixed if isinstance(value, str)], resource.urn
    for metric in metrics(graph):
        assert UNKNOWN in metric, f"another stack has it too: {metric}"


def metrics(graph: Graph) -> Iterator[list[Any]]:
    """What tells a metric from others: namespace, name and dimensions."""
    for alarm in graph.list_by_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        queries = [query["metric"] for query in alarm.inputs.get("metricQueries", ()) if "metric" in query]
        for metric in queries or [alarm.inputs]:
            dimensions = reveal(metric.get("dimensions")) or {}
            yield [metric["namespace"], metric["metricName"], *map(reveal, dimensions.values())]
    for log_filter in graph.list_by_type("aws:cloudwatch/logMetricFilter:LogMetricFilter"):
        made = log_filter.inputs["metricTransformation"]
        yield [made["namespace"], made["name"], *reveal(made.get("dimensions") or {}).values()]
    for acl in graph.list_by_type("aws:wafv2/webAcl:WebAcl"):
        yield [acl.inputs["visibilityConfig"]["metricName"]]

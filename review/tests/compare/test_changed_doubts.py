"""A resource beside the components that may open a way is a doubt when it comes, and when it differs."""

from review.compare.lines import Topic
from review.graph import Graph
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import graph_of
from review.tests.local_gateway.programs import add

URL = "aws:lambda/functionUrl:FunctionUrl"


def with_url(authorization: str) -> Graph:
    graph = graph_of("dev")
    (function,) = (one for one in graph.list_by_type("aws:lambda/function:Function") if one.name == "proxy-function")
    return add(graph, URL, "side", functionName=function.state["name"], authorizationType=authorization)


def list_doubts(before: Graph, after: Graph) -> list[str]:
    lines = compare_graphs(before, after).lines
    return [line.subject for line in lines if line.topic is Topic.CANNOT and line.subject]


def test_a_url_of_our_function_is_doubted_when_it_comes_and_when_it_differs() -> None:
    assert list_doubts(graph_of("dev"), with_url("AWS_IAM")) == ["side (FunctionUrl)"]
    assert list_doubts(with_url("AWS_IAM"), with_url("NONE")) == ["side (FunctionUrl)"]
    assert list_doubts(with_url("NONE"), with_url("NONE")) == []


def test_what_touches_nothing_of_ours_is_not_doubted() -> None:
    queues = (add(graph_of("dev"), "aws:sqs/queue:Queue", "side", delaySeconds=seconds) for seconds in (1, 2))
    assert list_doubts(*queues) == []

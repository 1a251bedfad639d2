"""Resources besides APIs and load balancers that call functions: URLs, queues, topics, buckets, events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import YES, Answer, Answered
from ...graph.evidence import get_deployed_input
from ...graph.reading import Doubt, as_list, as_text, find_values, list_dependencies
from ..catalog import types
from .api import find_function
from .lambda_permissions import find_qualifier
from .senders import admits_everybody
from .signatures import NONE, SignatureCheck, check_through

_UNKNOWN: Final = ":unknown"
"""Stands for a qualifier that is not known."""
URL: Final = "aws:lambda/functionUrl:FunctionUrl"
INPUTS: Final = {
    URL: (("functionName",), (), "internet"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (("functionName",), ("eventSourceArn",), "messages of {}"),
    "aws:sns/topicSubscription:TopicSubscription": (("endpoint",), ("topic",), "topic {}"),
    "aws:s3/bucketNotification:BucketNotification": (
        ("lambdaFunctions", "lambdaFunctionArn"),
        ("bucket",),
        "objects of {}",
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (("arn",), ("rule",), "events of {}"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": (
        ("destinationArn",),
        ("logGroup",),
        "log events of {}",
    ),
    "aws:scheduler/schedule:Schedule": (("target", "arn"), (), "schedule {}"),
}
"""By type: the input that names the function, the one that names the sender, and words for the sender."""
READ: Final = frozenset(INPUTS)
"""Types that are read though no component declares them so."""


@dataclass(frozen=True)
class FunctionCaller(Answered):
    """A resource that calls a function without an API. The answer is a doubt if it is not known who makes it call."""

    by: Resource
    function: Resource
    source: str
    """`internet`, `messages of jobs`, `internet, by messages of jobs` if anybody may send them."""
    needs: str = ""
    """`anyone`, `IAM`; empty for a service of AWS."""
    qualifier: Any = ""
    """The alias or version that it calls; empty without one, `UNKNOWN` if not known."""
    check: SignatureCheck = NONE
    """Whether the version of the function that it calls refuses requests without a signature."""

    @property
    def is_public(self) -> bool:
        """Whether anybody may call it."""
        return self.needs == "anyone"

    @property
    def may_be_public(self) -> bool:
        """Whether it is a URL of which it is not known what it requires."""
        return self.by.type == URL and not self.needs


def list_callers(graph: Graph) -> Iterator[FunctionCaller]:
    """The callers that the program itself declares. Those of components call only what they are made for."""
    for token, (path, sender, words) in INPUTS.items():
        for by in graph.list_by_type(token):
            if by.existing or by.is_of_component:
                continue
            needs, answer = _read_authorization(by) if token == URL else ("", YES)
            source = words.format(_name_sender(graph, by, sender))
            try:
                is_public = any(admits_everybody(graph, each) for each in _list_senders(graph, by, sender))
                source = f"internet, by {source}" if is_public else source
            except Doubt as doubt:
                answer = Doubt(*doubt.about)
            for function, named in _list_functions(graph, by, path):
                check = check_through(graph, function, named)
                qualifier = UNKNOWN if named.endswith(_UNKNOWN) else find_qualifier(graph, named)
                yield FunctionCaller(by, function, source, needs, qualifier, check, answer=answer)


def _list_functions(graph: Graph, by: Resource, path: tuple[str, ...]) -> list[tuple[Resource, str]]:
    """The functions that a caller names, each with the text that names it and its version."""
    values = find_values({path[0]: get_deployed_input(by, path[0])}, *path)
    qualifier = get_deployed_input(by, "qualifier") if by.type == URL else None
    ending = (_UNKNOWN if qualifier is UNKNOWN else f":{as_text(qualifier)}") if qualifier else ""
    named = [(find_function(graph, value), f":function:{as_text(value)}{ending}") for value in values]
    if UNKNOWN in values:
        named += [
            (function, f":function:{function.name}{ending}")
            for function in list_dependencies(graph, by, path[0], types.FUNCTION)
        ]
    return [*{function.urn: (function, text) for function, text in named if function is not None}.values()]


def _name_sender(graph: Graph, by: Resource, path: tuple[str, ...]) -> str:
    if not path:
        return by.name
    named = _list_senders(graph, by, path)
    return named[0].name if named else as_text(get_deployed_input(by, *path)) or by.name


def _list_senders(graph: Graph, by: Resource, path: tuple[str, ...]) -> list[Resource]:
    if not path:
        return []
    value: Any = get_deployed_input(by, *path)
    return [*list_dependencies(graph, by, path[0]), *graph.find_all(value)]


def _read_authorization(url: Resource) -> tuple[str, Answer]:
    """What a function URL needs of its callers: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"""
    kinds = as_list(get_deployed_input(url, "authorizationType"))
    if kinds == ["AWS_IAM"]:
        return "IAM", YES
    return ("anyone", YES) if kinds == ["NONE"] else ("", Doubt(f"which authorization {url.name} requires"))

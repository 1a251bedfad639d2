"""Rights to call the stack's functions that IAM policies of the program give."""

from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.callers import ANYBODY, list_principals, normalize_service
from ..aws.identity.iam import evaluate_policy, list_allow_statements
from ..aws.identity.managed_policies import is_known_to_call_no_function
from ..graph import UNKNOWN, Graph, Resource
from ..graph.deployed_inputs import get_deployed_input
from ..graph.reading import Doubt, MalformedDocument, find_referenced
from .arns import list_arns
from .documents import list_documents

_INVOKE: Final = ("lambda:InvokeFunction", "lambda:InvokeAsync")
"""Actions of calls: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html"""
_READ: Final = ("apigateway.amazonaws.com", "scheduler.amazonaws.com")
"""Services whose calls of functions the review reads by themselves."""


def list_holders(graph: Graph, by: Resource, functions: list[Resource]) -> Iterator[Resource]:
    """The functions that the policies of a resource may let somebody call."""
    documents = [] if _is_for_read_service(graph, by) else list(list_documents(by))
    for function in functions:
        if any(_may_allow(graph, document, function) for document in documents):
            yield function


def _is_for_read_service(graph: Graph, by: Resource) -> bool:
    """Whether only API Gateway or EventBridge Scheduler takes the role: the call comes by an API or a schedule."""
    named = (role for key in ("role", "roleName") for role in find_referenced(graph, by, key, types=types.ROLE))
    roles = [by] if by.type in types.ROLE else [*named]
    return bool(roles) and all(map(_is_taken_by_read_service, roles))


def _is_taken_by_read_service(role: Resource) -> bool:
    try:
        statements = list(list_allow_statements(get_deployed_input(role, "assumeRolePolicy")))
    except (Doubt, MalformedDocument):
        return False
    return bool(statements) and all(
        "Principal" in statement and kind == "Service" and normalize_service(principal) in _READ
        for statement in statements
        for kind, principal in list_principals(statement)
    )


def _may_allow(graph: Graph, document: Any, function: Resource) -> bool:
    if isinstance(document, str) and document.startswith("arn:"):
        return ":policy/" in document and not is_known_to_call_no_function(document)
    if document is UNKNOWN:
        return True
    try:
        return any(
            not evaluate_policy(document, caller=ANYBODY, action=action, resource=arn).refused
            for arn in list_arns(graph, function, document)
            for action in _INVOKE
        )
    except Doubt:
        return True
    except MalformedDocument:
        return False

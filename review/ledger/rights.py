"""Rights to call the stack's functions that IAM policies of the program give."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.callers import ANYBODY
from ..aws.identity.iam import evaluate_policy
from ..aws.identity.managed_policies import resolve_document
from ..graph import UNKNOWN, Graph, Resource
from ..graph.reading import (
    Doubt,
    MalformedDocument,
    as_list,
    as_text,
    find_first_referenced,
    find_values,
    get_declared_input,
    get_output,
)

_INVOKE = "lambda:InvokeFunction"
_OF_LAMBDA: Final = re.compile(r"Lambda(?!.*(ExecutionRole|ReadOnly))")
"""Names of AWS's own policies that may allow calls, of those whose documents are not in the catalog.
https://docs.aws.amazon.com/lambda/latest/dg/permissions-user-function.html"""
_READ = ("apigateway.amazonaws.com", "scheduler.amazonaws.com")
"""Services whose calls of functions the review reads by themselves."""


def list_holders(graph: Graph, by: Resource, functions: list[Resource]) -> Iterator[Resource]:
    """The functions that the policies of an IAM resource may let somebody call."""
    documents = [] if _is_for_read_service(graph, by) else list(_list_documents(by))
    for function in functions:
        if any(_may_allow(document, as_text(get_output(function, "arn")) or "*") for document in documents):
            yield function


def _is_for_read_service(graph: Graph, by: Resource) -> bool:
    """Whether only API Gateway or EventBridge Scheduler takes the role: the call comes by an API or a schedule."""
    role = by if by.type in types.ROLE else find_first_referenced(graph, by, "role", types=types.ROLE)
    trusted = as_text(get_declared_input(role, "assumeRolePolicy")) if role is not None else ""
    is_read = any(service in trusted for service in _READ)
    return is_read and trusted.count(".amazonaws.com") == 1 and '"AWS"' not in trusted


def _list_documents(by: Resource) -> Iterator[Any]:
    """The documents of a policy, or that a role or an attachment names. A declared policy is evaluated by itself."""
    for key in ("policy", "policyDocument"):
        if (document := get_declared_input(by, key)) is not None:
            yield document
    yield from (document for document in find_values(by.inputs, "inlinePolicies", "policy") if document is not None)
    yield from map(resolve_document, as_list(get_declared_input(by, "managedPolicyArns")))
    if (arn := get_declared_input(by, "policyArn")) is not None:
        yield resolve_document(arn)


def _may_allow(document: Any, arn: str) -> bool:
    if isinstance(document, str) and document.startswith("arn:"):
        is_of_aws = document.startswith("arn:aws:iam::aws:")
        return bool(_OF_LAMBDA.search(document)) if is_of_aws else ":policy/" in document
    if document is UNKNOWN:
        return True
    try:
        return not evaluate_policy(document, caller=ANYBODY, action=_INVOKE, resource=arn).refused
    except Doubt:
        return True
    except MalformedDocument:
        return False

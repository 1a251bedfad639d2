"""IAM policies in the inputs of a resource, by which it may give somebody rights."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog.catalog import is_read
from ..aws.identity.managed_policies import resolve_document
from ..graph import UNKNOWN, Resource, reveal
from ..graph.deployed_inputs import get_deployed_input, get_deployed_inputs
from ..graph.reading import MalformedDocument, as_list, find_values, parse_document

_OF_IAM: Final = re.compile(r"(aws|aws-native):(iam|sso|ssoadmin)[:/].*")
"""Types whose policies are of identities. Cloud Control names the type in an input."""
_CLOUD_CONTROL: Final = re.compile(r"AWS::(IAM|SSO)::\w+")
_ATTACHED: Final = re.compile(r"(managed)?policyArns?|customerManagedPolicyReference", re.IGNORECASE)
"""Inputs, of any provider, that name a policy whose rights an identity gets: no boundary."""
_WRITTEN: Final = re.compile(r"(inline)?polic(y|ies)|policyDocument|desiredState", re.IGNORECASE)
_LOOKS_LIKE_ONE: Final = re.compile(r"(?s)(?=.*\bStatement\b)(?=.*\bEffect\b).*\bAllow\b")
"""A policy in a text of another language: in a template, or in a command."""
_GIVES_NO_RIGHT: Final = re.compile(r"(aws|aws-native):organizations[:/].*")
"""Its policies only limit rights that others give.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"""


def list_documents(by: Resource) -> Iterator[Any]:
    """The documents that a resource gives an identity, ARNs of those that are not known; `UNKNOWN` for any other."""
    if by.type.startswith("aws:iam/"):
        yield from _list_of_iam(by)
    elif not is_read(by.type) and not _GIVES_NO_RIGHT.fullmatch(by.type):
        is_of_iam = bool(_OF_IAM.fullmatch(by.type) or _CLOUD_CONTROL.fullmatch(str(reveal(by.inputs.get("typeName")))))
        for key, value in get_deployed_inputs(by).items():
            yield from _find_in(value, key, is_of_iam=is_of_iam)


def _list_of_iam(by: Resource) -> Iterator[Any]:
    """The documents of a policy, or that a role or an attachment names. A declared policy is evaluated by itself."""
    for key in ("policy", "policyDocument"):
        if (document := get_deployed_input(by, key)) is not None:
            yield document
    inline = {"inlinePolicies": get_deployed_input(by, "inlinePolicies")}
    yield from (document for document in find_values(inline, "inlinePolicies", "policy") if document is not None)
    for key in ("managedPolicyArns", "policyArns", "policyArn"):
        yield from map(resolve_document, as_list(get_deployed_input(by, key)))


def _find_in(value: Any, key: str, *, is_of_iam: bool) -> Iterator[Any]:
    """The documents at any depth of an input, also in JSON text."""
    value = reveal(value)
    if isinstance(value, list):
        for inner in value:
            yield from _find_in(inner, key, is_of_iam=is_of_iam)
    elif is_of_iam and _ATTACHED.fullmatch(key) and value is not None:
        yield resolve_document(value) if isinstance(value, str) else UNKNOWN
    elif isinstance(value, Mapping):
        if statements := [*filter(_may_be_of_identity, as_list(value.get("Statement")))]:
            yield {**value, "Statement": statements}
        for name, inner in value.items():
            yield from _find_in(inner, name, is_of_iam=is_of_iam)
    elif isinstance(value, str) and "Statement" in value:
        yield from _find_in_text(value, key, is_of_iam=is_of_iam)
    elif is_of_iam and value is UNKNOWN and _WRITTEN.fullmatch(key):
        yield UNKNOWN


def _may_be_of_identity(statement: Any) -> bool:
    """Whether a statement is of no resource's policy: that names its principals, and is about the resource alone."""
    return not isinstance(statement, Mapping) or {"Principal", "NotPrincipal"}.isdisjoint(statement)


def _find_in_text(text: str, key: str, *, is_of_iam: bool) -> Iterator[Any]:
    try:
        parsed = parse_document(text, key)
    except MalformedDocument:
        if _LOOKS_LIKE_ONE.match(text):
            yield UNKNOWN
        return
    if isinstance(parsed, Mapping | list):
        yield from _find_in(parsed, key, is_of_iam=is_of_iam)

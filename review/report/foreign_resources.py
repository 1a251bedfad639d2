"""What other accounts must allow: secrets, images, topics and other resources of theirs that a program uses."""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.arrival import ALARM
from ..aws.catalog import types
from ..aws.identity.iam import list_allow_statements
from ..aws.model.model import AwsModel
from ..facts import aws_permissions, container_image
from ..facts.foreign_resources import RULES, parse_place
from ..graph import Graph, Origin, Resource, list_texts, reveal_all
from ..graph.evidence import get_deployed_input
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..graph.reading import Doubt, MalformedDocument, as_list, as_text

_OTHER_KINDS: Final = {
    "image": re.compile(r"arn:[^:]+:ecr:[^:]*:\d*:repository/([^*?]+)"),
    "layer": re.compile(r"arn:[^:]+:lambda:[^:]*:\d*:layer:([^*?]+)"),
}
"""Kinds that no word of `permissions` is for, with the pattern of their ARNs."""


def list_foreign_resources(model: AwsModel) -> list[str]:
    """A sentence for each kind of resource of other accounts. None if the stack's own account is not known."""
    graph = model.graph
    own = _list_own_accounts(graph)
    found = (_describe(arn) for arn in _list_arns(model)) if own else ()
    foreign = {one for one in found if one is not None and one[1] not in ("", *own)}
    groups = group_pairs(((kind, account), name) for kind, account, name in sorted(foreign))
    return [
        f"{kind.replace('-', ' ')} {join_names(dict.fromkeys(names))} of account {account}: {RULES[kind].grant}"
        for (kind, account), names in groups.items()
    ]


def _list_own_accounts(graph: Graph) -> list[str]:
    given = graph.config.get("aws:allowedAccountIds") or graph.config.get("allowedAccountIds")
    allowed = [as_text(account) for account in as_list(reveal_all(given))] if given else []
    return allowed or ([graph.account] if graph.account and graph.origin is not Origin.PROGRAM else [])


def _describe(arn: str) -> tuple[str, str, str] | None:
    """The kind, the account and the name of a resource that its account can share."""
    account = parse_place(arn).account
    if (named := aws_permissions.parse_arn(arn)) is not None:
        return (named.kind, account, named.name) if named.kind in RULES else None
    matches = ((kind, pattern.fullmatch(arn)) for kind, pattern in _OTHER_KINDS.items())
    return next(((kind, account, match[1]) for kind, match in matches if match is not None), None)


def _list_arns(model: AwsModel) -> Iterator[str]:
    for node in model.nodes.list_compute():
        for role in model.roles.list_roles(node.resource):
            for _, policy in model.roles.list_policies(role):
                yield from _list_allowed(policy)
    for resource in model.graph.list_by_type(*types.TASK_DEFINITION, *types.FUNCTION):
        if not resource.existing:
            yield from _list_used(resource)
    for alarm in model.graph.list_by_type(ALARM):
        yield from (text for text in list_texts(reveal_all(alarm.inputs)) if ":sns:" in text)


def _list_allowed(policy: object) -> Iterator[str]:
    try:
        for statement in list_allow_statements(policy):
            yield from map(as_text, as_list(statement.get("Resource")))
    except (Doubt, MalformedDocument):
        return


def _list_used(resource: Resource) -> Iterator[str]:
    """ARNs of the images and layers that a task or a function names."""
    yield from map(as_text, as_list(get_deployed_input(resource, "layers")))
    key = "imageUri" if resource.type in types.FUNCTION else "containerDefinitions"
    for name in re.findall(r"\d{12}\.dkr[.-]ecr\.[\w./:@-]+", as_text(reveal_all(get_deployed_input(resource, key)))):
        try:
            image = container_image.parse(name)
        except ValueError:
            continue
        yield f"arn:aws:ecr:{image.region}:{image.account}:repository/{image.repository}"

"""Names, sizes, JSON documents and archives that AWS refuses when it receives them, in the middle of a deployment."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import find_row
from ..aws.gateway.definitions import read_definition
from ..aws.gateway.documents import PolicyKind, list_api_faults, list_policy_faults
from ..aws.network.route import Family
from ..facts import limits
from ..graph import UNKNOWN, Resource
from ..graph.reading import (
    AFTER_DEPLOYMENT,
    Doubt,
    as_text,
    find_values,
    get_declared_input,
    parse_document,
    require_known,
)
from ..paths import Reachability
from .registry import Message, Severity, rule

_KINDS: Final = {
    **dict.fromkeys((*types.ROLE_POLICY, *types.POLICY), PolicyKind.IDENTITY),
    **dict.fromkeys(types.ROLE, PolicyKind.TRUST),
    **dict.fromkeys((*types.REST_API, *types.ENDPOINT), PolicyKind.RESOURCE),
}
"""Types with a policy, and its kind."""


@rule("DOC-01", Severity.HIGH, on=tuple(_KINDS), alone=True)
def require_well_formed_policies(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A policy follows IAM's grammar.
    Why: AWS refuses a malformed policy only after other resources have been created.
    Remedy: Correct the part that the finding names.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    policies = [(_KINDS[resource.type], _read_policy(resource))]
    policies += [(PolicyKind.IDENTITY, policy) for policy in _list_inline_policies(resource)]
    for kind, value in policies:
        if value is not None:
            parsed = _replace_guesses(reach, parse_document(value, f"the policy of {resource.name}"))
            yield from (f"the policy of {resource.name}: {fault}" for fault in list_policy_faults(parsed, kind))


@rule("DOC-03", Severity.HIGH, on=types.APIS, alone=True)
def require_well_formed_definitions(reach: Reachability, resource: Resource) -> Iterator[str]:
    """API Gateway can import the API's definition.
    Why: API Gateway refuses other definitions, or ignores the part that it does not know.
    Remedy: Correct the part that the finding names.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """
    text = require_known(get_declared_input(resource, "body"), f"the definition of {resource.name}")
    if text is None:
        return
    body = read_definition(reach.model.graph, resource)
    if not isinstance(body, Mapping):
        yield f"the definition of {resource.name} is neither JSON nor YAML of an object"
        return
    if (size := len(as_text(text).encode())) > (most := limits.API_DEFINITION_BYTES):
        yield f"the definition of {resource.name} has {size:,} bytes; API Gateway imports {most:,}"
    yield from (f"the definition of {resource.name}: {fault}" for fault in list_api_faults(body))


def _read_policy(resource: Resource) -> Any:
    return get_declared_input(resource, "assumeRolePolicy" if resource.type in types.ROLE else "policy")


def _list_inline_policies(resource: Resource) -> list[Any]:
    return find_values(resource.inputs, "inlinePolicies", "policy") if resource.type in types.ROLE else []


def _replace_guesses(reach: Reachability, value: Any) -> Any:
    """A document with `*` for ids that the review made up for types whose ids it does not know: they may be ARNs."""
    if isinstance(value, Mapping):
        return {key: _replace_guesses(reach, part) for key, part in value.items()}
    if isinstance(value, list):
        return [_replace_guesses(reach, part) for part in value]
    resource = reach.model.graph.find(value) if isinstance(value, str) and not value.startswith("arn:") else None
    return "*" if resource is not None and find_row(resource.type).mock is None else value


@rule("LIMIT-02", Severity.HIGH, on=types.SECURITY_GROUP, most=limits.SECURITY_GROUP_RULES)
def limit_group_rules(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A security group has no more rules than AWS allows.
    Why: AWS refuses each rule after the first {most} of a direction and address family, if the quota is not raised.
    Remedy: Name a wider range, a security group or a prefix list in place of single ranges, or have the quota raised.
    https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    """
    most = limits.SECURITY_GROUP_RULES
    for key, direction in (("ingress", "inbound"), ("egress", "outbound")):
        if get_declared_input(resource, key) is UNKNOWN:
            yield Doubt(f"the {direction} rules of {resource.name} are {AFTER_DEPLOYMENT}")
            continue
        rules = reach.model.groups.list_rules(resource.urn, inward=key == "ingress")
        # A group counts once in each family, and a prefix list as its most entries, which are one or more.
        counts = {
            family: sum(not rule.cidr or Family.from_cidr(rule.cidr) is family for rule in rules) for family in Family
        }
        for family, count in counts.items():
            if count > most:
                yield f"{resource.name} has {count} {direction} rules of {family.value}; AWS allows {most}"

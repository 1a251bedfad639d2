"""Names, sizes, JSON documents and archives that AWS refuses when it receives them, in the middle of a deployment."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import find_row, normalize_token
from ..aws.catalog.naming import NAME_RULES, read_name
from ..aws.compute.functions import measure_unzipped_size
from ..aws.compute.user_data import INPUTS, decode_script
from ..aws.gateway.definitions import read_definition
from ..aws.gateway.documents import PolicyKind, list_api_faults, list_policy_faults, measure_policy
from ..aws.network.route import Family
from ..facts import limits
from ..facts.resource_names import list_name_faults
from ..graph import Asset, Resource
from ..graph.reading import as_text, find_values, get_declared_input, parse_document, require_known
from ..paths import Reachability
from .registry import Severity, rule

_KINDS: Final = {
    **dict.fromkeys((*types.ROLE_POLICY, *types.POLICY), PolicyKind.IDENTITY),
    **dict.fromkeys(types.ROLE, PolicyKind.TRUST),
    **dict.fromkeys((*types.REST_API, *types.ENDPOINT), PolicyKind.RESOURCE),
}
"""Types with a policy, and its kind."""

_CHARACTERS: Final = {
    **dict.fromkeys(types.POLICY, limits.MANAGED_POLICY_CHARACTERS),
    **dict.fromkeys(types.ROLE, limits.TRUST_POLICY_CHARACTERS),
}


@rule("DOC-01", Severity.HIGH, on=tuple(_KINDS), alone=True)
def require_well_formed_policies(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A policy follows IAM's grammar.
    Why: AWS refuses a malformed policy when it receives it, after other resources have been created.
    Remedy: Correct the part that the finding names.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    policies = [(_KINDS[resource.type], _read_policy(resource))]
    policies += [(PolicyKind.IDENTITY, policy) for policy in _list_inline_policies(resource)]
    for kind, value in policies:
        if value is not None:
            parsed = _replace_guesses(reach, parse_document(value, f"the policy of {resource.name}"))
            yield from (f"the policy of {resource.name}: {fault}" for fault in list_policy_faults(parsed, kind))


@rule("DOC-02", Severity.HIGH, on=tuple(_KINDS))
def limit_policy_size(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A policy is no longer than AWS takes.
    Why: AWS refuses a longer policy when it receives it, after other resources have been created.
    Remedy: Join statements that differ in one element, or split the policy into managed policies.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    value = _read_policy(resource)
    name = f"the policy of {resource.name} has"
    if limit := _CHARACTERS.get(resource.type):
        yield from _report_if_too_long(name, measure_policy(_to_text(resource, value)), limit)
    if resource.type in types.ENDPOINT:  # where white space counts too
        yield from _report_if_too_long(name, len(_to_text(resource, value)), limits.ENDPOINT_POLICY_CHARACTERS)
    if resource.type in types.ROLE:
        policies = _list_inline_policies(resource)
        for attached in reach.model.roles.list_attachments(resource):
            if attached.type in types.ROLE_POLICY:
                policies.append(get_declared_input(attached, "policy"))
        length = sum(measure_policy(_to_text(resource, policy)) for policy in policies)
        together = f"the inline policies of {resource.name} together have"
        yield from _report_if_too_long(together, length, limits.ROLE_POLICIES_CHARACTERS)


@rule("DOC-03", Severity.HIGH, on=types.APIS, alone=True)
def require_well_formed_definitions(reach: Reachability, resource: Resource) -> Iterator[str]:
    """An API's definition is one that API Gateway imports.
    Why: API Gateway refuses a definition when it receives it, or passes over the part that it does not know.
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


@rule("DOC-04", Severity.HIGH, on=types.REST_API)
def limit_resource_count(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A REST API has no more resources than API Gateway allows.
    Why: Each part of a path is a resource; API Gateway refuses what comes after the last that the quota allows.
    Remedy: Join routes by a greedy {proxy+}, or have the quota raised.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    """
    paths = {call.path for call in reach.model.apis.find(resource).calls}
    parts = {tuple(path.strip("/").split("/")[: end + 1]) for path in paths for end in range(path.count("/"))}
    if len(parts) > limits.REST_RESOURCES:
        yield f"{resource.name} has {len(parts)} resources; API Gateway allows {limits.REST_RESOURCES} by default"


@rule("DOC-05", Severity.HIGH, on=types.BOOTED, most=limits.USER_DATA_BYTES)
def limit_user_data_size(resource: Resource) -> Iterator[str]:
    """User data is no longer than EC2 takes.
    Why: EC2 refuses more than {most:,} bytes before base64.
    Remedy: Keep long parts in S3 or in Systems Manager parameters, and fetch them at boot.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
    """
    for key in INPUTS:
        size = len(decode_script(_to_text(resource, get_declared_input(resource, key))).encode())
        if size > limits.USER_DATA_BYTES:
            yield f"the user data of {resource.name} has {size:,} bytes"


_ZIPPED, _UNZIPPED = limits.LAMBDA_UPLOAD_BYTES, limits.LAMBDA_CODE_BYTES


@rule("DOC-06", Severity.HIGH, on=types.FUNCTION, program_only=True, zipped=_ZIPPED, unzipped=_UNZIPPED)
def limit_code_size(_reach: Reachability, resource: Resource) -> Iterator[str]:
    """A function's code is no larger than Lambda takes.
    Why: Lambda takes zips of {zipped:,} bytes with the call, and {unzipped:,} unzipped.
    Remedy: Leave out what the function does not import, upload the zip to S3, or build a container image.
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    code = get_declared_input(resource, "code")
    if not isinstance(code, Asset):
        return
    if (size := measure_unzipped_size(code)) > _UNZIPPED:
        yield f"the code of {resource.name} has {size:,} bytes unzipped; Lambda takes {_UNZIPPED:,}"
    if zipfile.is_zipfile(code.place) and (size := code.place.stat().st_size) > _ZIPPED:
        yield f"the zip of {resource.name} has {size:,} bytes; Lambda takes {_ZIPPED:,} with the call"


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


def _report_if_too_long(has: str, length: int, limit: int) -> Iterator[str]:
    if length > limit:
        yield f"{has} {length:,} characters; AWS takes {limit:,}"


def _to_text(resource: Resource, value: Any) -> str:
    require_known(value, f"a document of {resource.name}")
    return as_text(value) if value is None or isinstance(value, str) else json.dumps(value, default=str)


@rule("LIMIT-01", Severity.HIGH, on=tuple(NAME_RULES), program_only=True)
def require_acceptable_names(reach: Reachability, resource: Resource) -> Iterator[str]:
    """Names are such as AWS accepts: characters, reserved beginnings and length.
    Why: Another name is refused when the resource is created, in the middle of the deployment.
    Remedy: Change the logical name, to which Pulumi adds eight characters, or give a name of your own.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    name = read_name(reach.model.graph, resource)
    for fault in list_name_faults(NAME_RULES[normalize_token(resource.type)], name) if name is not None else ():
        named = (
            f"the name {name!r}" if get_declared_input(resource, "name") else f"the automatic name of {resource.name}"
        )
        yield f"{named} {fault}"


@rule("LIMIT-02", Severity.HIGH, on=types.SECURITY_GROUP, most=limits.SECURITY_GROUP_RULES)
def limit_group_rules(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A security group has no more rules than AWS allows.
    Why: AWS refuses each rule after the first {most} of a direction and address family, unless it has raised the quota.
    Remedy: Name a wider range, a security group or a prefix list in place of single ranges, or have the quota raised.
    https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    """
    most = limits.SECURITY_GROUP_RULES
    for key, direction in (("ingress", "inbound"), ("egress", "outbound")):
        require_known(get_declared_input(resource, key), f"the {direction} rules of {resource.name}")
        rules = reach.model.groups.list_rules(resource.urn, inward=key == "ingress")
        # A group counts once in each family, and a prefix list as its most entries, which are one or more.
        counts = {
            family: sum(not rule.cidr or Family.from_cidr(rule.cidr) is family for rule in rules) for family in Family
        }
        for family, count in counts.items():
            if count > most:
                yield f"{resource.name} has {count} {direction} rules of {family.value}; AWS allows {most}"

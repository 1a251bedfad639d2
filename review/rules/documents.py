"""JSON documents and archives that AWS refuses when it receives them, in the middle of a deployment."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..aws import types
from ..aws.apis import definition
from ..aws.catalog import row
from ..aws.documents import PolicyKind, api_faults, policy_faults, policy_size
from ..aws.packages import unzipped_size
from ..aws.user_data import decoded
from ..facts import limits
from ..graph import UNKNOWN, Asset, Resource
from ..graph.reading import CannotTell, document, peek, spread, text
from ..reach import Reach
from .registry import Severity, rule

_POLICY_RESOURCES: Final[dict[str, tuple[PolicyKind, str]]] = {
    **dict.fromkeys((*types.ROLE_POLICY, *types.POLICY), (PolicyKind.IDENTITY, "policy")),
    "aws:iam/userPolicy:UserPolicy": (PolicyKind.IDENTITY, "policy"),
    "aws:iam/groupPolicy:GroupPolicy": (PolicyKind.IDENTITY, "policy"),
    **dict.fromkeys(types.ROLE, (PolicyKind.TRUST, "assumeRolePolicy")),
    **dict.fromkeys((*types.ENDPOINT, *types.ENDPOINT_POLICY), (PolicyKind.RESOURCE, "policy")),
    **dict.fromkeys((*types.REST_API, *types.REST_POLICY), (PolicyKind.RESOURCE, "policy")),
    "aws:s3/bucketPolicy:BucketPolicy": (PolicyKind.RESOURCE, "policy"),
    "aws:kms/key:Key": (PolicyKind.RESOURCE, "policy"),
    "aws:kms/keyPolicy:KeyPolicy": (PolicyKind.RESOURCE, "policy"),
    "aws:secretsmanager/secretPolicy:SecretPolicy": (PolicyKind.RESOURCE, "policy"),
    "aws:sns/topicPolicy:TopicPolicy": (PolicyKind.RESOURCE, "policy"),
    "aws:sqs/queuePolicy:QueuePolicy": (PolicyKind.RESOURCE, "policy"),
    "aws:secretsmanager/secret:Secret": (PolicyKind.RESOURCE, "policy"),
    "aws:sns/topic:Topic": (PolicyKind.RESOURCE, "policy"),
    "aws:sqs/queue:Queue": (PolicyKind.RESOURCE, "policy"),
}
"""Types with a policy: its kind, and where it is."""

_CHARACTERS: Final = {
    **dict.fromkeys(types.POLICY, limits.MANAGED_POLICY_CHARACTERS),
    **dict.fromkeys(types.ROLE, limits.TRUST_POLICY_CHARACTERS),
    "aws:iam/userPolicy:UserPolicy": limits.USER_POLICIES_CHARACTERS,
    "aws:iam/groupPolicy:GroupPolicy": limits.GROUP_POLICIES_CHARACTERS,
}
_WRITTEN_CHARACTERS: Final = {
    **dict.fromkeys((*types.ENDPOINT, *types.ENDPOINT_POLICY), limits.ENDPOINT_POLICY_CHARACTERS),
    "aws:s3/bucketPolicy:BucketPolicy": limits.BUCKET_POLICY_BYTES,
}
"""Where white space counts too."""


@rule("DOC-01", Severity.HIGH, on=tuple(_POLICY_RESOURCES), alone=True)
def policies_are_well_formed(reach: Reach, resource: Resource) -> Iterator[str]:
    """A policy follows IAM's grammar.

    Why: AWS refuses a malformed policy when it receives it, after other resources have been created.
    Remedy: Correct the part that the finding names.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    kind, key = _POLICY_RESOURCES[resource.type]
    named = [(kind, peek(resource, key))]
    if resource.type in types.ROLE:
        named += [(PolicyKind.IDENTITY, policy) for policy in spread(resource.inputs, "inlinePolicies", "policy")]
    for each, value in named:
        if value is not None:
            parsed = _without_guesses(reach, document(value, f"the policy of {resource.name}"))
            yield from (f"the policy of {resource.name}: {fault}" for fault in policy_faults(parsed, each))


@rule("DOC-02", Severity.HIGH, on=tuple(_POLICY_RESOURCES))
def policies_fit(reach: Reach, resource: Resource) -> Iterator[str]:
    """A policy is no longer than AWS takes.

    Why: AWS refuses a longer policy when it receives it, after other resources have been created.
    Remedy: Join statements that differ in one element, or split the policy into managed policies.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    _, key = _POLICY_RESOURCES[resource.type]
    value = peek(resource, key)
    name = f"the policy of {resource.name} has"
    if limit := _CHARACTERS.get(resource.type):
        yield from _too_long(name, policy_size(_text(resource, value)), limit)
    if limit := _WRITTEN_CHARACTERS.get(resource.type):
        yield from _too_long(name, len(_text(resource, value)), limit)
    if resource.type in types.ROLE:
        apart = [hit for hit in reach.model.roles.attachments(resource) if hit.type in types.ROLE_POLICY]
        inline = [*spread(resource.inputs, "inlinePolicies", "policy"), *(peek(policy, "policy") for policy in apart)]
        length = sum(policy_size(_text(resource, policy)) for policy in inline)
        yield from _too_long(
            f"the inline policies of {resource.name} together have", length, limits.ROLE_POLICIES_CHARACTERS
        )


@rule("DOC-03", Severity.HIGH, on=(*types.REST_API, *types.HTTP_API))
def definitions_are_well_formed(resource: Resource) -> Iterator[str]:
    """An API's definition is one that API Gateway imports.

    Why: API Gateway refuses a definition when it receives it, or passes over the part that it does not know.
    Remedy: Correct the part that the finding names.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """
    written = peek(resource, "body")
    if written is None:
        return
    if written is UNKNOWN:
        raise CannotTell(f"the definition of {resource.name} is known only after deployment")
    body = definition(resource)
    if not isinstance(body, Mapping):
        yield f"the definition of {resource.name} is neither JSON nor YAML of an object"
        return
    if (size := len(text(written).encode())) > limits.API_DEFINITION_BYTES:
        most = limits.API_DEFINITION_BYTES
        yield f"the definition of {resource.name} has {size:,} bytes; API Gateway imports {most:,}"
    yield from (f"the definition of {resource.name}: {fault}" for fault in api_faults(body))


@rule("DOC-04", Severity.HIGH, on=types.REST_API)
def resources_fit(reach: Reach, resource: Resource) -> Iterator[str]:
    """A REST API has no more resources than API Gateway allows.

    Why: Each part of a path is a resource; API Gateway refuses what comes after the last that the quota allows.
    Remedy: Join routes by a greedy {proxy+}, or have the quota raised.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    """
    api = reach.model.apis.of(resource)
    paths = {call.path for call in api.calls}
    parts = {tuple(path.strip("/").split("/")[: end + 1]) for path in paths for end in range(path.count("/"))}
    if len(parts) > limits.REST_RESOURCES:
        yield f"{resource.name} has {len(parts)} resources; API Gateway allows {limits.REST_RESOURCES} by default"


@rule("DOC-05", Severity.HIGH, on=(*types.INSTANCE, *types.LAUNCH_TEMPLATE), most=limits.USER_DATA_BYTES)
def user_data_fits(resource: Resource) -> Iterator[str]:
    """User data is no longer than EC2 takes.

    Why: EC2 refuses more than {most:,} bytes before base64.
    Remedy: Keep long parts in S3 or in Systems Manager parameters, and fetch them at boot.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
    """
    for key in ("userData", "userDataBase64"):
        size = len(decoded(_text(resource, peek(resource, key))).encode())
        if size > limits.USER_DATA_BYTES:
            yield f"the user data of {resource.name} has {size:,} bytes"


@rule(
    "DOC-06",
    Severity.HIGH,
    on=types.FUNCTION,
    program_only=True,
    zipped=limits.LAMBDA_UPLOAD_BYTES,
    unzipped=limits.LAMBDA_CODE_BYTES,
)
def code_fits(_reach: Reach, resource: Resource) -> Iterator[str]:
    """A function's code is no larger than Lambda takes.

    Why: Lambda takes zips of {zipped:,} bytes with the call, and {unzipped:,} unzipped.
    Remedy: Leave out what the function does not import, upload the zip to S3, or build a container image.
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    code = peek(resource, "code")
    if not isinstance(code, Asset):
        return
    if (size := unzipped_size(code)) > limits.LAMBDA_CODE_BYTES:
        yield f"the code of {resource.name} has {size:,} bytes unzipped; Lambda takes {limits.LAMBDA_CODE_BYTES:,}"
    package = Path(code.base, code.path)
    most = limits.LAMBDA_UPLOAD_BYTES
    if zipfile.is_zipfile(package) and (size := package.stat().st_size) > most:
        yield f"the zip of {resource.name} has {size:,} bytes; Lambda takes {most:,} with the call"


def _without_guesses(reach: Reach, value: Any) -> Any:
    """A document with `*` for ids that the review made up for types whose ids it does not know: they may be ARNs."""
    if isinstance(value, Mapping):
        return {key: _without_guesses(reach, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_guesses(reach, each) for each in value]
    made = reach.model.graph.find(value) if isinstance(value, str) and not value.startswith("arn:") else None
    return "*" if made is not None and row(made.type).mock is None else value


def _too_long(has: str, length: int, limit: int) -> Iterator[str]:
    if length > limit:
        yield f"{has} {length:,} characters; AWS takes {limit:,}"


def _text(resource: Resource, value: Any) -> str:
    if value is UNKNOWN:
        raise CannotTell(f"a document of {resource.name} is known only after deployment")
    return text(value) if value is None or isinstance(value, str) else json.dumps(value, default=str)

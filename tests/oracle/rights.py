"""What each component's roles may do, by their policies, and the same by the statements."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.facts import aws_permissions, container_image
from components.recording.resources import Resource
from tests.oracle.stack import Fact, Stack, plain, statements_of


@dataclass(frozen=True)
class Named:
    """A resource that an ARN of a policy names."""

    kind: str
    name: str
    """Its name, with the part of the resource if that is not one of the table above."""


def parse_arn(arn: str) -> Named | None:
    """The resource that an ARN, which may end in a part of it, names; None for another kind, and for a pattern."""
    match = re.fullmatch(r"arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(?:\d{12})?:(.+)", arn)
    for kind, known in aws_permissions.KINDS.items():
        before, _, after = known.resource.partition("{name}")
        if match is None or match[1] != known.service or not match[3].startswith(before):
            continue
        name = match[3].removeprefix(before).removesuffix(after)
        for part in sorted({part for by_part in known.words.values() for part in by_part}, reverse=True):
            name = name.removesuffix(part)
        return Named(kind, name) if name and not re.search(r"[*?]", name) and match[2] != "*" else None
    return None


_OWN: dict[str, frozenset[frozenset[str]]] = {
    "logs": frozenset({frozenset({"logs:CreateLogStream", "logs:PutLogEvents"})}),
    "flowLogs": frozenset({frozenset({"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"})}),
    "sessions": frozenset(
        {
            frozenset(f"ssmmessages:{what}{kind}Channel" for what in ("Create", "Open") for kind in ("Control", "Data"))
            | agent
            for agent in (frozenset[str](), frozenset({"ssm:UpdateInstanceInformation"}))
        }
    ),
    "interfaces": frozenset(
        {
            frozenset(
                f"ec2:{action}"
                for action in (
                    *("CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets"),
                    *("DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
                )
            )
        }
    ),
    "forwarding": frozenset(
        {
            frozenset({"ec2:DescribeNetworkInterfaceAttribute"}),
            frozenset({"ec2:ModifyNetworkInterfaceAttribute"}),
        }
    ),
    "metrics": frozenset({frozenset({"cloudwatch:PutMetricData"})}),
    "login": frozenset({frozenset({"ecr:GetAuthorizationToken"})}),
    "pull": frozenset(
        {frozenset({"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})}
    ),
    "start": frozenset({frozenset({"ec2:StartInstances"})}),
    "invoke": frozenset({frozenset({"lambda:InvokeFunction"})}),
}
_NAMED = ("image", "repository", "permissions", "secrets", "keys", "policies")
_EVERYWHERE = ("sessions", "interfaces", "metrics", "login")
"""Rights that no resource narrows. Others of `*` are no right of ours."""


def read_rights(stack: Stack) -> set[Fact]:
    """The rights of each component's roles. One that nobody knows is a fact of its own, and so never stated."""
    found: set[Fact] = set()
    held = (each for each in stack.list_all("RolePolicy", "Policy") if each.type.startswith("aws:iam/"))
    for policy in held:
        owner = stack.owner(policy.urn)
        assert owner is not None
        for statement in statements_of(plain(policy)["policy"]):
            for resource in statement["Resource"]:
                found |= {(owner.name, *fact) for fact in _classify(stack, owner, statement, resource)}
    for attachment in stack.list_all("RolePolicyAttachment"):
        owner, named = stack.owner(attachment.urn), stack.name(plain(attachment)["policyArn"])
        assert owner is not None
        if named not in stack.graph.resources:
            found.add((owner.name, "policy", named))
    return found


def _classify(stack: Stack, owner: Resource, statement: Mapping[str, Any], resource: str) -> Iterator[Fact]:
    actions = frozenset(statement["Action"])
    if statement["Effect"] == "Deny":
        assert statement["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}, statement
        return
    condition = statement.get("Condition", {})
    for right, known in _OWN.items():
        if actions in known and _is_of_own_resource(stack, owner, right, actions, resource, condition):
            if right == "pull":
                _, _, _, region, account, repository = resource.split(":", 5)
                yield "repository", f"{account}.{region}.{repository.removeprefix('repository/')}"
            elif right != "login":
                yield (right,)
            return
    yield from _classify_named(actions, resource, condition)


def _classify_named(actions: frozenset[str], resource: str, condition: Mapping[str, Any]) -> Iterator[Fact]:
    """Rights on one resource by name, in the words of permissions."""
    via = condition.get("StringLike", {}).get("kms:ViaService")
    if isinstance(via, list):
        yield "key", resource
    elif resource.startswith("arn:") and via is not None:
        yield "key of", aws_permissions.build_resource_part("key", resource.rpartition("/")[2]), via.partition(".")[0]
    elif actions == {"s3:GetObject"} and not resource.endswith("/*"):
        yield "image", resource.removeprefix("arn:aws:s3:::")
    elif actions & {"secretsmanager:GetSecretValue"} == actions or actions <= {"ssm:GetParameter", "ssm:GetParameters"}:
        yield "secret", resource
    elif "bedrock:InferenceProfileArn" in condition.get("StringEquals", {}):
        yield "model of", condition["StringEquals"]["bedrock:InferenceProfileArn"].rpartition("/")[2]
    elif (named := parse_arn(re.sub(r"-\?{6}$", "", resource))) is not None:
        for word in _read_words(named.kind, actions, resource):
            yield "permission", named.kind, named.name, word
    else:
        yield "unknown", tuple(sorted(actions)), resource


def _read_words(kind: str, actions: frozenset[str], resource: str) -> Iterator[str]:
    """Words whose actions on this part of the resource are allowed; actions that no word has stay as they are."""
    found, left = {action.rpartition(":")[2] for action in actions}, {action.rpartition(":")[2] for action in actions}
    for word, parts in aws_permissions.KINDS[kind].words.items():
        for part, named in parts.items():
            if resource.endswith(part) and part == _part_of(kind, resource) and {*named.split()} <= found:
                left -= {*named.split()}
                yield f"{word}{part}"
    yield from sorted(left)


def _part_of(kind: str, resource: str) -> str:
    parts = {part for by_part in aws_permissions.KINDS[kind].words.values() for part in by_part if part}
    return next((part for part in parts if resource.endswith(part)), "")


def _is_of_own_resource(
    stack: Stack, owner: Resource, right: str, actions: frozenset[str], resource: str, condition: Mapping[str, Any]
) -> bool:
    if resource == "*":
        own = right == "metrics" and str(condition["StringEquals"]["cloudwatch:namespace"]).startswith("Gatehouse/NAT/")
        return own or right in _EVERYWHERE[:2] or right == "login" or "Describe" in str(actions)
    named = stack.name(resource.removesuffix(":*"))
    return right == "pull" or (named in stack.graph.resources and stack.owner(named) is owner)


def state_rights(stack: Stack) -> set[Fact]:
    """The rights that statements say."""
    return {
        (stack.graph.resources[urn].name, *fact)
        for urn, one in stack.statements.items()
        for fact in _state(stack, urn, one)
    }


def _state(stack: Stack, urn: str, statement: Any) -> Iterator[Fact]:
    rights = statement.get("rights", {})
    if statement.get("logRole"):
        yield "policy", "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    yield from ((right,) for right in rights if right not in _NAMED)
    for arn in rights.get("policies", {}).values():
        yield "policy", stack.name_of(arn)
    for key in rights.get("keys", {}):
        yield "key", key
    for arn in rights.get("secrets", {}).values():
        yield "secret", aws_permissions.strip_secret_arn(stack.name_of(arn)).replace("parameter//", "parameter/")
    if "image" in rights:
        yield "image", rights["image"]
    if repository := rights.get("repository"):
        yield "repository", _name_repository(stack, urn, repository)
    for permission in rights.get("permissions", {}).values():
        yield from _state_permission(permission)
    yield from (("start",) if key == "starter" else ("invoke",) for key in statement.get("schedules", {}))


def _name_repository(stack: Stack, urn: str, reference: Any) -> str:
    if reference == "own":
        [made] = stack.children(stack.graph.resources[urn], "Repository")
        reference = plain(made).get("repositoryUrl") or made.state["repositoryUrl"]
    image = container_image.parse(f"{reference}:1")
    return f"{image.account}.{image.region}.{image.repository}"


def _state_permission(permission: Any) -> Iterator[Fact]:
    kind, name = permission["kind"], str(permission["name"])
    if name.startswith("arn:"):
        parsed = parse_arn(name)
        assert parsed is not None
        name = parsed.name
    name = name.removeprefix("/") if kind == "parameter" else name
    for word in permission["allow"]:
        for part in aws_permissions.KINDS[kind].words[word]:
            yield "permission", kind, name, f"{word}{part}"
    if kind == "inference-profile":
        yield "model of", name
    if "key" in permission:
        yield "key of", f"key/{str(permission['key']).rpartition('/')[2]}", aws_permissions.KINDS[kind].service

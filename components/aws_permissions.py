"""Permissions of a program for AWS resources, each allowed by name: arguments, mistakes, and statements of its role."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from . import lookups
from .arguments.errors import ArgumentError
from .arguments.faults import Fault
from .arguments.refusals import RefusedUpdateError, add_update_hooks
from .arguments.words import PermissionKind, PermissionWords
from .facts import aws_permissions, limits
from .iam import Statement, policy
from .scope import Scope

ARGUMENT: Final = "permissions"
OWN_CHARACTERS: Final = limits.ROLE_POLICIES_CHARACTERS - 2_048
"""Room for permissions in the inline policies of a role, besides logs, secrets and images, as a plan."""
_FEWER: Final = "name fewer resources, or divide them between several programs"


@dataclass(frozen=True, kw_only=True)
class PermissionArgs:
    """One AWS resource, and what the program may do with it."""

    kind: PermissionKind
    """Kind of the resource."""
    name: pulumi.Input[str]
    """Name, ID or ARN of the resource. A name stands for the resource in the account and region of the stack. An
    `inference-profile` includes its model in every region, but only through the profile."""
    allow: PermissionWords
    """What the program may do. `table`: `read`, `write`. `bucket`: `list`, `read`, `write`, `delete`. `queue`: `send`,
    `consume`. `topic`: `publish`. `key`: `encrypt`, `decrypt`, `sign`, `verify`. `secret` and `parameter`: `read`,
    `write`. `model`, `inference-profile` and `function`: `invoke`. `event-bus`: `send`. `state-machine`: `start`,
    `run`."""
    kms_key: pulumi.Input[str] | None = None
    """Customer-managed KMS key that encrypts the resource: ID or ARN. The program can use it only through the
    resource's service. Defaults to none."""

    def wrong(self, name: object, kms_key: object) -> str:
        """The mistake in these values; empty if there is none. Outputs have no value yet."""
        try:
            if isinstance(name, str):
                aws_permissions.check_name(self.kind, name)
            if isinstance(kms_key, str):
                aws_permissions.check_name("key", kms_key)
        except ValueError as error:
            return str(error)
        return ""


def faults(permissions: Mapping[str, PermissionArgs]) -> Iterator[Fault]:
    """Words and keys that a kind does not have, texts that name no resource, and resources that are there twice."""
    first: dict[tuple[str, str], str] = {}
    for key, permission in permissions.items():
        known, at = aws_permissions.KINDS[permission.kind], f"{ARGUMENT}.{key}"
        for word in permission.allow:
            if word not in known.words:
                yield Fault(at, word, f"{', '.join(known.words)} with kind: {permission.kind}", "take it out of allow")
        if wrong := permission.wrong(permission.name, permission.kms_key):
            yield Fault(at, permission.name if isinstance(permission.name, str) else "…", wrong)
        if permission.kms_key is not None and not known.key_actions:
            yield Fault(at, "kms_key", f"kms_key only with {_encrypted()}", "take kms_key out")
        if isinstance(permission.name, str):
            other = first.setdefault((permission.kind, permission.name), key)
            if other != key:
                yield Fault(at, permission.name, "each resource once", f"add its words to {ARGUMENT}.{other}")


def policy_faults(permissions: Mapping[str, PermissionArgs], policy_arns: Mapping[str, object]) -> Iterator[Fault]:
    """More managed policies than AWS attaches to a role, or permissions that need more."""
    if len(policy_arns) > limits.ROLE_MANAGED_POLICIES:
        allowed = f"{limits.ROLE_MANAGED_POLICIES} at most: AWS's quota “Managed policies per role”"
        yield Fault("policy_arns", f"{len(policy_arns)} policies", allowed, "join several in one managed policy")
        return
    characters = _characters(permissions)
    if _divided(permissions, policy_arns, characters) is None:
        left, around = limits.ROLE_MANAGED_POLICIES - len(policy_arns), characters.pop("")
        room = left * max(0, limits.MANAGED_POLICY_CHARACTERS - around)
        allowed = f"about {room:,} at most in the managed policies of a role, {left} here"
        yield Fault(ARGUMENT, f"{len(permissions)} resources, {sum(characters.values()):,} characters", allowed, _FEWER)


def managed(
    permissions: Mapping[str, PermissionArgs], policy_arns: Collection[str]
) -> list[Mapping[str, PermissionArgs]]:
    """The permissions by managed policy; none if the role's own policy holds all."""
    return _divided(permissions, policy_arns, _characters(permissions)) or []


def _divided(
    permissions: Mapping[str, PermissionArgs], policy_arns: Collection[str], characters: Mapping[str, int]
) -> list[Mapping[str, PermissionArgs]] | None:
    """See `managed`; None if there are too many.

    A resource keeps its policy, except that a further policy takes over some, or that all policies are full.
    """
    around = characters[""]
    if sum(characters.values()) <= OWN_CHARACTERS:
        return []
    most, room = limits.ROLE_MANAGED_POLICIES - len(policy_arns), limits.MANAGED_POLICY_CHARACTERS - around
    places = {
        (permission.kind, *((permission.name, "") if isinstance(permission.name, str) else ("", key))): key
        for key, permission in permissions.items()
    }
    for number, full in [*((number, False) for number in range(2, most + 1)), *[(most, True)][: max(most, 0)]]:
        parts: list[dict[str, PermissionArgs]] = [{} for _ in range(number)]
        filled = [0] * number
        for place, key in sorted(places.items()):
            drawn = {at: hashlib.sha256(f"{at} {place}".encode()).digest() for at in range(number)}
            order = sorted(drawn, key=drawn.__getitem__)
            at = next((at for at in order if full and filled[at] + characters[key] <= room), order[0])
            parts[at][key] = permissions[key]
            filled[at] += characters[key]
        if max(filled) <= room:
            return [part for part in parts if part]
    return None


def _characters(permissions: Mapping[str, PermissionArgs]) -> dict[str, int]:
    """The length of each one's ARNs in a policy, and under an empty key that of all that is around them, at most.

    Regions, accounts and outputs have the length of the longest.
    """
    region = pulumi.Config("aws").get("region") or ""
    partition = {"us-": "aws-us-gov", "cn-": "aws-cn"}[region[:3]] if region.startswith(("us-gov-", "cn-")) else "aws"
    place = aws_permissions.Place(partition, "ap-southeast-1", "1" * 12)
    by_key: dict[str, list[Statement]] = {}
    for key, one in permissions.items():
        name = one.name if isinstance(one.name, str) else "x" * 64
        kms_key = one.kms_key if isinstance(one.kms_key, str) else "x" * 36 if one.kms_key is not None else ""
        by_key[key] = [*aws_permissions.build_statements(one.kind, name, one.allow, kms_key, place)]
    weights = {key: sum(len(statement["Resource"]) + len('"",') for statement in some) for key, some in by_key.items()}
    whole = length(_grouped([statement for some in by_key.values() for statement in some]))
    return {**weights, "": max(0, whole - sum(weights.values()))}


def attachments(
    scope: Scope,
    component: str,
    role: "aws.iam.Role",
    permissions: Mapping[str, PermissionArgs],
    policy_arns: Mapping[str, pulumi.Input[str]],
) -> list[pulumi.Resource]:
    """Attach `policy_arns`, and policies with the permissions that the role's own policy cannot hold.

    A further policy is attached before the others lose what it takes over.
    """
    named = {f"{scope.name}-policy-{key}": arn for key, arn in policy_arns.items()}
    attached: list[pulumi.Resource] = [_attachment(scope, name, role, arn) for name, arn in named.items()]
    before: list[pulumi.Resource] = []
    for at, part in reversed([*enumerate(managed(permissions, policy_arns), start=1)]):
        held = statements(component, part, scope.parent)
        document = document_of(scope.parent, held, limits.MANAGED_POLICY_CHARACTERS)
        suffix = f"permissions-{at}"
        name, options = f"{scope.name}-{suffix}", scope.child(depends_on=before)
        made_of = aws.iam.Policy(name, policy=document, tags=scope.tagged(suffix), opts=options)
        before = [_attachment(scope, name, role, made_of.arn)]
        attached += before
    return attached


def refusing_eleventh(
    component: pulumi.Resource,
    name: str,
    permissions: Mapping[str, PermissionArgs],
    policy_arns: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions | None,
) -> pulumi.ResourceOptions:
    """The options of a component, with hooks that refuse more attachments than a role takes."""
    return add_update_hooks(component, name, lambda args: refuse_eleventh(permissions, policy_arns, args), opts)


def refuse_eleventh(
    permissions: Mapping[str, PermissionArgs], policy_arns: Collection[str], args: pulumi.ResourceHookArgs
) -> None:
    """Raises RefusedUpdateError for more policies of both sides than a role takes.

    A value that is not known yet counts for nothing, and a secret hides the whole map.
    """
    old, new = args.old_inputs or {}, args.new_inputs or {}
    before, after = old.get("policy_arns", {}), new.get("policy_arns", {})
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return
    named = {arn for arn in (*before.values(), *after.values()) if isinstance(arn, str)}
    count = len(named) + max(len(managed(permissions, policy_arns)), len(managed(_before(permissions, old), before)))
    if count > (most := limits.ROLE_MANAGED_POLICIES):
        raise RefusedUpdateError(
            f"{args.name}: {count} managed policies would be attached to its role until the old ones are detached, and "
            f"AWS attaches {most} at most. Take out in one update what goes, and add in the next what comes"
        )


def _before(permissions: Mapping[str, PermissionArgs], old: Mapping[str, Any]) -> Mapping[str, PermissionArgs]:
    """The permissions of the state. A name that is an output now was one then, and its value was not counted."""
    stated = old.get(ARGUMENT)
    known = {key: PermissionArgs(**one) for key, one in (stated.items() if isinstance(stated, Mapping) else ())}
    later = {key: permission.name for key, permission in permissions.items() if not isinstance(permission.name, str)}
    return {key: replace(permission, name=later.get(key, permission.name)) for key, permission in known.items()}


def _attachment(scope: Scope, name: str, role: "aws.iam.Role", arn: pulumi.Input[str]) -> pulumi.Resource:
    return aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=arn, opts=scope.child())


def document_of(
    component: pulumi.Resource, held: pulumi.Input[Sequence[Statement]], most: int = limits.ROLE_POLICIES_CHARACTERS
) -> pulumi.Output[str]:
    """A policy of a role. Raises ArgumentError for more than `most` characters, which show once outputs are known."""

    def fitting(known: Sequence[Statement]) -> dict[str, Any]:
        if (size := length(known)) > most:
            got = f"{size:,} characters in a policy of the role, with the values of outputs"
            want = f"at most {most:,}; write the names as text, so that they are divided before, or {_FEWER}"
            raise ArgumentError(type(component).__name__, ARGUMENT, got, want)
        return policy(known)

    return pulumi.Output.json_dumps(pulumi.Output.from_input(held).apply(fitting))


def length(held: Sequence[Statement]) -> int:
    """The length of their policy without white space, which AWS does not count."""
    return len(json.dumps(policy(held), separators=(",", ":")))


def statements(
    component: str, permissions: Mapping[str, PermissionArgs], parent: pulumi.Resource
) -> pulumi.Output[list[Statement]]:
    """Statements of the role, in the order of their ARNs: another key or another order changes nothing."""
    if not permissions:
        return pulumi.Output.from_input([])
    return pulumi.Output.all(
        names={key: permission.name for key, permission in permissions.items()},
        keys={key: permission.kms_key or "" for key, permission in permissions.items()},
        partition=lookups.partition(parent),
        region=lookups.region(parent),
        account=lookups.account(parent),
    ).apply(lambda known: _statements(component, permissions, **known))


def _statements(
    component: str, permissions: Mapping[str, PermissionArgs], names: dict[str, str], keys: dict[str, str], **place: Any
) -> list[Statement]:
    granted: list[Statement] = []
    for key, permission in permissions.items():
        if wrong := permission.wrong(names[key], keys[key] or None):
            raise ArgumentError(component, f"{ARGUMENT}.{key}", names[key], wrong)
        where = aws_permissions.Place(**place)
        granted += aws_permissions.build_statements(permission.kind, names[key], permission.allow, keys[key], where)
    return _grouped(granted)


def _grouped(granted: Sequence[Statement]) -> list[Statement]:
    """One statement for each set of actions and condition, in the order of their ARNs."""
    together: dict[str, tuple[Statement, set[str]]] = {}
    for statement in granted:
        key = json.dumps([statement["Action"], statement.get("Condition")])
        together.setdefault(key, (statement, set()))[1].add(str(statement["Resource"]))
    listed = [{**one, "Resource": sorted(arns) if len(arns) > 1 else min(arns)} for one, arns in together.values()]
    return sorted(listed, key=lambda statement: (str(statement["Resource"]), statement["Action"]))


def _encrypted() -> str:
    return ", ".join(kind for kind, known in aws_permissions.KINDS.items() if known.key_actions)

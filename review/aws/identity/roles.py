"""Permissions of a machine: its role, and whether the role's policies allow an action."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import Answered
from ...graph.evidence import get_deployed_input, list_with_unknown_owner
from ...graph.reading import (
    Doubt,
    MalformedDocument,
    as_list,
    find_first_referenced,
    find_referenced,
    find_referring,
    find_values,
)
from ..catalog import types
from ..catalog.catalog import make_token
from ..compute.containers import Containers
from ..compute.machines import Machines
from .callers import ANYBODY
from .iam import Decision, evaluate_policy, remove_denies
from .managed_policies import resolve_document

_ATTACHING: Final = {
    (*types.ROLE_POLICY, *types.ROLE_ATTACHMENT): "role",
    (make_token("iam.PolicyAttachment"),): "roles",
}
"""Types that give a role a policy, with the input that names the role."""


@dataclass(frozen=True)
class Permission(Answered):
    """The resource by which a machine may do something. Its answer is a doubt if that is not certain."""

    by: Resource


class Roles:
    def __init__(self, graph: Graph, machines: Machines, containers: Containers) -> None:
        self._graph, self._machines, self._containers = graph, machines, containers

    def find_role(self, machine: Resource) -> Resource | None:
        """The role of an instance, a scaling group or a function; of a service, that of its tasks."""
        if machine.type in types.FUNCTION:
            return self._find_named_role(machine, "role")
        if machine.type in types.SERVICE:
            definition = self._containers.find_definition(machine)
            return self._find_named_role(definition, "taskRoleArn") if definition is not None else None
        kinds, places = types.INSTANCE_PROFILE, self._list_profile_inputs(machine)
        profiles = (
            profile for holder, path in places for profile in find_referenced(self._graph, holder, *path, types=kinds)
        )
        return next((self._find_named_role(profile, "role") for profile in profiles), None)

    def find_execution_role(self, definition: Resource) -> Resource | None:
        """The role by which ECS pulls the image of a task definition, and reads its secrets."""
        return self._find_named_role(definition, "executionRoleArn")

    def list_roles(self, machine: Resource) -> list[Resource]:
        """The role of `find_role`, and of a service that of ECS itself."""
        definition = self._containers.find_definition(machine) if machine.type in types.SERVICE else None
        execution_role = self.find_execution_role(definition) if definition is not None else None
        return [role for role in (self.find_role(machine), execution_role) if role is not None]

    def find_permission(self, machine: Resource, action: str) -> Permission | None:
        """The resource that allows a machine an action, or may allow it. None if nothing does."""
        role = self.find_role(machine)
        if role is None:
            return (
                Permission(machine, answer=Doubt(f"which role {machine.name} has"))
                if self.has_profile(machine)
                else None
            )
        if (by := self.find_allowing_policy(role, action)) is not None:
            return Permission(by)
        if (by := self.may_allow(role, action)) is not None:
            return Permission(by, answer=Doubt(f"whether {by.name} lets {machine.name} call {action}"))
        return None

    def find_allowing_policy(self, role: Resource, action: str) -> Resource | None:
        """The resource by which a role may do something: an attachment, an inline policy, or the role itself."""
        allowed = (by for by, policy in self.list_policies(role) if not _decide(policy, action).refused)
        return None if self._denies(role, action) else next(allowed, None)

    def may_allow(self, role: Resource, action: str) -> Resource | None:
        """A policy that may let a role do something, since it, or whose policy it is, is not known."""
        unread = (by for by, policy in self.list_policies(role) if is_unread(policy))
        unresolved = (
            by
            for by, policy in self._list_unresolved_policies()
            if is_unread(policy) or not _decide(policy, action).refused
        )
        return None if self._denies(role, action) else next(itertools.chain(unread, unresolved), None)

    def decide(self, role: Resource, action: str, resource: str) -> Decision:
        """Whether the role's policies let it do something with a resource, as far as they are known.

        What its boundary does not allow counts as denied.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        """
        bound = self.find_boundary(role)
        if bound not in (None, UNKNOWN) and _decide(bound, action, resource).refused:
            return Decision.DENY
        decisions = [_decide(policy, action, resource) for _, policy in self.list_policies(role)]
        if any(is_unread(policy) for _, policy in self.list_policies(role)):
            decisions.append(Decision.UNKNOWN)
        order = (Decision.DENY, Decision.ALLOW, Decision.UNKNOWN)
        return next((decision for decision in order if decision in decisions), Decision.SILENT)

    def find_boundary(self, role: Resource) -> Any:
        """The document of a role's boundary; None without one, and `UNKNOWN` if the graph does not hold it."""
        by = find_first_referenced(self._graph, role, "permissionsBoundary", types=types.POLICY)
        return (
            None
            if get_deployed_input(role, "permissionsBoundary") is None
            else (by and get_deployed_input(by, "policy")) or UNKNOWN
        )

    def _denies(self, role: Resource, action: str) -> bool:
        return any(_decide(policy, action) is Decision.DENY for _, policy in self.list_policies(role))

    def list_policies(self, role: Resource) -> Iterator[tuple[Resource, Any]]:
        """Each policy of a role, with the resource that attaches it: a document, or the ARN of another one."""
        for arn in as_list(get_deployed_input(role, "managedPolicyArns")):
            yield role, resolve_document(arn)
        inline = "inlinePolicies"
        for document in find_values({inline: get_deployed_input(role, inline)}, inline, "policy"):
            yield role, document
        for by in self.list_attachments(role):
            yield by, self._read_policy(by)

    def list_attachments(self, role: Resource) -> list[Resource]:
        """Inline policies and attachments declared apart from the role."""
        return [by for kinds, key in _ATTACHING.items() for by in find_referring(self._graph, role, kinds, key)]

    def _read_policy(self, by: Resource) -> Any:
        """The document of an inline policy, or of one that is attached; the ARN of one made elsewhere."""
        if get_deployed_input(by, "policyArn") is None:
            return get_deployed_input(by, "policy")
        declared = find_first_referenced(self._graph, by, "policyArn", types=types.POLICY)
        return (
            resolve_document(get_deployed_input(by, "policyArn"))
            if declared is None
            else get_deployed_input(declared, "policy")
        )

    def _list_unresolved_policies(self) -> Iterator[tuple[Resource, Any]]:
        """Policies that may be of any role."""
        for kinds, key in _ATTACHING.items():
            for by in list_with_unknown_owner(self._graph, kinds, key, types=types.ROLE):
                yield by, self._read_policy(by)

    def _list_profile_inputs(self, machine: Resource) -> Iterator[tuple[Resource, tuple[str, ...]]]:
        """The inputs that may name its profile, its own and those of its template."""
        holders = filter(None, (machine, self._machines.find_template(machine)))
        for holder, key in itertools.product(holders, ((), ("name",), ("arn",))):
            yield holder, ("iamInstanceProfile", *key)

    def has_profile(self, machine: Resource) -> bool:
        """Whether it has, or may have, an instance profile or a task role."""
        if machine.type in types.SERVICE:
            definition = self._containers.find_definition(machine)
            return definition is None or get_deployed_input(definition, "taskRoleArn") is not None
        by_template = self._machines.find_template(machine) is None and self._machines.list_template_evidence(machine)
        return bool(by_template) or any(
            get_deployed_input(holder, *key) is not None for holder, key in self._list_profile_inputs(machine)
        )

    def _find_named_role(self, resource: Resource, key: str) -> Resource | None:
        return find_first_referenced(self._graph, resource, key, types=types.ROLE)


def is_unread(policy: Any) -> bool:
    """Whether nothing is known of a policy but its ARN."""
    return policy is UNKNOWN or (isinstance(policy, str) and policy.startswith("arn:"))


def _decide(policy: Any, action: str, resource: str = "*") -> Decision:
    """The decision of a document. A document that denies some resources may allow others."""
    if is_unread(policy):
        return Decision.SILENT
    try:
        decision = evaluate_policy(policy, caller=ANYBODY, action=action, resource=resource)
        if decision is Decision.UNKNOWN:
            decision = evaluate_policy(remove_denies(policy), caller=ANYBODY, action=action)
    except MalformedDocument:
        return Decision.SILENT
    except Doubt:
        return Decision.UNKNOWN
    return decision

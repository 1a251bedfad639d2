"""Permissions of a machine: its role, and whether the role's policies allow an action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import held
from ..graph.reading import MalformedDocument, first, items, naming, pointed, spread, text
from . import types
from .containers import Containers
from .iam import Decision, allows
from .machines import Machines

MANAGED_INSTANCE = "AmazonSSMManagedInstanceCore"
_MANAGED_ACTIONS = {
    MANAGED_INSTANCE: ("ssm:", "ssmmessages:", "ec2messages:"),
    "AmazonEC2RoleforSSM": ("ssm:", "ssmmessages:", "ec2messages:"),
    "AmazonEC2ContainerRegistryReadOnly": ("ecr:",),
    "AmazonEC2ContainerRegistryPullOnly": ("ecr:",),
    "AmazonECSTaskExecutionRolePolicy": ("ecr:", "logs:"),
    "AWSLambdaVPCAccessExecutionRole": ("ec2:", "logs:"),
    "AWSLambdaENIManagementAccess": ("ec2:",),
    "AWSLambdaBasicExecutionRole": ("logs:",),
    "AWSXRayDaemonWriteAccess": ("xray:",),
    "AmazonS3ReadOnlyAccess": ("s3:",),
    "AmazonS3FullAccess": ("s3:",),
    "AdministratorAccess": ("",),
}
"""AWS's own policies that matter here, by the services whose actions they allow (of those that are asked for)."""


class Roles:
    """Roles of a graph and the policies on them."""

    def __init__(self, graph: Graph, machines: Machines, containers: Containers) -> None:
        self._graph = graph
        self._machines = machines
        self._containers = containers

    def of(self, machine: Resource) -> Resource | None:
        """The role of an instance, a scaling group or a function; of a service, that of its tasks."""
        if machine.type in types.FUNCTION:
            return self._first(machine, "role")
        if machine.type in types.SERVICE:
            definition = self._containers.definition(machine)
            return self._first(definition, "taskRoleArn") if definition is not None else None
        template = self._machines.template(machine)
        paths = (("iamInstanceProfile",), ("iamInstanceProfile", "name"), ("iamInstanceProfile", "arn"))
        for holder in (machine, template):
            for path in paths if holder is not None else ():
                for profile in pointed(self._graph, holder, *path, types=types.INSTANCE_PROFILE) if holder else ():
                    return self._first(profile, "role")
        return None

    def allowing(self, role: Resource, action: str) -> Resource | None:
        """The resource by which a role may do something: an attachment, an inline policy, or the role itself."""
        for resource, policy in self.policies(role):
            if isinstance(policy, str) and policy.startswith("arn:"):
                prefixes = _MANAGED_ACTIONS.get(policy.rpartition("/")[2], ())
                if any(action.startswith(prefix) for prefix in prefixes):
                    return resource
            elif _permits(policy, action):
                return resource
        return None

    @staticmethod
    def is_known(arn: str) -> bool:
        """Whether it is a policy of AWS's own whose services are known here."""
        return arn.rpartition("/")[2] in _MANAGED_ACTIONS

    def policies(self, role: Resource) -> Iterator[tuple[Resource, Any]]:
        """Each policy on a role, with what puts it there: a document, or the ARN of one made elsewhere."""
        for arn in items(held(role, "managedPolicyArns")):
            yield role, text(arn)
        for document in spread(role.inputs, "inlinePolicies", "policy"):
            yield role, document
        for inline in naming(self._graph, role, types.ROLE_POLICY, "role"):
            yield inline, held(inline, "policy")
        for attachment in naming(self._graph, role, types.ROLE_ATTACHMENT, "role"):
            declared = pointed(self._graph, attachment, "policyArn", types=types.POLICY)
            yield attachment, held(declared[0], "policy") if declared else held(attachment, "policyArn")

    def attachments(self, role: Resource) -> list[Resource]:
        """Inline policies and attachments declared apart from the role."""
        kinds = (types.ROLE_POLICY, types.ROLE_ATTACHMENT)
        return [hit for kind in kinds for hit in naming(self._graph, role, kind, "role")]

    def _first(self, resource: Resource, key: str) -> Resource | None:
        return first(self._graph, resource, key, types=types.ROLE)


def _permits(policy: Any, action: str) -> bool:
    try:
        decision = allows(policy, action=action)
    except MalformedDocument:
        return False
    return decision in (Decision.ALLOW, Decision.UNKNOWN) and policy is not UNKNOWN

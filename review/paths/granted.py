"""Calls of machines and functions to the AWS resources that the policies of their roles name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ..aws.identity.callers import ANYBODY
from ..aws.identity.iam import Decision, evaluate_policy, list_allow_statements
from ..aws.model.model import AwsModel
from ..aws.network.endpoints import parse_service
from ..aws.network.nodes import Node
from ..facts import aws_permissions
from ..graph import UNKNOWN, Resource
from ..graph.answers import YES, Answer, combine_answers, make_doubt, refuse
from ..graph.evidence import get_deployed_input, make_input_evidence
from ..graph.reading import Doubt, MalformedDocument, as_list, as_text
from .outbound import Outbound
from .path import Hop, Kind, PartialPath, Path
from .people import People

_GATEWAYS: Final = aws_permissions.GATEWAY_ENDPOINTS
_SERVICES: Final = {kind.service for kind in aws_permissions.KINDS.values()}


@dataclass
class _Grant:
    """The actions that a role's policies allow on one resource."""

    by: Resource
    """The policy that names it first."""
    calls: set[tuple[str, str]] = field(default_factory=set)
    """Each action with the ARN that it is allowed on."""
    answer: Answer = YES

    def list_calls(self, word: str, kind: str) -> set[tuple[str, str]]:
        """The calls that a word such as `read` stands for."""
        actions = aws_permissions.KINDS[kind].actions.get(word, {word})
        return {call for call in self.calls if call[0].rpartition(":")[2] in actions}


class Granted:
    def __init__(self, model: AwsModel, outbound: Outbound, people: People) -> None:
        self._model, self._outbound, self._people = model, outbound, people

    def list_paths(self, node: Node) -> Iterator[Path]:
        """One path to each resource by name, with the allowed actions."""
        source = self._model.names.find(node.resource)
        for (_, resource), grant in self.list_grants(node).items():
            start = PartialPath(source=source, origin=node.resource, kind=Kind.OUTBOUND).add_answer(grant.answer)
            for service, words in self._group_words(node, resource, grant).items():
                allowed = ", ".join(words)
                partial = start.add_hop(Hop(grant.by, allowed, f"{grant.by.name} allows {allowed}"))
                calls = {call for word in words for call in grant.list_calls(word, resource.kind)}
                answer, endpoint = self._check_network(node, service[0], calls)
                if endpoint is not None:
                    name = self._model.names.find(endpoint) if parse_service(endpoint) in _GATEWAYS else "endpoints"
                    partial = partial.add_hop(Hop(endpoint, "", endpoint.name, name))
                yield partial.add_answer(answer, endpoint).end(f"{resource.kind} {resource.name}", node.resource)

    def _group_words(
        self, node: Node, resource: aws_permissions.Named, grant: _Grant
    ) -> dict[tuple[str, type[Answer]], list[str]]:
        """The words for the allowed actions, by the service that is called and by the kind of answer."""
        alike: dict[tuple[str, type[Answer]], list[str]] = {}
        for word in resource.describe_actions({action for action, _ in grant.calls}):
            for service in aws_permissions.KINDS[resource.kind].list_endpoints([word])[:1]:
                answer, _ = self._check_network(node, service, grant.list_calls(word, resource.kind))
                alike.setdefault((service, type(answer)), []).append(word)
        return alike

    def check_service_access(self, node: Node, service: str) -> tuple[Answer, Resource | None]:
        """Whether a node in a VPC reaches a service, and the endpoint on the way, if there is one."""
        if (gateway := self._outbound.map_gateway_endpoints(node).get(service)) is not None:
            return gateway[1], gateway[0]
        endpoints = self._outbound.map_endpoints(node)
        # `ecr.api` is an endpoint of `ecr`, `kinesis-streams` of `kinesis`.
        named = next((endpoint for endpoint in sorted(endpoints) if service and endpoint.startswith(service)), service)
        return self._people.reaches(node, (named,)), endpoints.get(named)

    def _check_network(self, node: Node, service: str, allowed: set[tuple[str, str]]) -> tuple[Answer, Resource | None]:
        """Whether the network lets the calls pass, and the policy of the endpoint, if there is one."""
        if not node.interfaces:
            unknown = get_deployed_input(node.resource, "vpcConfig") is UNKNOWN
            return make_doubt(f"whether {node.resource.name} is in a VPC" if unknown else ""), None
        answer, endpoint = self.check_service_access(node, service)
        return (answer if endpoint is None else combine_answers(answer, _check_policy(endpoint, allowed))), endpoint

    def list_grants(self, node: Node) -> dict[tuple[str, aws_permissions.Named], _Grant]:
        """Grants by region and resource, of the policies whose text is known."""
        grants: dict[tuple[str, aws_permissions.Named], _Grant] = {}
        for role in self._model.roles.list_roles(node.resource):
            self._add_grants(role, grants)
        return grants

    def _add_grants(self, role: Resource, grants: dict[tuple[str, aws_permissions.Named], _Grant]) -> None:
        unread = self._model.roles.find_boundary(role) is UNKNOWN
        bound = make_doubt(f"whether the boundary of {role.name} allows it" * unread)
        for by, policy in self._model.roles.list_policies(role):
            for action, arn, conditions in list_allowed_calls(policy):
                resource, example = aws_permissions.parse_arn(arn), arn.replace("*", "any")
                if resource is None or self._model.roles.decide(role, action, example) is Decision.DENY:
                    continue
                place = aws_permissions.parse_arn_region(arn), resource
                grant = grants.setdefault(place, _Grant(by, answer=bound))
                grant.calls.add((action, arn))
                if conditions and grant.answer is YES:
                    grant.answer = Doubt(f"whether the conditions of {by.name} hold")


def list_allowed_calls(policy: Any) -> Iterator[tuple[str, str, bool]]:
    """Actions with ARNs that a policy allows, and whether conditions decide, as far as it is known.

    Without those of KMS that only another service may call: the calls of that service are other statements.
    """
    try:
        statements = list(list_allow_statements(policy))
    except (Doubt, MalformedDocument):
        return
    for statement in statements:
        conditions = statement.get("Condition")
        if "kms:ViaService" not in str(conditions):
            actions = [as_text(action) for action in as_list(statement.get("Action"))]
            arns = [as_text(arn) for arn in as_list(statement.get("Resource"))]
            yield from ((action, arn, bool(conditions)) for arn in arns for action in actions if acts_on(action, arn))


def acts_on(action: str, arn: str) -> bool:
    """Whether an action may apply to an ARN: actions of a service apply to its own resources.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    service, owner = action.partition(":")[0], "".join(arn.split(":")[2:3])
    return bool(action and arn) and ("*" in service or owner not in _SERVICES or service.lower() == owner)


def _check_policy(endpoint: Resource, allowed: set[tuple[str, str]]) -> Answer:
    """Whether the policy of an endpoint lets all of the calls pass. AWS's own, which it has without one, does."""
    policy = get_deployed_input(endpoint, "policy")
    for action, arn in sorted(allowed) if policy is not None else ():
        try:
            decision = evaluate_policy(policy, caller=ANYBODY, action=action, resource=arn.replace("*", "any"))
        except MalformedDocument:
            decision = Decision.UNKNOWN
        if decision is Decision.UNKNOWN:
            return make_doubt(f"whether the policy of {endpoint.name} allows {action}")
        if decision is not Decision.ALLOW:
            reason = f"the policy of {endpoint.name} does not allow {action} on {arn}"
            return refuse(reason, (make_input_evidence(endpoint, "policy"),))
    return YES

"""Judges calls of functions to AWS: by the network of the function, by the endpoint's policy, and by its role."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from ..aws.identity.callers import ANYBODY
from ..aws.identity.iam import Decision, allows
from ..aws.identity.roles import is_unread
from ..graph import UNKNOWN, Resource
from ..graph.answers import Answer, Doubt, No, doubted
from ..graph.given import held
from ..graph.reading import MalformedDocument
from ..reach import Reach
from .called_resources import rest_operation
from .network import Verdict
from .request import Request

_SIGNED: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_IN_POLICIES: Final = {"monitoring": "cloudwatch", "email": "ses"}
"""Names of services in policies, where signatures have others."""
_FREE: Final = ("sts:GetCallerIdentity",)
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""
_BATCHES: Final = ("sqs", "sns")
"""Services whose batches need the permission for one: `sqs:SendMessage` for SendMessageBatch."""
_SEVERAL: Final = re.compile(r"dynamodb:(Transact|Execute|BatchExecute)")
"""Actions that need the permissions of what they contain."""


@dataclass(frozen=True)
class AwsCall:
    """A call of AWS's API."""

    service: str
    """Its name in signatures and endpoints, `secretsmanager`. Empty if the request does not tell."""
    operation: str = ""
    """Empty if the request does not tell, as with most calls of REST protocols."""

    @classmethod
    def of(cls, request: Request) -> AwsCall:
        """The call that a request makes, by its signature and its form."""
        signed = _SIGNED.search(request.header("authorization"))
        target, _, operation = request.header("x-amz-target").rpartition(".")
        if not operation and request.media == "application/x-www-form-urlencoded":
            operation = parse_qs(request.body.decode(errors="replace")).get("Action", [""])[0]
        service = signed[1] if signed else target.lower().removeprefix("amazon")
        return cls(service, operation or rest_operation(service, request))

    @property
    def action(self) -> str:
        """The permission that it needs. Empty if that is not known, or if it needs none."""
        service = _IN_POLICIES.get(self.service, self.service)
        operation = self.operation.removesuffix("Batch") if service in _BATCHES else self.operation
        action = f"{service}:{operation}" if operation else ""
        return "" if action in _FREE or _SEVERAL.match(action) else action

    def __str__(self) -> str:
        return ":".join(filter(None, (self.service or "AWS", self.operation)))


@dataclass
class AwsCaller:
    """One function as a caller of AWS. For the trace of a request it is like a relay."""

    reach: Reach
    function: Resource
    sent: int = 0
    """How many calls it made."""
    down: str = ""
    """Why the target got nothing of the last call: AWS is never down."""
    verdict: Verdict = field(default_factory=lambda: Verdict((), ()))
    """The last call's."""

    def judge(self, call: AwsCall, arns: tuple[str, ...] = ()) -> tuple[bool, str]:
        """Record a call. Returns whether the network blocks it, and the permission that it lacks.

        `arns` are those of the resources that it is about, if they are known.
        """
        answer, endpoint = self._way(call.service)
        blocked, lacking = answer.reason if isinstance(answer, No) else "", ""
        doubts = list(answer.about) if isinstance(answer, Doubt) else []
        if not blocked and call.action:
            lacking, unsure = self._lacking(call.action, arns, endpoint)
            doubts += unsure
        why = blocked or lacking
        hops = (*([self.reach.model.names.of(endpoint)] if endpoint is not None else []), call.service or "AWS")
        self.verdict = Verdict(
            hops=hops,
            backends=(),
            blocked_by=f"{self.function.name} → {call}: {why}" if why else "",
            stopped=(0 if blocked else len(hops) - 1) if why else None,
            doubt="" if why else "; ".join(dict.fromkeys(doubts)),
        )
        self.sent += 1
        return bool(blocked), lacking

    def _way(self, service: str) -> tuple[Answer, Resource | None]:
        """Whether the function's network reaches a service, and the endpoint on the way, if there is one."""
        reach, node = self.reach, self.reach.model.nodes.of(self.function)
        if not node.interfaces:
            unknown = held(self.function, "vpcConfig") is UNKNOWN
            return doubted(f"whether {self.function.name} is in a VPC" if unknown else ""), None
        return reach.granted.way(node, service)

    def _lacking(self, action: str, arns: tuple[str, ...], endpoint: Resource | None) -> tuple[str, list[str]]:
        """The permission that a call lacks, and what is not known about it."""
        roles, doubts = self.reach.model.roles, []
        role, permission = roles.of(self.function), roles.permission(self.function, action)
        owner = role.name if role is not None else "its role"
        if permission is None:
            return f"{owner} does not allow {action}", []
        policies = [*roles.policies(role)] if role is not None else []
        for arn in arns or ("*",):
            about = f"{action} on {arn}" if arns else action
            passed = _decision(held(endpoint, "policy") if endpoint is not None else None, action, arn)
            if endpoint is not None and passed.refused:
                return f"the policy of endpoint {endpoint.name} does not allow {about}", []
            decisions = {_of_role(policy, action, arn) for _, policy in policies}
            if Decision.DENY in decisions or (decisions == {Decision.SILENT} and not permission.doubt):
                return f"{owner} does not allow {about}", []
            if passed is Decision.UNKNOWN and arns:
                doubts.append(f"whether the policy of the endpoint allows {about}")
            if permission.doubt or (arns and Decision.ALLOW not in decisions):
                doubts.append(permission.doubt or f"whether {owner} allows {about}")
        return "", doubts


def _decision(policy: Any, action: str, arn: str) -> Decision:
    """The decision of a policy. An endpoint without one has AWS's own, which allows everything."""
    if policy is None:
        return Decision.ALLOW
    try:
        return allows(policy, caller=ANYBODY, action=action, resource=arn)
    except MalformedDocument:
        return Decision.UNKNOWN


def _of_role(policy: Any, action: str, arn: str) -> Decision:
    """The decision of a role's policy; unknown of one made elsewhere, of which there is only the ARN."""
    return _decision(UNKNOWN if policy is None or is_unread(policy) else policy, action, arn)

"""Judges calls of functions to AWS: by the network of the function, by the endpoint's policy, and by its role."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from ..aws.iam import Decision, allows
from ..graph import UNKNOWN, Resource
from ..graph.answers import Answer, Doubt, No, doubted
from ..graph.given import held
from ..graph.reading import CannotTell, MalformedDocument
from ..reach import Reach
from .network import Verdict
from .request import Request

_SIGNED: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
ANSWERED: Final = {
    "secretsmanager.getsecretvalue": "secretsmanager:GetSecretValue",
    "amazonssm.getparameter": "ssm:GetParameter",
    "amazonssm.getparameters": "ssm:GetParameters",
}
"""Permissions for the calls that are answered from the graph, by the header that names the call, in lower case."""
_LOGGING: Final = ("AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole", "AWSXRayDaemonWriteAccess")
"""AWS's own policies that let a function log, and read nothing."""
_REFUSED: Final = (Decision.DENY, Decision.SILENT)


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

    def judge(self, request: Request, arns: tuple[str, ...] = ()) -> tuple[bool, str]:
        """Record a call. Returns whether the network blocks it, and the permission that it lacks.

        `arns` are those of the secrets or parameters that it is about, if they are known.
        """
        target = request.header("x-amz-target").lower()
        signed, action = _SIGNED.search(request.header("authorization")), ANSWERED.get(target, "")
        service = signed[1] if signed else target.partition(".")[0].removeprefix("amazon")
        answer, endpoint = self._way(service)
        blocked, lacking = answer.reason if isinstance(answer, No) else "", ""
        doubts = list(answer.about) if isinstance(answer, Doubt) else []
        if action and not blocked:
            lacking, unsure = self._lacking(action, arns, endpoint)
            doubts += unsure
        why = blocked or lacking
        hops = (*([self.reach.model.names.of(endpoint)] if endpoint is not None else []), service or "AWS")
        self.verdict = Verdict(
            hops=hops,
            backends=(),
            blocked_by=f"{self.function.name} → {action or service or 'AWS'}: {why}" if why else "",
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
            if endpoint is not None and passed in _REFUSED:
                return f"the policy of endpoint {endpoint.name} does not allow {about}", []
            found = {_of_role(one, action, arn, certain=by is permission.by) for by, one in policies}
            if Decision.DENY in found or (found == {Decision.SILENT} and not permission.doubt):
                return f"{owner} does not allow {about}", []
            if passed is Decision.UNKNOWN and arns:
                doubts.append(f"whether the policy of the endpoint allows {about}")
            if permission.doubt or (arns and Decision.ALLOW not in found):
                doubts.append(permission.doubt or f"whether {owner} allows {about}")
        return "", doubts


def _decision(policy: Any, action: str, arn: str) -> Decision:
    """The decision of a policy. An endpoint without one has AWS's own, which allows everything."""
    if policy is None:
        return Decision.ALLOW
    try:
        return Decision.UNKNOWN if policy is UNKNOWN else allows(policy, action=action, resource=arn)
    except (CannotTell, MalformedDocument):
        return Decision.UNKNOWN


def _of_role(policy: Any, action: str, arn: str, *, certain: bool) -> Decision:
    """The decision of a role's policy. `certain`: if it is AWS's own, it is known to allow the action."""
    if isinstance(policy, str) and policy.startswith("arn:"):
        if certain:
            return Decision.ALLOW
        return Decision.SILENT if policy.rpartition("/")[2] in _LOGGING else Decision.UNKNOWN
    return _decision(UNKNOWN if policy is None else policy, action, arn)

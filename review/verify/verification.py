"""Verifies a stack: the drift that the engine's refresh names, and the checks of what runs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..facts import version
from ..graph.prose import format_count, make_printable
from ..plan_files.plan import Plan, simplify_path
from ..reach import trace
from . import calls, health, images
from .check import Check, Status
from .cloud import Cloud, NotRead

_WHO: Final = "sts.GetCallerIdentity"
_SIGNS: Final = {Status.FAILED: "✗", Status.NOT_READ: "?", Status.PASSED: "✓"}


class AccountError(Exception):
    """There are no credentials, or they are of another account than the stack's."""


@dataclass(frozen=True)
class Verification:
    """What is known of one stack."""

    project: str
    stack: str
    drift: tuple[str, ...]
    """A line for each resource that the engine's refresh would change."""
    compared: int
    """Resources that the refresh read."""
    checks: tuple[Check, ...]

    def list_checks(self, status: Status) -> list[Check]:
        return [check for check in self.checks if check.status is status]

    @property
    def failed(self) -> bool:
        return bool(self.drift or self.list_checks(Status.FAILED))

    @property
    def verdict(self) -> str:
        """`no resource drifted of 40 compared, 1 check failed, 2 not read`."""
        drifted = format_count(len(self.drift), "resource") if self.drift else "no resource"
        failures, unread = (len(self.list_checks(status)) for status in (Status.FAILED, Status.NOT_READ))
        parts = [f"{drifted} drifted of {self.compared} compared"]
        parts.append(f"{format_count(failures, 'check')} failed" if failures else "no check failed")
        return ", ".join([*parts, *([f"{unread} not read"] if unread else [])])

    def as_text(self) -> str:
        lines = [f"{self.project} · {self.stack}", "", self.verdict]
        lines += ["", "Drift, as `pulumi refresh --preview-only` names it"] if self.drift else []
        lines += [f"  {line}" for line in self.drift]
        if self.drift:
            lines.append("  → run `pulumi up --refresh` to restore what the program declares, or change the program")
        for status, sign in _SIGNS.items():
            checks = self.list_checks(status)
            lines += ["", f"Checks: {status}"] if checks else []
            for check in checks:
                lines.append(f"  {sign} {check.about}: {check.message}")
                lines += [f"      → {check.remedy}"] if check.remedy else []
        return "\n".join(map(make_printable, lines)) + "\n"

    def as_json(self) -> str:
        document: dict[str, Any] = {"gatehouse": version.VERSION, "project": self.project, "stack": self.stack}
        document |= {"verdict": self.verdict, "drift": list(self.drift), "compared": self.compared}
        document["checks"] = [{**vars(check), "status": check.status.value} for check in self.checks]
        return json.dumps(document, indent=2) + "\n"


def verify(refresh: Plan, cloud: Cloud, caller: calls.Caller, *, offline: bool = False) -> Verification:
    """Ask AWS, and call the stack's routes unless `offline`. Raises AccountError."""
    if cloud.session.get_credentials() is None:
        raise AccountError("there are no AWS credentials here: run `aws sso login`, or set AWS_PROFILE")
    graph = refresh.before
    try:
        account = str(cloud.ask(_WHO, {}, graph.region).get("Account") or "")
    except NotRead as problem:
        raise AccountError(f"{_WHO}: {problem}") from None
    if graph.account and account and account != graph.account:
        raise AccountError(f"the credentials are of account {account}, and the stack is in {graph.account}")
    reach = trace(graph)
    checks = [*health.check_health(reach, cloud), *images.check_images(graph, cloud)]
    checks += [] if offline else calls.check_calls(reach.statements, caller)
    compared = sum(step["oldState"].get("custom") is True for step in refresh.steps)
    return Verification(graph.project, graph.stack, tuple(_list_drift(refresh)), compared, tuple(checks))


def _list_drift(refresh: Plan) -> Iterator[str]:
    for step in refresh.steps:
        name, kind = step["urn"].rpartition("::")[2], step["urn"].split("::")[2].rpartition("$")[2]
        keys = ", ".join(dict.fromkeys(map(simplify_path, step.get("detailedDiff") or step.get("diffReasons") or ())))
        if step["op"] == "update":
            yield f"{name} ({kind}): changed{f': {keys}' if keys else ''}"
        elif step["op"] == "delete":
            yield f"{name} ({kind}): gone"

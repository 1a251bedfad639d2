"""Resources that somebody deletes in the console: `up` does not see it, and `up --refresh` creates them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .cli import ROOT, Engine, Outcome
from .cycle import STACK, Stage, stage
from .read_back import client, rest_apis

_UP: Final = ("up", "--yes", "--skip-preview")
_DEPLOYMENT: Final = "aws:apigateway/deployment:Deployment"
_Outputs = Mapping[str, Any]


def _instance(engine: Engine, outputs: _Outputs) -> None:
    client(engine, "ec2").terminate_instances(InstanceIds=[outputs["id"]])


def _log_group(engine: Engine, outputs: _Outputs) -> None:
    client(engine, "logs").delete_log_group(logGroupName=outputs["name"])


def _permission(engine: Engine, outputs: _Outputs) -> None:
    client(engine, "lambda").remove_permission(FunctionName=outputs["function"], StatementId=outputs["statementId"])


def _function(engine: Engine, outputs: _Outputs) -> None:
    client(engine, "lambda").delete_function(FunctionName=outputs["name"])


def _ingress_rule(engine: Engine, outputs: _Outputs) -> None:
    client(engine, "ec2").revoke_security_group_ingress(
        GroupId=outputs["securityGroupId"], SecurityGroupRuleIds=[outputs["securityGroupRuleId"]]
    )


def _stage(engine: Engine, outputs: _Outputs) -> None:
    client(engine, "apigateway").delete_stage(restApiId=outputs["restApi"], stageName=outputs["stageName"])


_DELETED: Final[Mapping[str, tuple[str, Callable[[Engine, _Outputs], None]]]] = {
    "an instance": ("aws:ec2/instance:Instance", _instance),
    "a log group": ("aws:cloudwatch/logGroup:LogGroup", _log_group),
    "a permission": ("aws:lambda/permission:Permission", _permission),
    "a function": ("aws:lambda/function:Function", _function),
    "an ingress rule": ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", _ingress_rule),
    "a stage": ("aws:apigateway/stage:Stage", _stage),
}
"""The first resource of each type is deleted."""


def out_of_band(engine: Engine) -> Iterator[Stage]:
    """Delete one resource after the other behind Pulumi's back."""
    engine.write_stack(STACK, (ROOT / "Pulumi.dev.yaml").read_text())
    engine.run("stack", "init", STACK)
    yield stage("up", engine.run(*_UP, stack=STACK), [])
    for name, (token, delete) in _DELETED.items():
        resource = min((each for each in engine.state(STACK) if each["type"] == token), key=lambda each: each["urn"])
        logical = resource["urn"].rpartition("::")[2]
        delete(engine, resource["outputs"])
        plain = engine.run(*_UP, "--expect-no-changes", stack=STACK)
        yield stage(f"up without {name}", plain, [f"it sees that {step.name} is gone" for step in plain.changes])
        mended = engine.run(*_UP, "--refresh", stack=STACK)
        yield stage(f"up --refresh without {name}", mended, list(unlike(mended, logical)))
        again = engine.run("preview", "--expect-no-changes", stack=STACK)
        yield stage(f"nothing is planned after {name}", again, list(rest_apis(engine, STACK)))
    yield stage("destroy", engine.run("destroy", "--yes", "--skip-preview", stack=STACK), [])


def unlike(outcome: Outcome, deleted: str) -> Iterator[str]:
    """Where an update does something else than to create what was deleted, and to lead others to it."""
    created = {step.name for step in outcome.steps if step.operation == "create"}
    if deleted not in created:
        yield f"{deleted} was deleted, and is not created again"
    for step in outcome.changes:
        # A deployment holds no data: another one takes the place of one whose function is another.
        lost = step.operation in ("delete", "replace", "delete-replaced") and step.type != _DEPLOYMENT
        if lost and step.name != deleted:
            yield f"{step.name}: {step.operation}, for {deleted} was deleted"

"""Waits until a new instance answers, before it receives requests and before the old one is deleted.

EC2 calls an instance `running` minutes before its software answers. A gate is between the instance and the resources
that send requests to it: a `Stash`, which keeps a value in the state and creates nothing in AWS. Its hooks wait in the
program's process before it is created or updated, and never in a preview. If the instance does not answer, the gate
fails: nothing that depends on it changes, nothing is deleted, and the old instance answers. The next `pulumi up` waits
at the gate again, also without a change of the program.

A hook after the creation of the instance would not be enough: the engine records the instance as created, so the next
`pulumi up` would send requests to it and delete the old one. pulumi/pulumi, pkg/resource/deploy/step.go
https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..facts import hook_names
from ..resource_hooks.boto3_clients import MissingModuleError, create_client, run_in_thread
from ..resource_hooks.names import name_hook
from ..resource_options.scope import Scope

# Last line of the boot script on the console (user_data/container.sh).
ANSWERS: Final = "gatehouse: the backend answers"
FAILED: Final = "gatehouse: the backend does not run"
_SPEAKS: Final = "gatehouse: "
_PAUSE_SECONDS: Final = 5
# One minute in which every look fails.
_BLIND_LOOKS: Final = 12

Connect = Callable[[str, str], Any]
"""Makes a client of boto3 for a service and a region."""
Client = Callable[[str], Any]
"""Returns the client for a service."""
Watched = Mapping[str, Any]
"""The identifiers of what a gate waits for, and for how many `seconds`. `arn` has the region."""
Ready = Callable[[Client, Watched], bool]
"""Whether it answers, found out with clients. Raises NotAnsweringError if it never will."""


class NotAnsweringError(Exception):
    """The new resource does not answer, so it must not receive requests."""


def declare_instance_gate(
    scope: Scope, instance: aws.ec2.Instance, connect: Connect | None = None, *, seconds: int
) -> pulumi.Resource:
    """The gate of an instance that a boot script of ours starts: its console, which needs no network, has the result.

    The script ends with one line for success and another for failure. If the console has neither, the result is unknown
    and the update continues with a warning. Instance types without Nitro show their console only minutes later. The
    deployer needs `ec2:GetConsoleOutput`; without it the update continues with a warning too.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
    """
    watched = {"arn": instance.arn, "instanceId": instance.id, "seconds": seconds}
    return declare_gate(scope, watched, has_booted, connect, conclusive=has_begun)


def declare_target_gate(
    scope: Scope, registration: aws.lb.TargetGroupAttachment, connect: Connect | None = None, *, seconds: int
) -> pulumi.Resource:
    """The gate of a registration in a target group: the health checks of the target must pass.

    The provider itself needs `elasticloadbalancing:DescribeTargetHealth`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    watched = {
        "arn": registration.target_group_arn,
        "targetId": registration.target_id,
        "port": registration.port,
        "registration": registration.id,
        "seconds": seconds,
    }
    return declare_gate(scope, watched, is_healthy, connect)


def has_booted(client: Client, watched: Watched) -> bool:
    """Whether the boot script has ended well."""
    ec2 = client("ec2")
    try:
        output = ec2.get_console_output(InstanceId=watched["instanceId"], Latest=True)
    except ec2.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "UnsupportedOperation":
            raise
        output = ec2.get_console_output(InstanceId=watched["instanceId"])
    console = str(output.get("Output", ""))
    if FAILED in console:
        reason = console.rpartition(FAILED)[2].strip(": \r\n").partition("\n")[0]
        raise NotAnsweringError(f"its boot script gave up: {reason}")
    return ANSWERS in console


def has_begun(client: Client, watched: Watched) -> bool:
    """Whether the boot script has written a line, and so is still trying: what it has not written did not happen.

    False for types without Nitro, whose console may be an old one.
    """
    ec2 = client("ec2")
    try:
        return _SPEAKS in ec2.get_console_output(InstanceId=watched["instanceId"], Latest=True).get("Output", "")
    except ec2.exceptions.ClientError:
        return False


def is_healthy(client: Client, watched: Watched) -> bool:
    """Whether the target group sends requests to the target."""
    target = {"Id": watched["targetId"], "Port": int(watched["port"])}
    health = client("elbv2").describe_target_health(TargetGroupArn=watched["arn"], Targets=[target])
    return any(description["TargetHealth"]["State"] == "healthy" for description in health["TargetHealthDescriptions"])


def declare_gate(
    scope: Scope,
    watched: Mapping[str, pulumi.Input[Any]],
    ready: Ready,
    connect: Connect | None,
    *,
    conclusive: Ready = lambda *_: True,
) -> pulumi.Resource:
    """The gate of what `watched` identifies.

    `conclusive`: whether it does not answer if it was not ready for as long as we wait. Defaults to true.
    """

    async def wait(args: pulumi.ResourceHookArgs) -> None:
        known = (args.new_inputs or {})["input"]
        if warning := await run_in_thread(_wait, ready, connect or create_client, known, conclusive):
            pulumi.log.warn(f"{args.name}: {warning}")

    name = f"{scope.name}-answers"
    waits = name_hook(scope.parent, name, hook_names.WAITS)
    hook = pulumi.ResourceHook(waits, wait, opts=pulumi.ResourceHookOptions(on_dry_run=False))
    hooks = pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook])
    return pulumi.Stash(name, input=watched, opts=scope.child_options(hooks=hooks))


def _wait(ready: Ready, connect: Connect, watched: Watched, conclusive: Ready) -> str:
    """Wait; returns a warning if the result is unknown. Raises NotAnsweringError if there is no answer."""
    blind, seconds = 0, int(watched["seconds"])

    @functools.cache
    def client(service: str) -> Any:
        # arn:aws:ec2:eu-west-1:123456789012:instance/i-1
        return connect(service, watched["arn"].split(":")[3])

    try:
        for _ in range(seconds // _PAUSE_SECONDS):
            try:
                if ready(client, watched):
                    return ""
                blind = 0
            except NotAnsweringError:
                raise
            except Exception:
                # One call may fail because of the network; a missing permission fails each time.
                blind += 1
                if blind == _BLIND_LOOKS:
                    raise
            time.sleep(_PAUSE_SECONDS)
        failed = conclusive(client, watched)
    except NotAnsweringError as error:
        raise NotAnsweringError(_describe_failure(watched, str(error))) from None
    except MissingModuleError:
        raise
    except Exception as error:  # of boto3, credentials or the network: the result is unknown
        return (
            f"the update did not wait until {_watched_name(watched)} answers, so calls may fail until it does: {error}"
        )
    minutes = seconds // 60
    if failed:
        raise NotAnsweringError(_describe_failure(watched, f"no answer in {minutes} minutes"))
    silent = f"the console of {_watched_name(watched)} had no line of the boot script in {minutes} minutes"
    return f"{silent}; check whether it answers"


def _watched_name(watched: Watched) -> str:
    return str(watched.get("instanceId") or watched.get("targetId") or watched["arn"].rpartition("/")[2])


def _describe_failure(watched: Watched, reason: str) -> str:
    return (
        f"{_watched_name(watched)} does not answer: {reason}. The update ends here, and the old backend, if there is "
        "one, receives all requests. Correct the image or the settings and run `pulumi up` again"
    )

"""Waits until a new resource answers, before requests reach it and before the old one is deleted.

EC2 calls an instance `running` minutes before its software answers. A resource hook waits for that in the program's
process after the resource is created, and never in a preview. Only then does the engine create the resources that
depend on it, and it deletes last: until the new one answers, the old one does. If the new one fails, the update ends
and the old one stays. https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import pulumi

from .. import sdk_client

# Last line of the boot script on the console (user_data/container.sh).
ANSWERS: Final = "gatehouse: the backend answers"
FAILED: Final = "gatehouse: the backend does not run"
_SPEAKS: Final = "gatehouse: "
_PAUSE_SECONDS: Final = 5
# The boot script's pauses take half an hour while it gets its image, and five minutes until it is answered; an attempt
# that hangs takes longer.
_LONGEST_SECONDS: Final = 2400
# One minute in which every look fails.
_BLIND_LOOKS: Final = 12

Connect = Callable[[str, str], Any]
"""Makes a client of boto3 for a service and a region."""
Ready = Callable[[Any, pulumi.ResourceHookArgs], bool]
"""Whether a resource answers, found out with a client. Raises NotAnsweringError if it never will."""


class NotAnsweringError(Exception):
    """The new resource does not answer, so it must not receive requests."""


def answering_instance(name: str, connect: Connect | None = None) -> pulumi.ResourceHookBinding:
    """Hooks for an instance that a boot script of ours starts: its console, which needs no network, has the result.

    The script ends with one line for success and another for failure. If the console has neither, the result is unknown
    and the update continues with a warning. Instance types without Nitro show their console only minutes later. The
    deployer needs `ec2:GetConsoleOutput`; without it the update continues with a warning too.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
    """
    return _hooks(name, "ec2", booted, connect, begun)


def healthy_target(name: str, connect: Connect | None = None) -> pulumi.ResourceHookBinding:
    """Hooks for the registration of an instance in a target group: its health checks must find it well.

    The provider itself needs `elasticloadbalancing:DescribeTargetHealth`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    return _hooks(name, "elbv2", healthy, connect, lambda *_: True)


def booted(client: Any, args: pulumi.ResourceHookArgs) -> bool:
    """Whether the boot script has ended well."""
    try:
        found = client.get_console_output(InstanceId=args.id, Latest=True)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "UnsupportedOperation":
            raise
        found = client.get_console_output(InstanceId=args.id)
    console = str(found.get("Output", ""))
    if FAILED in console:
        reason = console.rpartition(FAILED)[2].strip(": \r\n").partition("\n")[0]
        raise NotAnsweringError(f"its boot script gave up: {reason}")
    return ANSWERS in console


def begun(client: Any, args: pulumi.ResourceHookArgs) -> bool:
    """Whether the boot script has written a line, and so is still trying: what it has not written did not happen.

    False for types without Nitro, whose console may be an old one.
    """
    try:
        return _SPEAKS in client.get_console_output(InstanceId=args.id, Latest=True).get("Output", "")
    except client.exceptions.ClientError:
        return False


def healthy(client: Any, args: pulumi.ResourceHookArgs) -> bool:
    """Whether the target group sends requests to the target."""
    target = args.new_outputs or {}
    found = client.describe_target_health(
        TargetGroupArn=target["targetGroupArn"], Targets=[{"Id": target["targetId"], "Port": int(target["port"])}]
    )
    return any(one["TargetHealth"]["State"] == "healthy" for one in found["TargetHealthDescriptions"])


def _hooks(
    name: str, service: str, ready: Ready, connect: Connect | None, conclusive: Ready
) -> pulumi.ResourceHookBinding:
    """`conclusive`: whether it does not answer if it was not ready for as long as we wait."""

    async def wait(args: pulumi.ResourceHookArgs) -> None:
        # In a thread, so that resources that do not depend on this are created meanwhile.
        if warning := await asyncio.to_thread(_wait, service, ready, connect or sdk_client.client, args, conclusive):
            pulumi.log.warn(warning)

    # The review knows by the name's end that the engine waits.
    hook = pulumi.ResourceHook(
        f"{name}-waits-until-it-answers", wait, opts=pulumi.ResourceHookOptions(on_dry_run=False)
    )
    return pulumi.ResourceHookBinding(after_create=[hook])


def _wait(service: str, ready: Ready, connect: Connect, args: pulumi.ResourceHookArgs, conclusive: Ready) -> str:
    """Wait; returns a warning if the result is unknown. Raises NotAnsweringError if there is no answer."""
    blind = 0
    try:
        client = connect(service, _region(args))
        for _ in range(_LONGEST_SECONDS // _PAUSE_SECONDS):
            try:
                if ready(client, args):
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
        failed = conclusive(client, args)
    except NotAnsweringError as error:
        raise NotAnsweringError(_refusal(args, str(error))) from None
    except sdk_client.MissingModuleError:
        raise
    except Exception as error:  # of boto3, credentials or the network: the result is unknown
        return f"{args.name}: the update did not wait until it answers, so calls may fail until it does: {error}"
    minutes = _LONGEST_SECONDS // 60
    if failed:
        raise NotAnsweringError(_refusal(args, f"no answer in {minutes} minutes"))
    return f"{args.name}: its console had no line of the boot script in {minutes} minutes; check whether it answers"


def _refusal(args: pulumi.ResourceHookArgs, reason: str) -> str:
    return (
        f"{args.name} does not answer: {reason}. The update ends here, and what answered before still does; mend the "
        "image or the settings and run it again (without a change it would go on with this one)"
    )


def _region(args: pulumi.ResourceHookArgs) -> str:
    """Of an ARN among the outputs: arn:aws:ec2:eu-west-1:123456789012:instance/i-1."""
    outputs = args.new_outputs or {}
    return str(outputs.get("arn") or outputs["targetGroupArn"]).split(":")[3]

"""A deployed stack as rows ask it: by calls from here and from its consumer, and by requests to AWS."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from ..verify.cloud import Cloud, NotRead
from .life import STACK
from .probes import Site

_KEY: Final = "aws:apigateway/apiKey:ApiKey"
_ROLE: Final = "aws:iam/role:Role"
_CONSUMER: Final = "consumer-instance"


def make_live_site(resources: Sequence[Mapping[str, Any]], cloud: Cloud, region: str) -> Site:
    """The site of a stack, by the resources of its state."""
    named: dict[str, dict[str, Any]] = {}
    url = ""
    for resource in resources:
        outputs = resource.get("outputs") or {}
        named[str(resource["urn"]).rpartition("::")[2]] = {**outputs, "id": resource.get("id")}
        url = str(outputs.get("apiUrl", "")) if resource["type"] == STACK else url
    keys = [resource["id"] for resource in resources if resource["type"] == _KEY]
    instance = named.get(_CONSUMER, {}).get("id")
    return Site(
        url=url,
        region=region,
        credentials=cloud.session.get_credentials().get_frozen_credentials(),
        resources=named,
        ask=lambda call, arguments: cloud.ask(call, arguments, region),
        key=lambda: cloud.ask("apigateway.GetApiKey", {"apiKey": keys[0], "includeValue": True}, region)["value"],
        consumer=(lambda command: _run_on(instance, command, cloud, region)) if instance else None,
    )


def _run_on(instance: str, command: str, cloud: Cloud, region: str) -> str:
    """What a shell command prints on an instance, through Systems Manager. Raises NotRead."""
    client = cloud.session.client("ssm", region_name=region)
    try:
        document = {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": [command]}}
        sent = client.send_command(InstanceIds=[instance], **document)["Command"]["CommandId"]
        client.get_waiter("command_executed").wait(CommandId=sent, InstanceId=instance)
        return str(client.get_command_invocation(CommandId=sent, InstanceId=instance)["StandardOutputContent"])
    except (BotoCoreError, ClientError, WaiterError) as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
        raise NotRead(f"the consumer does not take commands ({code})") from None


def delete_kept_roles(resources: Sequence[Mapping[str, Any]], cloud: Cloud, region: str) -> tuple[list[str], list[str]]:
    """Delete the log roles that a destroy keeps, unless API Gateway uses one: a `life.DeleteKept`."""
    failed: list[str] = []
    stays: list[str] = []
    client = cloud.session.client("iam")
    for role in (resource["outputs"] for resource in resources if resource["type"] == _ROLE):
        name = role["name"]
        try:
            if cloud.ask("apigateway.GetAccount", {}, region).get("cloudwatchRoleArn") == role["arn"]:
                stays.append(f"the role {name}: API Gateway writes the logs of all REST APIs of {region} by it")
                continue
            for policy in cloud.ask("iam.ListAttachedRolePolicies", {"RoleName": name}, region)["AttachedPolicies"]:
                client.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
            client.delete_role(RoleName=name)
        except (BotoCoreError, ClientError, NotRead) as error:
            failed.append(f"the role {name} ({type(error).__name__}): run `aws iam delete-role --role-name {name}`")
    return failed, stays

"""Clients of boto3, and threads, for what resource hooks look up or do themselves."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import pulumi
import pulumi_aws as aws

Result = TypeVar("Result")

# The SDK's own threads are held by registrations that wait for a hook, so a hook that needed one of them could wait for
# ever (`pulumi up --parallel 1`). pulumi/pulumi, sdk/python/cmd/pulumi-language-python-exec
_THREADS: Final = ThreadPoolExecutor(thread_name_prefix="gatehouse-hook")


class MissingModuleError(pulumi.RunError):
    """boto3 is not installed where the program runs."""


async def run_in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Calls a function that waits, so that other resources are created meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, function, *arguments)


def create_client(service: str, region: str) -> Any:
    """Returns a client with the credentials of the default provider: its config's keys, environment, profile and roles.

    A provider in the component's options is not asked.

    Raises MissingModuleError if boto3 is not installed.
    """
    try:
        # Half a second to load, which no preview should pay.
        import boto3
    except ImportError:
        raise MissingModuleError("boto3 is not installed where the program runs: pip install boto3") from None
    config = pulumi.Config("aws")
    session = boto3.Session(
        aws_access_key_id=config.get("accessKey"),
        aws_secret_access_key=config.get("secretKey"),
        aws_session_token=config.get("token"),
        profile_name=aws.config.profile,
        region_name=region,
    )
    for role in config.get_object("assumeRoles") or ():
        optional = {"ExternalId": role.get("externalId"), "Policy": role.get("policy")}
        assumed = session.client("sts").assume_role(
            RoleArn=role["roleArn"],
            RoleSessionName=role.get("sessionName", "gatehouse"),
            **{key: value for key, value in optional.items() if value},
        )["Credentials"]
        session = boto3.Session(
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
            region_name=region,
        )
    return session.client(service)

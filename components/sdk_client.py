"""Clients of boto3, for what resource hooks look up or do themselves."""

from typing import Any

import pulumi
import pulumi_aws as aws


class MissingModuleError(pulumi.RunError):
    """boto3 is not installed where the program runs."""


def client(service: str, region: str) -> Any:
    """Returns a client with the environment's credentials, or those of the profile that the config names.

    Raises MissingModuleError if boto3 is not installed.
    """
    try:
        # Half a second to load, which no preview should pay.
        import boto3
    except ImportError:
        raise MissingModuleError("boto3 is not installed where the program runs: pip install boto3") from None
    return boto3.Session(profile_name=aws.config.profile, region_name=region).client(service)

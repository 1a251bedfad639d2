"""Clients of boto3, for what resource hooks look up or do themselves."""

from typing import Any

import pulumi_aws as aws


def client(service: str, region: str) -> Any:
    """A client with the environment's credentials, or those of the profile that the config names."""
    # Half a second to load, which no preview should pay.
    import boto3  # type: ignore[import-untyped] # it carries no types

    return boto3.Session(profile_name=aws.config.profile, region_name=region).client(service)

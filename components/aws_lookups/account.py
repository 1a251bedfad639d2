"""Region, partition and account that the components are deployed in."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from ..arguments.errors import as_errors, refuse
from ..arguments.faults import Fault
from ..facts.regions import find_refusal
from .lookup import look_up


def find_region(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the region that the component's provider works in."""
    return look_up(aws.get_region_output, {}, parent, "region").region.apply(require_served)


def require_served(region: str) -> str:
    """Returns the region. Raises ArgumentError for one of a partition that Gatehouse does not serve."""
    refused = find_refusal(region)
    refuse(as_errors("Gatehouse", [Fault("aws:region", region, *refused)] if refused else []))
    return region


def find_partition(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the partition, the second part of every ARN: `aws`, `aws-cn` or `aws-us-gov`."""
    return look_up(aws.get_partition_output, {}, parent, "partition").partition


def find_dns_suffix(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the domain of the partition's services, `amazonaws.com`."""
    return look_up(aws.get_partition_output, {}, parent, "dns_suffix").dns_suffix


def find_account_id(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the account that the component's provider works in."""
    return look_up(aws.get_caller_identity_output, {}, parent, "account_id").account_id


def find_stated_region() -> str | None:
    """Returns the region that the stack's config or the environment gives the default provider. None if a profile
    decides it."""
    return aws.config.region


def read_allowed_accounts() -> tuple[str, ...]:
    """Returns the accounts of `aws:allowedAccountIds`, none if the stack does not limit them.

    The provider refuses a value that is no list.
    """
    text = pulumi.Config("aws").get("allowedAccountIds")
    try:
        accounts = json.loads(text) if text else []
    except ValueError:
        return ()
    return tuple(map(str, accounts)) if isinstance(accounts, list) else ()

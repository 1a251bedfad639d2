"""Region, partition and account that the components are deployed in."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


def find_region(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the region that the component's provider works in."""
    return aws.get_region_output(opts=pulumi.InvokeOptions(parent=parent)).region


def find_partition(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the partition, the second part of every ARN: `aws`, `aws-cn` or `aws-us-gov`."""
    return aws.get_partition_output(opts=pulumi.InvokeOptions(parent=parent)).partition


def find_dns_suffix(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the domain of the partition's services, `amazonaws.com`."""
    return aws.get_partition_output(opts=pulumi.InvokeOptions(parent=parent)).dns_suffix


def find_account_id(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the account that the component's provider works in."""
    return aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=parent)).account_id

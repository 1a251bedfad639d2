"""Facts of the stack's own region that topologies look up. Those of components are in `components/aws_lookups/`."""

import pulumi_aws as aws

from ...aws_lookups.account import require_served
from ...aws_lookups.lookup import look_up_now


def find_region() -> str:
    """Returns the region of the stack."""
    return require_served(str(look_up_now(aws.get_region, {}, None, "region").region))


def find_zones_offering(instance_type: str) -> list[str] | None:
    """Returns names of the region's zones that have an instance type; None if that is not known.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
    """
    named = [aws.ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=[instance_type])]
    arguments = {"filters": named, "location_type": "availability-zone"}
    found = look_up_now(aws.ec2.get_instance_type_offerings, arguments, None, "locations").locations
    zones = sorted(zone for zone in found if zone.startswith(find_region()))
    # Without an account, the review has an unknown text in place of names.
    return None if found and not zones else zones


def build_invoke_arn(function_arn: str) -> str:
    """Returns the ARN by which API Gateway invokes a function.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    partition = look_up_now(aws.get_partition, {}, None, "partition").partition
    return f"arn:{partition}:apigateway:{find_region()}:lambda:path/2015-03-31/functions/{function_arn}/invocations"

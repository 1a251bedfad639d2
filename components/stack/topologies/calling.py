"""How programs in the network call AWS: arguments of backends and functions."""

from typing import Any

from ... import PrivateNetwork
from ..settings import Settings
from ..settings.egress import modes


def calling(settings: Settings, network: PrivateNetwork, *, out: bool = True, gateways: bool = True) -> dict[str, Any]:
    """Arguments of a component whose programs call AWS from the network.

    `out`, also by addresses of the internet; `gateways`, also through the gateway endpoints of S3 and DynamoDB.
    """
    found = {
        "egress": modes(settings.network) if out else [],
        "s3_prefix_list_id": network.s3_prefix_list_id if gateways else None,
        "dynamodb_prefix_list_id": network.dynamodb_prefix_list_id if gateways else None,
        "endpoint_security_group_id": network.endpoint_security_group_id,
        "endpoint_services": network.endpoint_services or None,
        "endpoint_cidr": network.endpoint_cidr,
        "existing_endpoint_services": network.existing_endpoint_services or None,
    }
    return {key: value for key, value in found.items() if value is not None}

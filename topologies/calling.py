"""How programs in the network call AWS: arguments of backends and functions."""

from typing import Any

from components import PrivateNetwork
from settings import Settings
from settings.egress import modes


def calling(settings: Settings, network: PrivateNetwork, *, out: bool = True) -> dict[str, Any]:
    """Arguments of a component whose programs call AWS from the network; `out`, also by addresses of the internet."""
    found = {
        "egress": modes(settings.network) if out else [],
        "s3_prefix_list_id": network.s3_prefix_list_id,
        "dynamodb_prefix_list_id": network.dynamodb_prefix_list_id,
        "endpoint_security_group_id": network.endpoint_security_group_id,
    }
    return {key: value for key, value in found.items() if value is not None}

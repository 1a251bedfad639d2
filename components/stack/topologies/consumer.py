"""The instance of a stack's settings inside the VPC, to call a private API from."""

from typing import Any

import pulumi

from ... import ApiConsumer, PrivateApiEndpoint, PrivateNetwork
from ..settings import Settings
from .backend import drop_omitted
from .outputs import find_first_path


def declare_consumer(
    settings: Settings, network: PrivateNetwork, endpoint: PrivateApiEndpoint, url: pulumi.Output[str]
) -> tuple[ApiConsumer, dict[str, Any]]:
    """Declare it; gives outputs with the commands to try as well."""
    assert settings.consumer is not None
    args: dict[str, Any] = {
        "calls_security_group_ids": {"endpoint": endpoint.security_group_id},
        **network.client(gateways=False),
        "access": settings.consumer.access,
        "instance_connect_security_group_id": network.instance_connect_security_group_id,
        "instance_type": settings.consumer.instance_type,
    }
    made = ApiConsumer("consumer", drop_omitted(args))
    host = url.apply(lambda known: known.split("/")[2])
    return made, {
        "consumerInstanceId": made.instance_id,
        "consumerConnect": made.connect,
        "consumerTry": pulumi.Output.concat(
            "nslookup ", host, " && curl --silent '", url, find_first_path(settings), "?name=you'"
        ),
    }

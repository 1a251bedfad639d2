"""The outputs of a stack: the same names in every topology."""

from typing import Any

import pulumi

from components import ApiFront, PrivateNetwork
from settings import Settings

from .backend import Reached
from .network import egress_of

Outputs = dict[str, Any]


def outputs(settings: Settings, network: PrivateNetwork | None, backend: Reached | None, front: ApiFront) -> Outputs:
    """What `pulumi stack output` shows."""
    return {
        "topology": settings.topology.value,
        "apiUrl": front.url,
        "apiId": front.api_id,
        "apiKeyIds": front.key_ids,
        "vpcId": network.vpc_id if network else None,
        "backendSecurityGroupId": backend.security_group_id if backend else None,
        "egress": ", ".join(egress_of(settings)) or "none",
        "curl": curl(settings, front.url),
    }


def curl(settings: Settings, url: pulumi.Output[str]) -> pulumi.Output[str]:
    """A line to try the first route with."""
    route = settings.api.routes[0]
    method = route.methods[0]
    flag = {"GET": "", "ANY": "", "HEAD": "--head "}.get(method, f"--request {method} ")
    key = "--header 'x-api-key: …' " if route.key_required else ""
    path = "" if route.path == "/" else route.path
    return pulumi.Output.concat(f"curl {flag}{key}'", url, path, "'")

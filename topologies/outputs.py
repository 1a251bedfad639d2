"""The outputs of a stack: the same names in every topology."""

from typing import Any

import pulumi

from components import ApiFront, PrivateNetwork
from settings import Settings

from .backend import Reached
from .network import egress_of

Outputs = dict[str, Any]


def outputs(
    settings: Settings, front: ApiFront, network: PrivateNetwork | None = None, backend: Reached | None = None
) -> Outputs:
    """What `pulumi stack output` shows. Without a network of its own a stack has no VPC and no way out to name."""
    return {
        "topology": settings.topology.value,
        "apiUrl": front.url,
        "apiId": front.api_id,
        "apiKeyIds": front.key_ids,
        "vpcId": network.vpc_id if network else "",
        "backendSecurityGroupId": (backend.security_group_id if backend else None) or "",
        "egress": (", ".join(egress_of(settings)) or "none") if network else "",
        "curl": _curl(settings, front.url),
    }


def first_path(settings: Settings) -> str:
    """Path of the first route, to go after a URL."""
    path = settings.api.routes[0].path
    return "" if path == "/" else path


def _curl(settings: Settings, url: pulumi.Output[str]) -> pulumi.Output[str]:
    """A line to try the first route with."""
    route = settings.api.routes[0]
    method = route.methods[0]
    flag = {"GET": "", "ANY": "", "HEAD": "--head "}.get(method, f"--request {method} ")
    key = "--header 'x-api-key: …' " if route.key_required else ""
    return pulumi.Output.concat(f"curl {flag}{key}'", url, first_path(settings), "'")

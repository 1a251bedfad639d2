"""The outputs of a stack: the same names in every topology."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ... import ApiFront, FargateBackend, PrivateIngress, PrivateNetwork, ServerlessProxy
from ...facts.regions import find_partition
from ..settings import Settings
from ..settings.egress import list_modes
from . import lookups
from .backend import DeclaredBackend
from .services import DeclaredService

Outputs = dict[str, Any]


def build_outputs(
    settings: Settings,
    front: ApiFront,
    *,
    url: pulumi.Output[str] | None,
    network: PrivateNetwork | None,
    ingress: PrivateIngress | None,
    backend: DeclaredBackend | None,
    forwarder: ServerlessProxy | None,
    services: Mapping[str, DeclaredService],
    link_security_group_id: pulumi.Input[str],
) -> Outputs:
    """Returns the outputs of a stack. Without a network of its own it has no VPC and no egress to name."""
    url = front.url if url is None else url
    service = backend.component if backend and isinstance(backend.component, FargateBackend) else None
    return {
        "topology": settings.topology.value,
        "apiUrl": url,
        "apiId": front.api_id,
        "apiKeyIds": front.key_ids,
        "vpcId": network.vpc_id if network else "",
        # Another stack adopts the network by these: network.vpcId and network.subnetIds.
        "subnetIds": network.private_subnets if network else [],
        # The endpoints that the stack made, for network.existingEndpoints.
        "endpoints": network.endpoint_ids.apply(sorted) if network else [],
        "backendSecurityGroupId": (backend.security_group_id if backend else None) or "",
        "egress": (", ".join(list_modes(settings.network)) or "none") if network else "",
        "egressReason": settings.egress_reason if network else "",
        "curl": _build_curl_command(settings, url),
        "apiConsole": _build_console_url(settings, front),
        "apiLogGroup": front.log_group_name,
        "forwarderSecurityGroupId": forwarder.security_group_id if forwarder else "",
        "forwarderLogGroup": forwarder.log_group_name if forwarder else "",
        # For the rule of an existing load balancer.
        "linkSecurityGroupId": link_security_group_id,
        "backendInstanceIds": backend.instance_ids if backend else [],
        "backendLogGroup": (backend.log_group_name if backend else None) or "",
        "backendConnect": (backend.connect if backend else None) or "",
        # For the commands of docs/operating.md and docs/incidents.md.
        "backendCluster": service.cluster_name if service else "",
        "backendService": service.service_name if service else "",
        "targetGroupArn": getattr(ingress, "target_group_arn", ""),
        "natInstanceId": (network.nat_instance_id if network else None) or "",
        **({"services": {name: _describe_service(one) for name, one in services.items()}} if services else {}),
    }


def _describe_service(declared: DeclaredService) -> Outputs:
    """Returns the outputs of a service besides `backend`."""
    component = declared.backend.component
    service = component if isinstance(component, FargateBackend) else None
    return {
        "securityGroupId": declared.backend.security_group_id or "",
        "forwarderSecurityGroupId": declared.forwarder.security_group_id if declared.forwarder else "",
        "instanceIds": declared.backend.instance_ids,
        "logGroup": declared.backend.log_group_name or "",
        "connect": declared.backend.connect or "",
        "cluster": service.cluster_name if service else "",
        "service": service.service_name if service else "",
    }


def _build_console_url(settings: Settings, front: ApiFront) -> pulumi.Output[str]:
    """Returns the API's page in the console of AWS."""
    region = lookups.find_region()
    page = "api-detail?api={0}" if settings.api.kind == "http" else "apis/{0}/resources?api={0}"
    base = f"https://{region}.{find_partition(region).console}/apigateway/main"
    return pulumi.Output.format(f"{base}/{page}&region={region}", front.api_id)


def find_first_path(settings: Settings) -> str:
    """Returns the path of the first route, to go after a URL."""
    path = settings.api.routes[0].path
    return "" if path == "/" else path


def _build_curl_command(settings: Settings, url: pulumi.Output[str]) -> pulumi.Output[str]:
    """Returns a line to try the first route with; what only the caller has is a variable of the shell in it."""
    route = settings.api.routes[0]
    method = route.methods[0]
    flags = {"GET": "", "ANY": "", "HEAD": "--head "}.get(method, f"--request {method} ")
    if route.key_required:
        flags += '--header "x-api-key: $API_KEY" '
    if route.authorization == "iam":
        # https://curl.se/docs/manpage.html#--aws-sigv4
        flags += (
            f"--aws-sigv4 aws:amz:{lookups.find_region()}:execute-api "
            '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" --header "x-amz-security-token: $AWS_SESSION_TOKEN" '
        )
    elif route.authorization != "none":
        authorizer = settings.api.authorizers[route.authorization]
        bearer = "Bearer " if authorizer.kind != "lambda" else ""
        flags += "".join(f'--header "{header}: {bearer}$TOKEN" ' for header in authorizer.identity_headers)
    return pulumi.Output.concat(f"curl {flags}'", url, find_first_path(settings), "'")

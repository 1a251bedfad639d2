"""Stacks for the resource types that no stack file and no move creates."""

from __future__ import annotations

from typing import Any, Final

import yaml

from .existing_resources import CERTIFICATE, REGION

_ROUTES: Final = [{"path": "/orders", "methods": ["GET"], "authorization": "iam"}]
_FARGATE: Final[dict[str, Any]] = {
    "topology": "vpc-link",
    "network": {"egress": "nat-gateway"},
    "ingress": {"kind": "alb"},
    "api": {"kind": "http", "routes": _ROUTES},
}

STACKS: Final[dict[str, dict[str, Any]]] = {
    # DomainNameAccessAssociation, BasePathMapping, Zone.
    "a private domain": {
        "topology": "private-api",
        "network": {"egress": "none"},
        "backend": {"kind": "greeter"},
        "api": {"routes": _ROUTES, "domain": {"name": "api.example.com", "certificateArn": CERTIFICATE}},
    },
    # Zone: the forwarder asks for the load balancer by the name of its certificate.
    "TLS from the forwarder to a load balancer": {
        **_FARGATE,
        "topology": "public-proxy",
        "backend": {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80},
        "ingress": {"kind": "alb", "certificateArn": CERTIFICATE, "serverName": "backend.example.com"},
    },
    # Repository, LifecyclePolicy.
    "an image that is built": {**_FARGATE, "backend": {"kind": "fargate", "build": "handlers/forwarder", "port": 80}},
}
"""By what is special in them."""


def content(name: str) -> str:
    """The stack file."""
    return yaml.safe_dump({"config": {"aws:region": REGION, **STACKS[name]}}, sort_keys=False)

"""What should hold of a stack, in one registry, and the check of a graph against it."""

from . import (
    api,
    boot,
    cost,
    deletion,
    effective_access,
    encryption,
    gateway_liveness,
    identity,
    limits,
    liveness,
    logs,
    machines,
    network,
    route_liveness,
    secrets,
    streaming,
)
from .check import Finding, Status, Tally, check, tally
from .registry import RULES, Rule, Severity

__all__ = [
    "RULES",
    "Finding",
    "Rule",
    "Severity",
    "Status",
    "Tally",
    "api",
    "boot",
    "check",
    "cost",
    "deletion",
    "effective_access",
    "encryption",
    "gateway_liveness",
    "identity",
    "limits",
    "liveness",
    "logs",
    "machines",
    "network",
    "route_liveness",
    "secrets",
    "streaming",
    "tally",
]

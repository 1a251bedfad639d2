"""Arguments that are one of a few words. Each list has the name that enums have in other languages' SDKs."""

from collections.abc import Sequence
from typing import Annotated, Literal

from ..facts import egress_modes, instance_types
from ..facts.limits import ANY, METHODS
from .marks import ITEM, LOWER, Before, Check, Some

ApiKind = Literal["rest", "http", "private"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"]
AuthorizerKind = Literal["jwt", "cognito", "lambda"]
QuotaPeriod = Literal["DAY", "WEEK", "MONTH"]
TlsVersion = Literal["1.2", "1.3"]
RoutingPolicy = Literal["latency", "weighted", "failover"]
FailoverRole = Literal["primary", "secondary"]
ExecutionLogs = Literal["OFF", "ERROR", "INFO"]
ManagedRules = Literal["common", "known-bad-inputs", "ip-reputation", "anonymous-ip", "sql-injection"]
IngressKind = Literal["alb", "nlb", "cloud-map"]
LinkVersion = Literal["none", "v1", "v2"]
TargetType = Literal["ip", "instance"]
EgressMode = Literal["s3-packages", "ipv6", "nat-instance", "nat-gateway"]
NatGateways = Literal["one", "one-per-zone", "regional"]
EndpointZones = Literal["one", "all"]
Architecture = instance_types.Architecture
WebhookScheme = Literal["github", "stripe", "slack", "gitlab", "standard", "hmac"]
SignatureAlgorithm = Literal["sha256", "sha512"]
SignatureEncoding = Literal["hex", "base64"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
ForwardHost = Literal["backend", "client"]
Access = Literal["session-manager", "instance-connect", "bastion", "none"]
ConsumerAccess = Literal["session-manager", "instance-connect"]
CpuCredits = Literal["standard", "unlimited"]
PermissionKind = Literal[
    "table", "bucket", "queue", "topic", "key", "secret", "parameter", "model", "inference-profile", "event-bus",
    "function", "state-machine",
]  # fmt: skip
PermissionWord = Literal[
    "read", "write", "list", "delete", "send", "consume", "publish", "encrypt", "decrypt", "sign", "verify", "invoke",
    "start", "run",
]  # fmt: skip


def _to_upper(value: object) -> object:
    known = isinstance(value, str) and value.upper() in (*METHODS, ANY)
    return str(value).upper() if known else value


MethodName = Annotated[Method, Before(_to_upper, LOWER)]
"""A method in any case."""


def to_list(value: object) -> object:
    """A word as a list of it."""
    return [value] if isinstance(value, str) else value


EgressModes = Annotated[Sequence[EgressMode], Before(to_list, ITEM), Check(egress_modes.check)]
"""Modes of egress. One mode may be a word instead of a list."""
Methods = Annotated[Sequence[MethodName], Some]
PermissionWords = Annotated[Sequence[PermissionWord], Some]
Off = Literal["off"]
"""The word that switches a default off."""

"""Types of arguments: what a value may be, for type checkers, for the check at run time and for other languages."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import pulumi

from ..facts import container_image, defaults, egress_modes, instance_types, limits, route_paths


@dataclass(frozen=True)
class Check:
    """A check of a plain value besides its type; what it raises as ValueError states what is allowed."""

    run: Callable[[Any], object]
    words: str = ""
    """What is allowed, for tables."""
    low: float | None = None
    high: float | None = None
    above: bool = False
    """True if `low` itself is not allowed."""


_DOMAIN_NAME: Final = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)

SECRET: Final = "secret"  # noqa: S105 # a mark in Annotated, for a value that no message shows
REPEATABLE: Final = "repeatable"
"""A mark in Annotated, for a list that may hold a member twice. Equal members of all other lists are refused."""
DISTINCT: Final = "distinct"
"""A mark in Annotated, for a mapping whose values must differ from each other."""


def repeated(members: Iterable[object]) -> list[object]:
    """Plain members that are there more than once, each once. Outputs have no value to compare yet."""
    plain = [member for member in members if isinstance(member, str | int | float)]
    return [member for member in dict.fromkeys(plain) if plain.count(member) > 1]


def between(low: float, high: float | None = None, *, above: bool = False) -> Check:
    """The value is a number from `low`, or above it, to `high`."""
    least = f"more than {low:,}" if above else f"{low:,} or more"
    words = least if high is None else f"{f'more than {low:,}, up' if above else f'{low:,}'} to {high:,}"

    def run(value: float) -> None:
        if value < low or (above and value == low) or (high is not None and value > high):
            raise ValueError(words)

    return Check(run, words, low, high, above)


def _some(value: Sized) -> None:
    if not value:
        raise ValueError("one at least")


def _path(value: str) -> None:
    if not value.startswith("/"):
        raise ValueError("a path begins with /")


def check_secret(value: object) -> None:
    """Raises ValueError for a secret that anybody can guess: an empty or a blank one."""
    if not (isinstance(value, str) and value.strip()):
        raise ValueError("a text that is neither empty nor blank: see whether the key or variable it comes from is set")


def check_truststore(value: str) -> None:
    """Raises ValueError for what is no S3 object: without one, a domain requires no client certificates."""
    bucket, slash, key = value.removeprefix("s3://").partition("/")
    if not (value.startswith("s3://") and bucket and slash and key.strip()):
        raise ValueError("s3://bucket/key.pem")


def check_url(value: str) -> None:
    """Raises ValueError for text that is no URL of a backend."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not (sound and has_url_characters(value)):
        raise ValueError("http(s)://host[:port][/base]")
    host = str(urlsplit(value).hostname)
    if host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback):
        raise ValueError("an address of the backend in the VPC: this one is each machine's own")


def has_url_characters(value: str) -> bool:
    """Whether a text is printable ASCII without spaces. `urlsplit` would remove line breaks and tabs."""
    return value.isascii() and value.isprintable() and " " not in value


def is_address(host: str) -> bool:
    """Whether the host of a URL is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(host: str) -> bool:
    """Whether it is an IPv4 address of the internet; what a VPC has over IPv6 always looks like one."""
    return is_address(host) and ipaddress.ip_address(host).version == 4 and ipaddress.ip_address(host).is_global


def check_cidr(value: str) -> None:
    """Raises ValueError for text that is no address range as AWS stores it."""
    try:
        canonical = str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise ValueError(_RANGE) from None
    if value != canonical:
        # In another form the rule would change at each update, and equal ranges would look different.
        raise ValueError(f"{canonical}, the form in which AWS stores it")


def _domain_with_base_path(value: str) -> None:
    name, _, base_path = value.partition("/")
    try:
        route_paths.check_base_path(base_path)
    except ValueError:
        base_path = ""
    if value and not (base_path and _DOMAIN_NAME.fullmatch(name)):
        raise ValueError("a domain name, one slash and one part of a path, such as api.example.com/v1")


def _layers(value: Sized) -> None:
    if len(value) > limits.LAMBDA_LAYERS:
        raise ValueError(f"at most {limits.LAMBDA_LAYERS} layers")


def _retention(value: int) -> None:
    if value not in limits.LOG_RETENTION_DAYS:
        near = min(limits.LOG_RETENTION_DAYS, key=lambda days: abs(days - value))
        raise ValueError(f"{_RETENTION}; the nearest is {near} days")


_RANGE: Final = "an IPv4 or IPv6 range such as 203.0.113.0/24"
_RETENTION: Final = "days that CloudWatch Logs offers, such as 7, 30 or 365"


Some: Final = Check(_some)
_A_PORT: Final = between(limits.PORTS.start, limits.PORTS.stop - 1)
Port = Annotated[int, _A_PORT]
PortInput = Annotated[pulumi.Input[int], _A_PORT]
UrlPath = Annotated[str, Check(_path)]
RoutePath = Annotated[str, Check(route_paths.check_path)]
BasePath = Annotated[str, Check(route_paths.check_base_path, route_paths.BASE_PATH_WORDS)]
DomainWithBasePath = Annotated[str, Check(_domain_with_base_path)]
StageName = Annotated[str, Check(route_paths.check_stage, route_paths.STAGE_WORDS)]
PathPrefix = Annotated[str, Check(route_paths.check_prefix)]
Url = Annotated[pulumi.Input[str], Check(check_url)]
PlainUrl = Annotated[str, Check(check_url)]
Count = Annotated[int, between(1)]
Copies = Annotated[int, between(1, 1_000)]
QuotaLimit = Annotated[int, between(1, limits.QUOTA_REQUESTS)]
Amount = Annotated[float, between(0, above=True)]
Percent = Annotated[float, between(0, 100, above=True)]
Utilization = Annotated[float, between(1, 100)]
RequestsPerMinute = Annotated[float, between(1)]
BlockedRequests = Annotated[int, between(10, 2_000_000_000)]
RouteTimeout = Annotated[int, between(limits.MINIMUM_TIMEOUT_MILLISECONDS, limits.STREAM_MILLISECONDS)]
HourOfSeconds = Annotated[int, between(0, 3_600)]
StartSeconds = Annotated[int, between(1, 3_600)]
Tolerance = Annotated[int, between(1, 3_600)]
DayOfSeconds = Annotated[int, between(0, 86_400)]
Image = Annotated[
    pulumi.Input[str],
    Check(container_image.parse, "an image such as nginx:1.29, one in ECR, or s3://bucket/key.tar.gz"),
]
EcrImage = Annotated[
    pulumi.Input[str],
    Check(
        container_image.check_ecr, "an image in Amazon ECR, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"
    ),
]
InstanceType = Annotated[str, Check(instance_types.architecture, "an EC2 instance type such as t4g.nano")]
RetentionDays = Annotated[int, Check(_retention, _RETENTION)]
Memory = Annotated[int, between(limits.LAMBDA_MEMORY_MIB.start, limits.LAMBDA_MEMORY_MIB.stop - 1)]
PolicyQuota = Annotated[int, between(limits.RESOURCE_POLICY_CHARACTERS, limits.RAISED_POLICY_CHARACTERS)]
TimeoutQuota = Annotated[int, between(limits.REST_API_TIMEOUT_MILLISECONDS, limits.RAISED_TIMEOUT_MILLISECONDS)]
Seconds = Annotated[int, between(limits.API_TIMEOUT_SECONDS.start, limits.API_TIMEOUT_SECONDS.stop - 1)]
FunctionSeconds = Annotated[int, between(limits.LAMBDA_TIMEOUT_SECONDS.start, limits.LAMBDA_TIMEOUT_SECONDS.stop - 1)]
NatDisk = Annotated[int, between(defaults.NAT_INSTANCE_DISK_GIB, 100)]
Layers = Annotated[Sequence[pulumi.Input[str]], Check(_layers, f"at most {limits.LAMBDA_LAYERS} layers")]
RoutingWeight = Annotated[int, between(0, 255)]
SpotCopies = Annotated[int, between(0, 1_000)]
SecretText = Annotated[pulumi.Input[str], SECRET]
SharedSecret = Annotated[pulumi.Input[str], SECRET, Check(check_secret)]
"""A secret that callers prove to have. `inputs.shared_secret` checks one that is known later."""
Truststore = Annotated[str, Check(check_truststore)]
AdmittedRanges = Annotated[Sequence[str], Some]
"""Ranges that alone are admitted, or all if there is no list. An empty list would mean nobody, and admit everybody."""
Ids = pulumi.Input[Annotated[Sequence[pulumi.Input[str]], Some]]
Range = Annotated[str, Check(check_cidr, _RANGE)]
ZoneName = Annotated[str, Check(str, "the name of a zone such as eu-west-1a")]
# Resources that belong to a member are named after it, so the text must be known before anything is deployed.
Cidrs = Sequence[Range]
SecretTexts = Sequence[Annotated[str, SECRET]]
NamedIds = Annotated[Mapping[str, pulumi.Input[str]], DISTINCT]
Words = Annotated[Sequence[SecretText], REPEATABLE]


# A list of allowed texts has the name that enums have in other languages' SDKs.
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
WebhookScheme = Literal["github", "stripe", "slack", "gitlab"]
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

EgressModes = Annotated[Sequence[EgressMode], Check(egress_modes.check)]
Methods = Annotated[Sequence[Method], Some]
PermissionWords = Annotated[Sequence[PermissionWord], Some]

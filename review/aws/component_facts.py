"""Facts of the components that the review needs too: limits, defaults and names of AWS's, each written down once.

The files are read by themselves. To import the package would load most of the AWS SDK, which takes longer than the
whole review of a small program, and a reviewed program may have a `components` of its own.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

_TOP: Final = Path(__file__).resolve().parents[2]
COMPONENTS: Final = next(folder for folder in (_TOP / "components", _TOP / "gatehouse") if folder.is_dir())
"""The components' folder, which is called `gatehouse` where pip put it."""


def _module(name: str) -> ModuleType:
    path = COMPONENTS / name
    spec = importlib.util.spec_from_file_location(f"{__name__}.{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be read as a module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_DEFAULTS: Final = _module("defaults.py")
_LIMITS: Final = _module("limits.py")
_FARGATE: Final = _module("compute/fargate_sizes.py")
_ENDPOINT_POLICIES: Final = _module("network/endpoint_policies.py")
_ENDPOINT_SERVICES: Final = _module("network/endpoint_services.py")
_REGISTRIES: Final = _module("compute/registries.py")
_HOSTS: Final = _module("network/hosts_over_ipv6.py")
_INSTANCE_TYPES: Final = _module("compute/instance_types.py")
_REGIONS: Final = _module("regions.py")

VERSION: Final[str] = _module("version.py").VERSION
NAT_INSTANCE_TYPE: Final[str] = _DEFAULTS.NAT_INSTANCE_TYPE
NAT_INSTANCE_ALARMS: Final[int] = _DEFAULTS.NAT_INSTANCE_ALARMS
NAT_INSTANCE_DISK_GIB: Final[int] = _DEFAULTS.NAT_INSTANCE_DISK_GIB
FARGATE_MEMORY: Final[Mapping[int, tuple[int, ...]]] = _FARGATE.MEMORY_FOR_CPU
"""Mebibytes by CPU units."""
STANDBY_PORT: Final[int] = _LIMITS.STANDBY_PORT
ACCOUNT_RATE: Final[int] = _LIMITS.ACCOUNT_RATE
HTTP_API_TIMEOUT_MILLISECONDS: Final[int] = _LIMITS.HTTP_API_TIMEOUT_MILLISECONDS
REST_API_TIMEOUT_MILLISECONDS: Final[int] = _LIMITS.REST_API_TIMEOUT_MILLISECONDS
STREAM_MILLISECONDS: Final[int] = _LIMITS.STREAM_MILLISECONDS
STREAM_PAUSE_SECONDS: Final[int] = _LIMITS.STREAM_PAUSE_SECONDS
STREAM_UNTHROTTLED_MB: Final[int] = _LIMITS.STREAM_UNTHROTTLED_MB
STREAM_MB_PER_SECOND: Final[int] = _LIMITS.STREAM_MB_PER_SECOND
LAMBDA_STREAM_MB: Final[int] = _LIMITS.LAMBDA_STREAM_MB
LAMBDA_RUNTIMES_WITHOUT_STREAMS: Final[tuple[str, ...]] = _LIMITS.LAMBDA_RUNTIMES_WITHOUT_STREAMS
LAMBDA_UNBILLED_STREAM_MB: Final[int] = _LIMITS.LAMBDA_UNBILLED_STREAM_MB
LOG_RETENTION_DAYS: Final[tuple[int, ...]] = _LIMITS.LOG_RETENTION_DAYS
RESOURCE_POLICY_CHARACTERS: Final[int] = _LIMITS.RESOURCE_POLICY_CHARACTERS
API_DEFINITION_BYTES: Final[int] = _LIMITS.API_DEFINITION_BYTES
REST_RESOURCES: Final[int] = _LIMITS.REST_RESOURCES
ROLE_POLICIES_CHARACTERS: Final[int] = _LIMITS.ROLE_POLICIES_CHARACTERS
USER_POLICIES_CHARACTERS: Final[int] = _LIMITS.USER_POLICIES_CHARACTERS
GROUP_POLICIES_CHARACTERS: Final[int] = _LIMITS.GROUP_POLICIES_CHARACTERS
MANAGED_POLICY_CHARACTERS: Final[int] = _LIMITS.MANAGED_POLICY_CHARACTERS
TRUST_POLICY_CHARACTERS: Final[int] = _LIMITS.TRUST_POLICY_CHARACTERS
ENDPOINT_POLICY_CHARACTERS: Final[int] = _LIMITS.ENDPOINT_POLICY_CHARACTERS
BUCKET_POLICY_BYTES: Final[int] = _LIMITS.BUCKET_POLICY_BYTES
LAMBDA_UPLOAD_BYTES: Final[int] = _LIMITS.LAMBDA_UPLOAD_BYTES
LAMBDA_CODE_BYTES: Final[int] = _LIMITS.LAMBDA_CODE_BYTES
USER_DATA_BYTES: Final[int] = _LIMITS.USER_DATA_BYTES
VPC_LINK_ZONE_IDS: Final[Mapping[str, tuple[str, ...]]] = _LIMITS.VPC_LINK_ZONE_IDS
ENDPOINT_SERVICES: Final[frozenset[str]] = _ENDPOINT_SERVICES.SERVICES
"""Services with interface endpoints that programs use; AWS has more."""
PACKAGE_BUCKETS: Final[tuple[str, ...]] = _ENDPOINT_POLICIES.PACKAGE_BUCKETS
answers_over_ipv6: Final[Callable[[str], bool | None]] = _HOSTS.answers_over_ipv6
instance_architecture: Final[Callable[[str], str]] = _INSTANCE_TYPES.architecture
registry_of: Final[Callable[[str], str]] = _REGISTRIES.registry_of
ECR_LAYER_BUCKET: Final[str] = _ENDPOINT_POLICIES.ECR_LAYER_BUCKET
is_region: Final[Callable[[str], bool]] = _REGIONS.is_region
nearest_region: Final[Callable[[str], str]] = _REGIONS.nearest_region

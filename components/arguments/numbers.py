"""Arguments that are numbers, each with its limits. One that only goes into an input of a resource may be an output."""

from typing import Annotated, Final

import pulumi

from ..facts import defaults, limits
from .marks import Check, Words, between

_RETENTION: Final = "days that CloudWatch Logs offers, such as 7, 30 or 365"


def _check_retention(value: int) -> None:
    if value not in limits.LOG_RETENTION_DAYS:
        near = min(limits.LOG_RETENTION_DAYS, key=lambda days: abs(days - value))
        raise ValueError(f"{_RETENTION}; the nearest is {near} days")


_A_PORT: Final = between(limits.PORTS.start, limits.PORTS.stop - 1)
Port = Annotated[int, _A_PORT]
PortInput = Annotated[pulumi.Input[int], _A_PORT]
Count = Annotated[int, between(1)]
CountInput = Annotated[pulumi.Input[int], between(1)]
Copies = Annotated[int, between(1, 1_000)]
ConcurrencyQuota = Annotated[int, between(limits.LAMBDA_UNRESERVED)]
SpotCopies = Annotated[int, between(0, 1_000)]
QuotaLimit = Annotated[pulumi.Input[int], between(1, limits.QUOTA_REQUESTS)]
Amount = Annotated[float, between(0, above=True)]
Percent = Annotated[pulumi.Input[float], between(0, 100, above=True)]
Utilization = Annotated[float, between(1, 100)]
Rate = Annotated[pulumi.Input[float], between(0, above=True), Words(f"a number above 0 to {limits.ACCOUNT_RATE:,}")]
Burst = Annotated[pulumi.Input[int], between(1, limits.ACCOUNT_BURST)]
RequestsPerMinute = Annotated[float, between(1)]
BlockedRequests = Annotated[pulumi.Input[int], between(10, 2_000_000_000)]
RouteTimeout = Annotated[int, between(limits.MINIMUM_TIMEOUT_MILLISECONDS, limits.STREAM_MILLISECONDS)]
CacheSeconds = Annotated[pulumi.Input[int], between(0, 3_600)]
HourOfSeconds = Annotated[int, between(0, 3_600)]
StartSeconds = Annotated[int, between(1, 3_600)]
Tolerance = Annotated[pulumi.Input[int], between(1, 3_600)]
DayOfSeconds = Annotated[int, between(0, 86_400)]
RetentionDays = Annotated[pulumi.Input[int], Check(_check_retention, _RETENTION)]
Memory = Annotated[pulumi.Input[int], between(limits.LAMBDA_MEMORY_MIB.start, limits.LAMBDA_MEMORY_MIB.stop - 1)]
PolicyQuota = Annotated[int, between(limits.RESOURCE_POLICY_CHARACTERS, limits.RAISED_POLICY_CHARACTERS)]
TimeoutQuota = Annotated[int, between(limits.REST_API_TIMEOUT_MILLISECONDS, limits.RAISED_TIMEOUT_MILLISECONDS)]
Seconds = Annotated[int, between(limits.API_TIMEOUT_SECONDS.start, limits.API_TIMEOUT_SECONDS.stop - 1)]
WaitSeconds = Annotated[int, between(0, limits.API_TIMEOUT_SECONDS.stop - 1)]
BackendSeconds = Annotated[int, between(1, limits.RAISED_TIMEOUT_MILLISECONDS // 1000)]
MeanMilliseconds = Annotated[int, between(1, limits.RAISED_TIMEOUT_MILLISECONDS)]
FunctionSeconds = Annotated[
    pulumi.Input[int], between(limits.LAMBDA_TIMEOUT_SECONDS.start, limits.LAMBDA_TIMEOUT_SECONDS.stop - 1)
]
NatDisk = Annotated[int, between(defaults.NAT_INSTANCE_DISK_GIB, 100)]
DiskGib = Annotated[int, between(limits.MACHINE_IMAGE_GIB, limits.GP3_GIB)]
RoutingWeight = Annotated[int, between(0, 255)]
ZoneCount = Annotated[int, between(min(limits.ZONES), max(limits.ZONES))]

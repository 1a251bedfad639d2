"""Services that a VPC endpoint may lead to, by the short names that end `com.amazonaws.<region>.`.

AWS lists them by `aws ec2 describe-vpc-endpoint-services` and in
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html. Offline the SDK's own list of
services is the nearest thing: most endpoints carry the name of the service's API.
"""

import difflib
import functools
from typing import Final

# Endpoints whose names no API has.
_OTHERS: Final = frozenset(
    {
        "ec2messages",
        "ecr.api",
        "ecr.dkr",
        "ecs-agent",
        "ecs-telemetry",
        "email-smtp",
        "execute-api",
        "git-codecommit",
        "guardduty-data",
        "kinesis-firehose",
        "kinesis-streams",
        "ssmmessages",
        "sync-states",
    }
)


def is_service(name: str) -> bool:
    """Whether AWS is known to have an endpoint of this name; one that is newer than the installed SDK is not."""
    plain = name.removesuffix("-fips")
    reverse = ".".join(reversed(plain.split(".")))
    return bool({plain, reverse, plain.split(".")[0]} & _known())


def nearest_service(name: str) -> str:
    """A remedy that names the service most like `name`; empty if none is."""
    near = difflib.get_close_matches(name, sorted(_known()), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else ""


@functools.cache
def _known() -> frozenset[str]:
    # Loaded by the stacks alone that list endpoints.
    import botocore.loaders

    loader = botocore.loaders.Loader()
    prefixes = loader.load_data("endpoints")["partitions"][0]["services"]
    return _OTHERS | frozenset(prefixes) | frozenset(loader.list_available_services("service-2"))

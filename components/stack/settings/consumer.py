"""`gatehouse:consumer`: an EC2 instance for testing a private API from inside the VPC."""

from dataclasses import dataclass, fields

from ...api_consumer import ApiConsumerArgs
from .section import Section


@dataclass(frozen=True, kw_only=True)
class Consumer(Section, ApiConsumerArgs):
    """A small instance."""

    set_by_topology = tuple({field.name for field in fields(ApiConsumerArgs)} - {"instance_type", "access"})

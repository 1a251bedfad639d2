"""`gatehouse:consumer`: an EC2 instance for testing a private API from inside the VPC."""

from ...api_consumer import ApiConsumerArgs
from ...argument_types import ConsumerAccess
from .section import Section


class Consumer(Section, arguments=ApiConsumerArgs, defaults=ApiConsumerArgs):
    """A small instance."""

    instance_type: str
    access: ConsumerAccess

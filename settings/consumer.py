"""`gatehouse:consumer`: an instance inside the VPC to call a private API from."""

from typing import Annotated

from pydantic import AfterValidator, Field

from components.argument_types import Access
from facts import defaults

from .section import Section
from .values import InstanceType, refused


def _for_a_consumer(value: Access) -> Access:
    if value not in ("session-manager", "instance-connect"):
        raise refused("session-manager or instance-connect", "a consumer without a way in is of no use to a person")
    return value


ConsumerAccess = Annotated[
    Access,
    AfterValidator(_for_a_consumer),
    Field(json_schema_extra={"words": "session-manager or instance-connect"}),
]


class Consumer(Section):
    """A small instance without any way in but Session Manager or an Instance Connect endpoint."""

    instance_type: InstanceType = Field(defaults.NAT_INSTANCE_TYPE, description="Instance type")
    access: ConsumerAccess = Field("session-manager", description="session-manager or instance-connect (free)")

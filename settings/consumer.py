"""`gatehouse:consumer`: an instance inside the VPC to call a private API from."""

from pydantic import Field

from components import defaults

from .backend import Access
from .section import Section
from .values import InstanceType


class Consumer(Section):
    """A small instance without any way in but Session Manager or an Instance Connect endpoint."""

    instance_type: InstanceType = Field(defaults.NAT_INSTANCE_TYPE, description="Instance type")
    access: Access = Field(Access.SESSION_MANAGER, description="session-manager or instance-connect (free)")

"""Functions of `gatehouse:api`: targets of routes, and authorizers."""

import dataclasses
from dataclasses import dataclass, field, fields
from typing import Any

from ...api_function import ApiFunctionArgs
from ...arguments.names import FunctionArn
from ...compute.backend_args import EgressArgs
from .permissions import PolicyArns
from .section import Section


@dataclass(frozen=True, kw_only=True)
class Function(Section, ApiFunctionArgs):
    """A Lambda function of your own: an existing one, or code to deploy."""

    set_by_topology = (*(one.name for one in fields(EgressArgs)), "vpc_id", "subnet_ids", "log_retention_days")

    arn: FunctionArn | None = None
    """ARN of an existing function."""
    vpc: bool = False
    """Run it in the private subnets of the stack's network. It then reaches only `calls`."""
    # A list: each ARN names its own attachment.
    policy_arns: PolicyArns = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """ApiFunction's arguments; the topology adds its network."""
        return {key: value for key, value in self.read_arguments().items() if value} | {"policy_arns": self.policy_arns}

    @property
    def deployed(self) -> bool:
        """Whether the stack has its code."""
        return self.arn is None

    @property
    def spec(self) -> ApiFunctionArgs:
        """A function that is deployed, as the component reads it."""
        return dataclasses.replace(self, vpc_id="", subnet_ids=("",)) if self.vpc else self

"""Functions of `gatehouse:api`: targets of routes, and authorizers."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, get_args

from ...api_function import ApiFunctionArgs, CalledServerArgs
from ...arguments import values
from ...arguments.marks import Sized
from ...arguments.types import EcrImage, Port
from ...compute.backend_args import EgressArgs
from ...facts.limits import LAMBDA_LAYERS
from .permissions import Permissions, PolicyArns
from .section import Section

EcrName = Annotated[str, get_args(EcrImage)[1]]
"""An image that is no output."""


@dataclass(frozen=True, kw_only=True)
class CalledServer(Section, CalledServerArgs):
    """A server that a function in the VPC may call."""

    port: Port
    security_group_id: values.SecurityGroupId | None = None
    cidr: values.Cidr | None = None


@dataclass(frozen=True, kw_only=True)
class Function(Section, ApiFunctionArgs):
    """A Lambda function of your own: an existing one, or code to deploy."""

    elsewhere = (*(one.name for one in fields(EgressArgs)), "vpc_id", "subnet_ids", "log_retention_days")

    arn: values.FunctionArn | None = None
    """ARN of an existing function."""
    folder: values.NotEmpty | None = None
    zip: values.NotEmpty | None = None
    image: EcrName | None = None
    handler: values.HandlerName | None = None
    runtime: values.RuntimeName | None = None
    layers: Annotated[Sequence[values.LayerArn], Sized(0, LAMBDA_LAYERS)] = ()
    environment: Mapping[values.EnvironmentName, values.EnvironmentText] = field(default_factory=dict)
    """Environment of the function. Encrypt a value that is secret; then it stays so in state and outputs. Everybody who
    may read the function's configuration can read it."""
    secrets: Mapping[values.EnvironmentName, values.SecretReference] = field(default_factory=dict)
    permissions: Permissions = field(default_factory=dict)
    policy_arns: PolicyArns = field(default_factory=dict)
    vpc: bool = False
    """Run it in the private subnets of the stack's network. It then reaches only `calls`."""
    calls: Mapping[values.Name, CalledServer] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """ApiFunction's arguments; the topology adds its network."""
        return {key: value for key, value in self.given().items() if value} | {"policy_arns": self.policy_arns}

    @property
    def deployed(self) -> bool:
        """Whether the stack has its code."""
        return self.arn is None

    @property
    def spec(self) -> ApiFunctionArgs:
        """A function that is deployed, as the component reads it."""
        return dataclasses.replace(self, vpc_id="", subnet_ids=("",)) if self.vpc else self

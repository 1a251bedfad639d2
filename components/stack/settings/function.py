"""Functions of `gatehouse:api`: targets of routes, and authorizers."""

from typing import Any

from pydantic import Field

from ...api_function import ApiFunctionArgs, CalledServerArgs
from ...argument_types import Architecture
from ...arguments import frozen
from ...facts.limits import LAMBDA_LAYERS, PORTS
from . import values
from .permissions import POLICY_ARNS, Permission, attached
from .section import Section


class CalledServer(Section, arguments=CalledServerArgs, defaults=CalledServerArgs):
    """A server that a function in the VPC may call."""

    port: int = Field(ge=min(PORTS), le=max(PORTS))
    security_group_id: values.SecurityGroupId | None
    cidr: values.Cidr | None = None


class Function(Section, arguments=ApiFunctionArgs, defaults=ApiFunctionArgs):
    """A Lambda function of your own: an existing one, or code to deploy."""

    arn: values.FunctionArn | None = Field(None, description="ARN of an existing function.")
    folder: str | None = Field(None, min_length=1)
    zip: str | None = Field(None, min_length=1)
    image: str | None
    handler: values.HandlerName | None
    runtime: values.RuntimeName | None
    architecture: Architecture
    layers: list[values.LayerArn] = Field(max_length=LAMBDA_LAYERS)
    memory: int
    timeout_seconds: int
    environment: dict[values.EnvironmentName, values.EnvironmentText] = Field(
        default_factory=dict,
        description="Environment of the function. Encrypt a value that is secret; then it stays so in state and"
        " outputs. Everybody who may read the function's configuration can read it.",
    )
    secrets: dict[values.EnvironmentName, values.SecretReference]
    permissions: dict[values.Name, Permission]
    policy_arns: list[values.PolicyArn] = Field(default_factory=list, description=POLICY_ARNS)
    vpc: bool = Field(
        False, description="Run it in the private subnets of the stack's network. It then reaches only `calls`."
    )
    calls: dict[values.Name, CalledServer]

    @property
    def arguments(self) -> dict[str, Any]:
        """ApiFunction's arguments; the topology adds its network."""
        dumped = self.model_dump(exclude={"arn", "vpc"}, exclude_none=True)
        return {key: value for key, value in dumped.items() if value} | {"policy_arns": attached(self.policy_arns)}

    @property
    def deployed(self) -> bool:
        """Whether the stack has its code."""
        return self.arn is None

    @property
    def spec(self) -> ApiFunctionArgs:
        """A function that is deployed, as the component reads it."""
        place = {"vpc_id": "", "subnet_ids": [""]} if self.vpc else {}
        spec: ApiFunctionArgs = frozen(ApiFunctionArgs, {**self.arguments, **place})
        return spec

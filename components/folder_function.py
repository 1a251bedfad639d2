"""A Lambda function from a folder of code, as the target of a route or as an authorizer."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NotRequired, TypedDict

import pulumi

from .argument_types import Memory, NamedIds, RetentionDays, Seconds, SecretText
from .arguments import resolve
from .aws_permissions import Permission, PermissionArgs, policy_faults, statements
from .aws_permissions import faults as permission_faults
from .facts import defaults
from .faults import Fault
from .function.function_code import folder_code
from .function.plain_function import Code, plain_function
from .scope import Scope


class FolderFunctionArgs(TypedDict):
    """Arguments of FolderFunction."""

    folder: str
    """Folder with the code, relative to Pulumi.yaml. Hidden files and caches are not deployed."""
    handler: NotRequired[str]
    """Entry point. Defaults to `handler.handler`."""
    runtime: NotRequired[str]
    """Lambda runtime. Defaults to python3.13."""
    memory: NotRequired[Memory]
    """Memory in MiB. Defaults to 128."""
    timeout_seconds: NotRequired[Seconds]
    """Timeout in seconds. Defaults to 3. APIs wait at most 29 s."""
    environment: NotRequired[Mapping[str, SecretText]]
    """Environment of the function."""
    permissions: NotRequired[Mapping[str, PermissionArgs]]
    """AWS resources that your program may call, each under a name of your choice. Its role
    gets only the actions that belong to the words in `allow`, on these resources.

    No policy and no resource contains these names: renaming an entry changes nothing.
    """
    policy_arns: NotRequired[NamedIds]
    """Managed policies for AWS calls that `permissions` does not cover. The key of each becomes part of the name of its
    attachment. If you rename a key, the old attachment's deletion detaches the policy; `pulumi up --refresh` attaches
    it again."""
    log_retention_days: NotRequired[RetentionDays]
    """How long the log is kept. Defaults to 30."""
    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of every resource."""


@dataclasses.dataclass(frozen=True)
class FunctionSpec:
    """The arguments with their defaults."""

    folder: str
    handler: str = defaults.LAMBDA_HANDLER
    runtime: str = defaults.LAMBDA_RUNTIME
    memory: int = defaults.FUNCTION_MEMORY_MIB
    timeout_seconds: int = defaults.FUNCTION_TIMEOUT_SECONDS
    environment: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    permissions: Mapping[str, Permission] = dataclasses.field(default_factory=dict)
    policy_arns: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    log_retention_days: int = defaults.LOG_RETENTION_DAYS
    tags: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        """Arguments that exclude each other."""
        if not Path(self.folder).is_dir():
            yield Fault(
                "folder", self.folder, "a folder that exists, relative to Pulumi.yaml", "create it, or correct the path"
            )
        yield from permission_faults(self.permissions)
        yield from policy_faults(self.policy_arns)


class FolderFunction(pulumi.ComponentResource):
    """A function outside any VPC. Its role allows writing to its own log group, and what the arguments allow."""

    function_name: pulumi.Output[str]
    """Name of the function."""
    invoke_arn: pulumi.Output[str]
    """ARN that an integration names."""

    def __init__(self, name: str, args: FolderFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        settings = resolve(FunctionSpec, FolderFunctionArgs, args)
        super().__init__("gatehouse:index:FolderFunction", name, dict(args), opts)
        code = Code(
            archive=folder_code(Path(settings.folder)),
            description=f"From {settings.folder}",
            handler=settings.handler,
            runtime=settings.runtime,
            memory=settings.memory,
            timeout_seconds=settings.timeout_seconds,
            environment=settings.environment,
            allowed=statements("FolderFunction", settings.permissions, self),
            policy_arns=settings.policy_arns,
        )
        function = plain_function(Scope(name, self, settings.tags), code, settings.log_retention_days)
        self.function_name = function.name
        self.invoke_arn = function.invoke_arn
        self.register_outputs({key: getattr(self, key) for key in FolderFunction.__annotations__})

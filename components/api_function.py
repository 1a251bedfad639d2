"""A Lambda function of your own, as the target of a route or as an authorizer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi

from .arguments.connections import TargetArgs
from .arguments.errors import ArgumentError
from .arguments.faults import Fault, find_repeated_variables
from .arguments.inputs import ArgsOrMapping
from .arguments.local_files import BASE_WORDS, describe_places, find_local_path
from .arguments.names import (
    EcrImage,
    EnvironmentName,
    HandlerName,
    Layers,
    Name,
    NotEmpty,
    RuntimeName,
    SecretReference,
    SubnetIds,
    VpcId,
)
from .arguments.numbers import FunctionSeconds, Memory, RetentionDays
from .arguments.reader import resolve
from .arguments.secrets import SecretText
from .arguments.tags import TaggedArgs
from .arguments.words import Architecture
from .compute.backend_access import list_endpoint_peers, open_internet, open_services
from .compute.backend_args import ProgramArgs
from .compute.called_servers import CalledServerArgs, allow_calls
from .facts import aws_names, defaults, egress_modes, limits
from .facts.aws_permissions import strip_secret_arn
from .facts.forwarder import WRAPPER_VARIABLE
from .function.function_code import archive_folder, measure_code
from .function.function_group import declare_function_group
from .function.handler import find_handler_faults
from .function.packages import LOCK_OF_NPM, PackagesError, find_packages
from .function.plain_function import Code, Place, declare_function
from .iam.permission_statements import build_permission_statements
from .iam.role_policies import add_attachment_hooks
from .iam.statements import allow_secrets_read
from .reach.of_client import state_function
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.scope import Scope
from .security_groups.peers import Group

_SMALLER: Final = "leave out what the function does not need, or build an image"
_VARIABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]+")


@dataclass(frozen=True, kw_only=True)
class ApiFunctionArgs(ProgramArgs, TaggedArgs):
    """Arguments of ApiFunction: its code is one of `folder`, `zip` and `image`."""

    folder: NotEmpty | None = None
    """Folder with the code, relative to Pulumi.yaml or else to the working directory. Hidden files and caches are not
    deployed. With `requirements`, or with a `package-lock.json` in it, its packages are installed beside the code;
    otherwise it contains them."""
    requirements: NotEmpty | None = None
    """File of Python requirements, written by `uv pip compile --generate-hashes`, found like `folder`. uv installs
    their wheels for the runtime and the architecture."""
    zip: NotEmpty | None = None
    """ZIP archive that your own build made, found like `folder`."""
    image: EcrImage | None = None
    """Container image of a function, in Amazon ECR of the stack's region."""
    handler: HandlerName | None = None
    """Entry point. Defaults to `handler.handler`. An image names its own."""
    runtime: RuntimeName | None = None
    """Lambda runtime. Defaults to python3.13. An image brings its own."""
    architecture: Architecture = "arm64"
    """Processor of the code, layers or image; `arm64` is a fifth cheaper. Defaults to `arm64`."""
    layers: Layers = ()
    """Layers by the ARNs of their versions. An image has none."""
    memory: Memory = defaults.FUNCTION_MEMORY_MIB
    """Memory in MiB. Defaults to 128."""
    timeout_seconds: FunctionSeconds = defaults.FUNCTION_TIMEOUT_SECONDS
    """Timeout in seconds. Defaults to 3. REST APIs wait 29 s, HTTP APIs 30 s."""
    environment: Mapping[EnvironmentName, SecretText] = field(default_factory=dict)
    """Environment of the function, readable by everybody who may read its configuration. A value that you encrypt stays
    secret in state and outputs."""
    secrets: Mapping[EnvironmentName, SecretReference] = field(default_factory=dict)
    """Secrets Manager secrets or SSM parameters by the names of environment variables, which hold the ARNs. The
    function reads the value by the AWS SDK, and its role may read only these."""
    vpc_id: VpcId | None = None
    """VPC of the function, together with `subnet_ids`. If omitted, the function is outside any VPC."""
    subnet_ids: SubnetIds | None = None
    """Private subnets of the function."""
    calls: Mapping[Name, CalledServerArgs] = field(default_factory=dict)
    """Servers that a function in the VPC may call. Its security group allows no other connections, except HTTPS to AWS
    services if it has secrets or permissions."""
    log_retention_days: RetentionDays = defaults.LOG_RETENTION_DAYS
    """How long the log is kept. Defaults to 30."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude each other."""
        yield from self._find_code_faults()
        yield from _find_environment_faults(self.environment, self.secrets)
        yield from super().find_faults()
        if (self.vpc_id is None) != (self.subnet_ids is None):
            yield Fault("subnet_ids", self.subnet_ids, "vpc_id and subnet_ids, both or neither")
        if self.calls and self.vpc_id is None:
            yield Fault("calls", ", ".join(self.calls), "calls only with vpc_id: others need no rule", "take it out")

    def _find_code_faults(self) -> Iterator[Fault]:
        sources = [key for key in ("folder", "zip", "image") if getattr(self, key) is not None]
        if len(sources) != 1:
            allowed = "one of folder, zip and image, and only one"
            yield Fault("folder", " and ".join(sources) or None, allowed, "name where the code is")
        if self.folder is not None and not find_local_path(self.folder).is_dir():
            remedy = f"create {describe_places(self.folder)}, or correct the path"
            yield Fault("folder", self.folder, f"a folder that exists, {BASE_WORDS}", remedy)
        elif self.folder is not None:
            yield from _find_size_faults("folder", measure_code(find_local_path(self.folder)))
        if self.zip is not None:
            yield from _find_zip_faults(self.zip)
        yield from self._find_requirements_faults()
        if self.image is None:
            yield from self._find_handler_faults()
            return
        for key in ("handler", "runtime", "layers"):
            if getattr(self, key):
                yield Fault(key, getattr(self, key), "only with folder or zip: an image has its own", "take it out")

    def _find_handler_faults(self) -> Iterator[Fault]:
        source = self.folder or self.zip
        if source is not None and (self.folder is None or self.zip is None):
            handler, runtime = self.handler or defaults.LAMBDA_HANDLER, self.runtime or defaults.LAMBDA_RUNTIME
            path = find_local_path(source)
            installs = bool(self.layers or self.requirements) or (path / LOCK_OF_NPM).is_file()
            yield from find_handler_faults(path, handler, runtime, installs=installs)

    def _find_requirements_faults(self) -> Iterator[Fault]:
        if self.requirements is None:
            return
        runtime = self.runtime or defaults.LAMBDA_RUNTIME
        if self.folder is None or not runtime.startswith("python"):
            yield Fault("requirements", self.requirements, "only with a folder and a runtime of Python", "take it out")
        elif not find_local_path(self.requirements).is_file():
            remedy = f"create {describe_places(self.requirements)}, or correct the path"
            yield Fault("requirements", self.requirements, f"a file that exists, {BASE_WORDS}", remedy)

    @property
    def lacks_streams(self) -> bool:
        """Whether its runtime cannot stream a response. An image, or a wrapper, may bring another one."""
        runtime = self.runtime or defaults.LAMBDA_RUNTIME
        own = bool(self.folder or self.zip) and WRAPPER_VARIABLE not in self.environment
        return own and runtime.startswith(limits.LAMBDA_RUNTIMES_WITHOUT_STREAMS)

    @property
    def calls_aws(self) -> bool:
        """Whether its code calls AWS."""
        return bool(self.secrets or self.permissions or self.policy_arns)


def _find_environment_faults(
    environment: Mapping[str, pulumi.Input[str]], secrets: Mapping[EnvironmentName, SecretReference]
) -> Iterator[Fault]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    for section, variables in (("environment", environment), ("secrets", secrets)):
        for name in sorted(variables):
            if not _VARIABLE.fullmatch(name):
                allowed = "two characters or more: a letter, then letters, digits and _"
                yield Fault(f"{section}.{name}", "set", allowed, "rename it")
        for name in sorted(limits.LAMBDA_RESERVED_VARIABLES & variables.keys()):
            yield Fault(f"{section}.{name}", "set", "a variable that Lambda does not set itself", "rename it")
    for name, arn in secrets.items():
        if isinstance(arn, str) and ":secret:" in arn and (whole := strip_secret_arn(arn)) != arn:
            allowed = "the ARN of a whole secret: Lambda's code reads all of its keys"
            yield Fault(f"secrets.{name}", arn, allowed, f"write {whole}")
    yield from find_repeated_variables(environment, secrets)
    plain = {name: value for name, value in {**environment, **secrets}.items() if isinstance(value, str)}
    size = sum(len(f"{name}{value}".encode()) for name, value in plain.items())
    if size > limits.LAMBDA_ENVIRONMENT_BYTES:
        allowed = f"at most {limits.LAMBDA_ENVIRONMENT_BYTES:,} bytes in names and values together"
        yield Fault("environment", f"{size:,} bytes", allowed, "put long values into a secret, or into the code")


def _find_zip_faults(given: str) -> Iterator[Fault]:
    archive = find_local_path(given)
    size = None if archive.is_dir() else measure_code(archive)
    if size is None:
        remedy = f"build {describe_places(given)}, or correct the path"
        yield Fault("zip", given, f"a ZIP archive that exists, {BASE_WORDS}", remedy)
    elif (sent := archive.stat().st_size) > limits.LAMBDA_UPLOAD_BYTES:
        allowed = f"at most {limits.LAMBDA_UPLOAD_BYTES:,} of a ZIP archive that is sent with the call"
        yield Fault("zip", f"{sent:,} bytes", allowed, _SMALLER)
    yield from _find_size_faults("zip", size)


def _find_size_faults(key: str, size: int | None) -> Iterator[Fault]:
    """https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    if size is not None and size > limits.LAMBDA_CODE_BYTES:
        yield Fault(key, f"{size:,} bytes", f"at most {limits.LAMBDA_CODE_BYTES:,} of unpacked code", _SMALLER)


class ApiFunction(pulumi.ComponentResource):
    """A function whose role allows writing to its own log group, and what the arguments allow.

    In a VPC it has a security group of its own, which allows connections only to `calls`, and to AWS services if its
    code calls AWS. Its deletion, and leaving the VPC, then wait for Lambda's network interfaces, up to an hour.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """

    function_name: pulumi.Output[str]
    """Name of the function."""
    invoke_arn: pulumi.Output[str]
    """ARN that an integration names."""

    def __init__(
        self, name: str, args: ArgsOrMapping[ApiFunctionArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = resolve(ApiFunctionArgs, args)
        check_declaration("ApiFunction", name, settings, opts)
        opts = add_attachment_hooks(self, name, settings.permissions, settings.policy_arns, opts)
        super().__init__("gatehouse:index:ApiFunction", name, add_reach(args, state_function(settings)), opts)
        self._settings = settings
        if (ended := aws_names.ENDED_RUNTIMES.get(settings.runtime or "")) is not None:
            pulumi.log.warn(
                f"{name}: AWS ended its support of {settings.runtime} on {ended}: take a newer runtime", self
            )
        code = Code(
            **_build_source(settings),
            architecture=settings.architecture,
            memory=settings.memory,
            timeout_seconds=settings.timeout_seconds,
            environment={**settings.environment, **settings.secrets},
            allowed=_build_statements(settings, self),
            permissions=settings.permissions,
            policy_arns=settings.policy_arns,
        )
        scope = Scope(name, self, settings.tags)
        function = declare_function(scope, code, settings.log_retention_days, _declare_place(scope, settings))
        self.function_name = function.name
        self.invoke_arn = function.invoke_arn
        self.register_outputs({key: getattr(self, key) for key in ApiFunction.__annotations__})

    @property
    def target(self) -> TargetArgs:
        """Target of an API's routes, in Python. As an authorizer, give its `function_name` and `invoke_arn`."""
        seconds = self._settings.timeout_seconds
        return TargetArgs(
            function_name=self.function_name,
            invoke_arn=self.invoke_arn,
            timeout_seconds=seconds if isinstance(seconds, int) else None,
            streams=False if self._settings.lacks_streams else None,
        )


def _build_source(settings: ApiFunctionArgs) -> dict[str, Any]:
    if settings.image is not None:
        return {"image": settings.image, "description": "From an image"}
    return {
        "archive": _build_archive(settings),
        "description": f"From {settings.folder or settings.zip}",
        "layers": settings.layers,
        "handler": settings.handler or defaults.LAMBDA_HANDLER,
        "runtime": settings.runtime or defaults.LAMBDA_RUNTIME,
    }


def _build_archive(settings: ApiFunctionArgs) -> pulumi.Archive:
    """The code, with its packages. Raises ArgumentError if these cannot be installed."""
    if settings.folder is None:
        return pulumi.FileArchive(str(find_local_path(str(settings.zip))))
    folder, runtime = find_local_path(settings.folder), settings.runtime or defaults.LAMBDA_RUNTIME
    requirements = find_local_path(settings.requirements) if settings.requirements else None
    packages = find_packages(folder, runtime, settings.architecture, requirements)
    if packages is None:
        return archive_folder(folder)
    try:
        return packages.build_archive()
    except PackagesError as error:
        key = "folder" if settings.requirements is None else "requirements"
        raise ArgumentError("ApiFunction", key, settings.requirements or settings.folder, str(error)) from error


def _build_statements(settings: ApiFunctionArgs, parent: pulumi.Resource) -> pulumi.Output[list[dict[str, Any]]]:
    permitted = build_permission_statements("ApiFunction", settings.own_permissions, parent)
    arns = pulumi.Output.all(*settings.secrets.values())
    return pulumi.Output.all(permitted, arns.apply(allow_secrets_read)).apply(lambda both: [*both[0], *both[1]])


def _declare_place(scope: Scope, settings: ApiFunctionArgs) -> Place | None:
    """The function's own group, and its rules; None outside any VPC."""
    if settings.vpc_id is None or settings.subnet_ids is None:
        return None
    group = declare_function_group(scope, settings.vpc_id, "Function: out to the servers that it calls")
    own = Group(group.id)
    opened = list_endpoint_peers(settings) if settings.calls_aws else []
    rules = allow_calls(scope, own, settings.calls, opened)
    nat: set[str] = set()
    if settings.calls_aws:
        rules += open_services(scope, own, settings)
        nat = {*egress_modes.NAT} & {*settings.egress}
    why = "AWS services that have no endpoint in the VPC"
    rules += open_internet(scope, own, nat, [limits.HTTPS_PORT], settings.calls, why)
    over_ipv6 = any(":" in (call.cidr or "") for call in settings.calls.values())
    return Place(settings.subnet_ids, group, rules, over_ipv6)

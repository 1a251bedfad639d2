"""The Lambda forwarder, attached to the VPC, between an API and a private backend."""

import dataclasses
import ipaddress
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from .arguments.addresses import DomainWithBasePath, VpcRangeInput, is_address
from .arguments.backend_urls import (
    find_host,
    find_port,
    find_public_name,
    find_range_faults,
    find_trust_faults,
)
from .arguments.connections import EndpointArgs, TargetArgs
from .arguments.errors import as_errors, refuse
from .arguments.faults import Fault, find_rule_faults
from .arguments.inputs import ArgsOrMapping
from .arguments.names import SubnetIds, TopicArn, VpcId
from .arguments.numbers import (
    BackendSeconds,
    ConcurrencyQuota,
    CountInput,
    MeanMilliseconds,
    Memory,
    RetentionDays,
    Seconds,
)
from .arguments.paths import PathPrefix
from .arguments.reader import resolve
from .arguments.tags import TaggedArgs
from .arguments.words import Architecture, ForwardHost, LogLevel
from .facts import defaults, limits
from .facts.forwarder import TASK_FOLDER, WRAPPER, WRAPPER_VARIABLE
from .function.function_code import archive_forwarder, compiles_for
from .function.function_group import declare_function_group
from .function.function_role import declare_function_role
from .function.version_pruning import build_pruning_hooks
from .function.webhook import WebhookArgs
from .iam.statements import allow_invocation
from .operations.alarms import WatchedMetric, declare_alarm
from .operations.log_groups import declare_log_group
from .operations.schedules import declare_schedule
from .reach.of_proxy import state_proxy
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.scope import Scope, build_tags
from .security_groups.peers import Cidr, Group, Peer, name_range, parse_range
from .security_groups.rules import allow

# Lambda's names for the levels of Python's logging.
_LOG_LEVELS: Final = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "WARN", "ERROR": "ERROR"}


@dataclass(frozen=True, kw_only=True)
class ServerlessProxyArgs(EndpointArgs, TaggedArgs):
    """Arguments of ServerlessProxy."""

    vpc_id: VpcId
    """VPC of the backend."""
    subnet_ids: SubnetIds
    """Private subnets of the function."""
    vpc_cidr: VpcRangeInput | None = None
    """CIDR range of the VPC, if you know neither the backend's security group nor its ranges."""
    strip_prefix: PathPrefix = ""
    """Path prefix that is removed before the backend sees the path. Defaults to none."""
    custom_domain: DomainWithBasePath = ""
    """Custom domain of an HTTP API with its base path, `api.example.com/v1`. Redirects and the header
    X-Forwarded-Prefix need the base path, and an HTTP API's events do not have it. Defaults to none.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    identity: bool = False
    """Add headers that name the caller. Defaults to false. A caller's own headers of these names are always removed."""
    rewrite_redirects: bool = True
    """Put stage, base path and `strip_prefix` in front of paths in Location, cookies and other response headers
    (docs/topologies.md). Defaults to true."""
    forward_host: ForwardHost = "backend"
    """Host header for the backend. Defaults to `backend`."""
    timeout_seconds: BackendSeconds | None = None
    """Timeout for the backend in seconds: at most 30 (HTTP), or 29 (REST) without a higher
    `timeout_quota_milliseconds`. Defaults to three times `mean_milliseconds`, at least 1, or else to 10."""
    stream_seconds: Seconds | None = None
    """Longest duration of a streamed response, up to 900. If omitted, no response is streamed. Lambda charges for the
    whole of it. The API decides which routes stream and for how long: see `streaming` of ApiFront's routes.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    """
    mean_milliseconds: MeanMilliseconds | None = None
    """Mean response time of the backend."""
    memory: Memory = defaults.PROXY_MEMORY_MIB
    """Memory in MiB. Defaults to 512."""
    architecture: Architecture = "arm64"
    """Processor; `arm64` is a fifth cheaper. Defaults to `arm64`."""
    reserved_concurrency: CountInput | None = None
    """Maximum number of requests at the same time, which limits the cost. All reservations of an account and region
    must leave 100 of `concurrency_quota`. Defaults to none."""
    concurrency_quota: ConcurrencyQuota = limits.LAMBDA_CONCURRENCY
    """Your account's quota “Concurrent executions” of Lambda, which new accounts may have lower. Defaults to 1,000."""
    webhook: WebhookArgs | None = None
    """Check a webhook's signature before anything reaches the backend. Requests of routes with IAM, JWT or Cognito
    authorization need no signature, because API Gateway has checked them. Requests of routes with a Lambda authorizer
    need one."""
    publish_versions: bool = False
    """Publish a version of each change behind an alias, for rollbacks. The last 3 are kept. Defaults to false."""
    keep_warm: bool = False
    """Invoke the forwarder once a day, free of charge, so that Lambda keeps its network interfaces. It does not call
    the backend. Without an invocation for weeks, Lambda deletes them, and the next call fails. Defaults to false.
    https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html"""
    precompiled: bool = False
    """Deploy Python's compiled files beside the code: a cold start takes 15 ms less. Refused if Pulumi runs another
    Python version than the function, which could not read them. Costs nothing. Defaults to false."""
    alarm_topic_arn: TopicArn | None = None
    """ARN of the SNS topic for the alarm that fires if a call of the function fails or times out. If omitted, there is
    no alarm."""
    log_level: LogLevel = "INFO"
    """Level of the function's log. INFO writes one line for each request. Defaults to INFO."""
    log_retention_days: RetentionDays = defaults.LOG_RETENTION_DAYS
    """How long the log is kept. Defaults to 30."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that are not allowed together, and `precompiled` with another Python version."""
        if not isinstance(self.url, str):
            if self.port is None:
                yield Fault("port", None, "the port of the URL, which is an output; in Python, use **backend.endpoint")
        else:
            yield from find_range_faults("backend_cidrs", self.url, self.backend_cidrs)
            yield from self._find_unreachable_address(find_host(self.url))
            yield from self._find_url_faults(self.url)
        yield from self.find_time_faults()
        yield from find_rule_faults("backend_cidrs", self.backend_cidrs)
        for key, wait in {"timeout_seconds": self.timeout, "stream_seconds": self._longest_pause}.items():
            if self.idle_seconds is not None and wait > self.idle_seconds:
                remedy = "raise longest_wait_seconds of PrivateIngress, or lower it"
                yield Fault(key, wait, f"at most {self.idle_seconds}: the load balancer waits no longer", remedy)
        yield from self.find_concurrency_faults()
        if self.precompiled and not compiles_for(defaults.LAMBDA_RUNTIME):
            want = (
                f"False, or to be run with {defaults.LAMBDA_RUNTIME}, which the function runs: it reads no other files"
            )
            yield Fault("precompiled", True, want)
        destinations = {
            "backend_security_group_id": self.backend_security_group_id is not None,
            "backend_cidrs": bool(self.backend_cidrs),
            "vpc_cidr": self.vpc_cidr is not None,
        }
        if sum(destinations.values()) != 1:
            got = [key for key, is_set in destinations.items() if is_set]
            yield Fault("backend_security_group_id", got, f"one of {', '.join(destinations)}")

    def _find_url_faults(self, url: str) -> Iterator[Fault]:
        """Yields mistakes of the URL, its port and its certificate authority."""
        if isinstance(self.port, int | float):
            yield from _find_port_faults(url, self.port)
        yield from find_trust_faults(url, self.certificate_authority)
        yield from find_public_name(url, self.backend_cidrs)

    def find_concurrency_faults(self, forwarders: int = 1) -> Iterator[Fault]:
        """Yields a reservation that Lambda refuses, for so many forwarders together.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
        """
        most, reserved = (self.concurrency_quota - limits.LAMBDA_UNRESERVED) // forwarders, self.reserved_concurrency
        if isinstance(reserved, int) and reserved > most:
            each = f" for each of {forwarders} forwarders" if forwarders > 1 else ""
            allowed = f"at most {most:,}{each}: Lambda keeps {limits.LAMBDA_UNRESERVED} of {self.concurrency_quota:,}"
            remedy = "lower it, or set concurrency_quota if AWS raised your account's quota"
            yield Fault("reserved_concurrency", reserved, f"{allowed} for all other functions", remedy)

    def find_time_faults(self) -> Iterator[Fault]:
        """Yields mistakes of the timeout and of the age of a webhook, which a stack file has too."""
        if self.mean_milliseconds is not None and self.timeout_seconds is not None:
            allowed = "timeout_seconds or mean_milliseconds, not both"
            yield Fault("timeout_seconds", self.timeout_seconds, allowed, "take one out")
        if self.webhook is not None:
            for fault in self.webhook.find_faults():
                yield fault._replace(key=f"webhook.{fault.key}")

    def _find_unreachable_address(self, host: str) -> Iterator[Fault]:
        """Yields what keeps the function from the address of the URL."""
        if not is_address(host):
            return
        address = ipaddress.ip_address(host)
        known = self.vpc_cidr if isinstance(self.vpc_cidr, str) else None
        if self.vpc_cidr is not None and (
            address.version == 6 or (known and address not in ipaddress.ip_network(known))
        ):
            allowed = f"a range with {host}, the address of url: the function may call no other"
            yield Fault("vpc_cidr", known or "set", allowed, "name the backend's range in backend_cidrs instead")
        elif address.version == 6 and not self.calls_over_ipv6:
            allowed = f"true with {host}, the address of url"
            yield Fault("ipv6", self.ipv6, allowed, "set ipv6: true, and name dual-stack subnets")

    @property
    def checked_url(self) -> pulumi.Input[str]:
        """The URL. If the URL or `port` is an output, both are checked once they are known."""
        if isinstance(self.url, str) and not isinstance(self.port, pulumi.Output):
            return self.url

        def check(known: list[Any]) -> str:
            spec = dataclasses.replace(self, port=known[1])
            refuse(as_errors("ServerlessProxy", spec._find_url_faults(known[0])))
            return str(known[0])

        return pulumi.Output.all(self.url, self.port).apply(check)

    @property
    def calls_over_ipv6(self) -> bool:
        return any(parse_range(cidr).ipv6 for cidr in self.backend_cidrs) if self.ipv6 is None else self.ipv6

    @property
    def backend_port(self) -> pulumi.Input[int]:
        """The port of the URL, which a preview may not know yet."""
        if isinstance(self.url, str):
            return find_port(self.url)
        assert self.port is not None, "find_faults() demands the port of an output"
        return self.port

    @property
    def backends(self) -> dict[str, Peer]:
        """The groups and ranges that the function may call. Each key is the suffix of the rule's name."""
        if self.backend_security_group_id is not None:
            return {"to-backend": Group(self.backend_security_group_id)}
        if self.vpc_cidr is not None:
            return {"to-vpc": Cidr(self.vpc_cidr)}
        return {f"to-{name_range(cidr)}": parse_range(cidr) for cidr in self.backend_cidrs}

    @property
    def timeout(self) -> int:
        return self.timeout_seconds or choose_forwarder_timeout(self.mean_milliseconds)

    @property
    def _longest_pause(self) -> int:
        """Longest time without a byte in a streamed response."""
        return min(self.stream_seconds or 0, limits.STREAM_PAUSE_SECONDS)

    @property
    def function_timeout(self) -> int:
        """Timeout of the function, which also streams responses."""
        return max(self.timeout, self.stream_seconds or 0)


def _find_port_faults(url: str, port: int) -> Iterator[Fault]:
    if port != find_port(url):
        allowed = f"{find_port(url)}, the port of the URL: the security group opens no other"
        yield Fault("port", port, allowed, "take it out")


def choose_forwarder_timeout(mean_milliseconds: int | None) -> int:
    """Seconds to wait for a backend: three times its mean time and at least 1. Defaults to 10 if that is not known."""
    if mean_milliseconds is None:
        return defaults.PROXY_TIMEOUT_SECONDS
    tripled = math.ceil(mean_milliseconds * defaults.PROXY_TIMEOUT_FACTOR / 1000)
    return max(defaults.PROXY_LEAST_TIMEOUT_SECONDS, tripled)


class ServerlessProxy(pulumi.ComponentResource):
    """A forwarder that can reach only one backend on one port. Only the API, and the schedule of `keep_warm`, get
    permission to invoke it.

    Costs nothing while idle; a million requests of 100 ms at 512 MiB are about $0.87 on arm64 (us-east-1). A destroy
    waits for Lambda's network interfaces, 20 minutes and sometimes more.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """

    function_name: pulumi.Output[str]
    """Name of the function."""
    function_arn: pulumi.Output[str]
    """ARN of the function."""
    invoke_arn: pulumi.Output[str]
    """ARN that an integration names: of the alias if there is one."""
    alias_name: pulumi.Output[str | None]
    """Alias that an API needs permission to invoke; none if no versions are published."""
    security_group_id: pulumi.Output[str]
    """Security group of the function."""
    log_group_name: pulumi.Output[str]
    """Log group of the function."""

    def __init__(
        self, name: str, args: ArgsOrMapping[ServerlessProxyArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = resolve(ServerlessProxyArgs, args)
        check_declaration("ServerlessProxy", name, settings, opts)
        super().__init__(
            "gatehouse:index:ServerlessProxy",
            name,
            add_reach(args, state_proxy(settings), {"secret", "previous_secret"}),
            opts,
        )
        self._settings = settings
        scope = Scope(name, self, settings.tags)
        group = declare_function_group(scope, settings.vpc_id, "Forwarder: out to the backend alone")
        rules = _declare_rules(scope, settings, group)
        logs = declare_log_group(f"{name}-log", settings.log_retention_days, settings.tags, self)
        function = _declare_function(name, settings, group, rules, logs, self)
        self.function_name = function.name
        self.function_arn = function.arn
        if settings.alarm_topic_arn is not None:
            # A call that times out is an error too: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
            dimensions = {"FunctionName": function.name}
            # A single error counts.
            errors = WatchedMetric("AWS/Lambda", "Errors", dimensions, "Sum", is_missing=False, faulty_minutes=1)
            declare_alarm(scope, "errors", "a call failed or timed out", errors, settings.alarm_topic_arn)
        alias = _declare_alias(name, function, self) if settings.publish_versions else None
        if settings.keep_warm:
            arn = alias.arn if alias else function.arn
            declare_schedule(
                scope,
                "warm",
                why="Calls the forwarder so that Lambda keeps its network interfaces; the backend is not called",
                rate="rate(1 day)",
                target=arn,
                request={},
                permission=arn.apply(allow_invocation),
            )
        self.invoke_arn = alias.invoke_arn if alias else function.invoke_arn
        self.alias_name = alias.name if alias else pulumi.Output.from_input(None)
        self._alias_name = alias.name if alias else None
        self.security_group_id = group.id
        self.log_group_name = logs.name
        self.register_outputs({key: getattr(self, key) for key in ServerlessProxy.__annotations__})

    @property
    def target(self) -> TargetArgs:
        """Target of an API's routes, in Python: the function, or its alias if versions are published."""
        return TargetArgs(
            function_name=self.function_name,
            alias_name=self._alias_name,
            invoke_arn=self.invoke_arn,
            timeout_seconds=self._settings.function_timeout,
            streams=self._settings.stream_seconds is not None,
            sets_identity=self._settings.identity,
        )


def _declare_rules(
    scope: Scope, settings: ServerlessProxyArgs, group: "aws.ec2.SecurityGroup"
) -> list[pulumi.Resource]:
    """Outbound rules only to the backend."""
    why = f"{scope.name} forwards requests to the backend"
    return [
        rule
        for suffix, backend in settings.backends.items()
        for rule in allow(scope, suffix, Group(group.id), backend, settings.backend_port, why)
    ]


def _declare_function(
    name: str,
    settings: ServerlessProxyArgs,
    group: "aws.ec2.SecurityGroup",
    rules: Sequence[pulumi.Resource],
    logs: "aws.cloudwatch.LogGroup",
    parent: pulumi.Resource,
) -> "aws.lambda_.Function":
    role, policies = declare_function_role(name, logs, settings.tags, parent, in_vpc=True)
    return aws.lambda_.Function(
        f"{name}-function",
        description="Forwards requests of an API to a private backend",
        runtime=defaults.LAMBDA_RUNTIME,
        handler="handler.handler",
        # The archive always has the wrapper for streams. An update changes the variables before the code, so the old
        # archive must already have the wrapper that the new variables name.
        code=archive_forwarder(compiled=settings.precompiled),
        role=role.arn,
        architectures=[settings.architecture],
        memory_size=settings.memory,
        timeout=settings.function_timeout,
        publish=settings.publish_versions,
        reserved_concurrent_executions=settings.reserved_concurrency,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables=_build_environment(settings)),
        vpc_config=aws.lambda_.FunctionVpcConfigArgs(
            subnet_ids=settings.subnet_ids,
            security_group_ids=[group.id],
            # A function sends no IPv6 unless it is allowed to, and then needs dual-stack subnets.
            ipv6_allowed_for_dual_stack=settings.calls_over_ipv6 or None,
        ),
        # The function logs its own JSON lines; of the platform's lines, only warnings and errors.
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(
            log_format="JSON",
            log_group=logs.name,
            application_log_level=_LOG_LEVELS[settings.log_level],
            system_log_level="WARN",
        ),
        tags=build_tags(f"{name}-function", settings.tags),
        # The policy is deleted after the function, because Lambda needs it to remove the network interfaces. The rules
        # are created before the function, so that the function's first call is allowed.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[*policies, *rules]),
    )


def _declare_alias(name: str, function: "aws.lambda_.Function", parent: pulumi.Resource) -> "aws.lambda_.Alias":
    """The alias that the API calls. For a rollback, point the alias at an older version."""
    return aws.lambda_.Alias(
        f"{name}-alias",
        name=defaults.FUNCTION_ALIAS,
        function_name=function.name,
        function_version=function.version,
        opts=pulumi.ResourceOptions(parent=parent, hooks=build_pruning_hooks(name, defaults.KEPT_VERSIONS)),
    )


def _build_environment(settings: ServerlessProxyArgs) -> dict[str, pulumi.Input[str]]:
    variables: dict[str, pulumi.Input[str]] = {
        "BACKEND_URL": settings.checked_url,
        "STRIP_PREFIX": settings.strip_prefix,
        "CUSTOM_DOMAIN": settings.custom_domain,
        "TIMEOUT_SECONDS": str(settings.timeout),
        "FORWARD_HOST": settings.forward_host,
        "LOG_LEVEL": settings.log_level,
    }
    if settings.certificate_authority is not None:
        variables["CERTIFICATE_AUTHORITY"] = settings.certificate_authority
    if settings.identity:
        variables["IDENTITY"] = "true"
    if not settings.rewrite_redirects:
        variables["REWRITE_REDIRECTS"] = "false"
    if settings.stream_seconds:
        variables[WRAPPER_VARIABLE] = f"{TASK_FOLDER}/{WRAPPER}"
    if settings.webhook:
        variables |= settings.webhook.build_variables()
    return {key: value for key, value in variables.items() if value != ""}

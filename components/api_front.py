"""API Gateway in front of functions and private backends: one component for REST, HTTP and PRIVATE APIs."""

from collections.abc import Mapping

import pulumi

from .api import api_alarms, custom_domain, http_api, openapi, private_domain, rest_api, usage_plans, web_acl
from .api.api_spec import ApiSpec
from .api.args.api_front import ApiFrontArgs
from .api.declared_api import DeclaredApi
from .api.faults.api_front import check_api
from .api.faults.callers import check_policy, check_ranges
from .api.faults.targets import warn_of_timeouts
from .api.sdk_version import check_sdk_version
from .arguments.errors import as_errors, refuse
from .arguments.inputs import ArgsOrMapping
from .arguments.reader import resolve
from .reach.of_api import state_api
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration

_COMPONENT = "ApiFront"


class ApiFront(pulumi.ComponentResource):
    """API Gateway with routes, throttles, keys, policy, authorizers, domain, logs, firewall and alarms.

    Access logs are always on. Only the declared routes can be called.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
    """

    url: pulumi.Output[str]
    """Base URL for callers: the domain, or the API's own address with its stage. Has no slash at the end."""
    endpoint_urls: pulumi.Output[list[str]]
    """PRIVATE: base URL through each of `endpoint_ids`, in their order. They resolve without private DNS."""
    api_id: pulumi.Output[str]
    """Id of the API."""
    execution_arn: pulumi.Output[str]
    """ARN of the API's routes, with which the ARNs in permissions to invoke begin."""
    stage_name: pulumi.Output[str]
    """Name of the stage."""
    key_ids: pulumi.Output[Mapping[str, str]]
    """Ids of API keys by name; their values stay in AWS."""
    log_group_name: pulumi.Output[str]
    """Log group of the access logs."""

    def __init__(
        self, name: str, args: ArgsOrMapping[ApiFrontArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        spec = ApiSpec(name=name, **vars(resolve(ApiFrontArgs, args)))
        check_declaration("ApiFront", name, spec, opts)
        _check(spec)
        # The policy pack reads `definition` as long as the body of the API is unknown.
        definition = {} if spec.kind == "http" else {"definition": openapi.build_outline(spec)}
        inputs = {**add_reach(args, state_api(spec), {"key_values"}), **definition}
        super().__init__("gatehouse:index:ApiFront", name, inputs, opts)
        warn_of_timeouts(spec, self)
        declared = http_api.declare(spec, self) if spec.kind == "http" else rest_api.declare(spec, self)
        _declare_firewall_and_alarms(spec, declared, self)
        self.url = _declare_domain(spec, declared, self)
        self.endpoint_urls = _build_endpoint_urls(spec, declared)
        self.api_id = declared.api_id
        self.execution_arn = declared.execution_arn
        self.stage_name = declared.stage_name
        keys = usage_plans.declare(spec, declared, self)
        self.key_ids = pulumi.Output.all(**keys) if keys else pulumi.Output.from_input({})
        self.log_group_name = declared.log_group_name
        self.register_outputs({key: getattr(self, key) for key in ApiFront.__annotations__})


def _check(spec: ApiSpec) -> None:
    refuse(as_errors(_COMPONENT, check_api(spec)))
    refuse(as_errors(_COMPONENT, [*check_ranges(spec), *check_policy(spec)]))
    if spec.policy is not None:
        refuse(check_sdk_version(_COMPONENT, "kind" if spec.kind == "private" else "allow_cidrs"))


def _declare_firewall_and_alarms(spec: ApiSpec, declared: DeclaredApi, parent: pulumi.Resource) -> None:
    if spec.firewall:
        web_acl.declare(spec.name, spec.firewall, declared.api_id, declared.stage_arn, spec.tags, parent)
    if spec.alarms:
        api_alarms.declare(spec, declared, spec.alarms, parent)


def _declare_domain(spec: ApiSpec, declared: DeclaredApi, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Declare the domain, if there is one. Returns the API's base URL."""
    if spec.private_domain is not None:
        return private_domain.declare(spec, declared, spec.private_domain, parent)
    if spec.domain is not None:
        return custom_domain.declare(spec, declared, spec.domain, parent)
    return declared.url


def _build_endpoint_urls(spec: ApiSpec, declared: DeclaredApi) -> pulumi.Output[list[str]]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html"""

    def build_urls(known: list[str]) -> list[str]:
        api_id, url, *endpoints = known
        return [url.replace(api_id, f"{api_id}-{endpoint}", 1) for endpoint in endpoints]

    return pulumi.Output.all(declared.api_id, declared.url, *spec.endpoint_ids).apply(build_urls)

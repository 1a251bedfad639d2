"""An API as it is declared."""

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from ..arguments.faults import Fault
from ..callers.operations import list_operations, list_rest_operations
from ..facts import address_lists
from ..facts.regions import ALIASES, COGNITO, HTTP_LINK, PUBLIC_ZONES, TLS_1_3, find_lack
from .args.api_front import ApiFrontArgs
from .args.plans import locate_key_value
from .args.routes import NONE, RouteArgs, ThrottleArgs
from .resource_policy import (
    build_address_policy,
    build_endpoint_policy,
    build_route_statements,
    list_identity_authorizations,
    list_resources_to_allow,
)
from .route_operations import Operation


@dataclass(frozen=True, kw_only=True)
class ApiSpec(ApiFrontArgs):
    """An API as it is declared: the arguments, the component's name, and routes that know whether they stream."""

    name: str = ""

    def __post_init__(self) -> None:
        # A route that does not set it streams if the API does.
        routes = (dataclasses.replace(route, streaming=self.streams(route)) for route in self.routes)
        object.__setattr__(self, "routes", tuple(routes))

    def streams(self, route: RouteArgs) -> bool:
        """Whether answers of the route are passed on as they come."""
        return self.streaming if route.streaming is None else route.streaming

    def find_region_faults(self, region: str) -> Iterator[Fault]:
        """Yields what the API uses and AWS lacks in the region."""
        if self.minimum_tls == "1.3" and (lack := find_lack(TLS_1_3, region)):
            yield Fault("minimum_tls", self.minimum_tls, *lack)
        for name, authorizer in self.authorizers.items():
            if authorizer.kind == "cognito" and (lack := find_lack(COGNITO, region)):
                yield Fault(f"authorizers.{name}.kind", authorizer.kind, *lack)
        zone_id = self.domain.zone_id if self.domain else None
        if zone_id is not None and (lack := find_lack(PUBLIC_ZONES, region)):
            yield Fault("domain.zone_id", zone_id, *lack)
        if self.private_domain is not None and (lack := find_lack(ALIASES, region)):
            yield Fault("private_domain", self.private_domain.name, *lack)
        linked = any(not target.is_function for target in self.targets.values())
        if self.kind == "http" and linked and (lack := find_lack(HTTP_LINK, region)):
            yield Fault("kind", self.kind, *lack)

    @property
    def passes_identity(self) -> bool:
        """Whether backends receive identity headers.

        Defaults to true if a route has an authorization, and no route uses a REST API's VPC link.
        """
        if self.identity is None:
            return any(route.authorization != NONE for route in self.routes) and not self.has_rest_link
        return self.identity

    @property
    def has_rest_link(self) -> bool:
        """Whether a route uses a REST API's VPC link, where callers can write the identity headers themselves."""
        used = {route.target for route in self.routes}
        linked = [name for name, target in self.targets.items() if name in used and not target.is_function]
        return self.kind != "http" and bool(linked)

    @property
    def stage_throttle(self) -> ThrottleArgs | None:
        """Throttle of the stage; None if it is off."""
        return self.throttle if isinstance(self.throttle, ThrottleArgs) else None

    @property
    def mount(self) -> str:
        """Stage or base path in front of the routes: of the domain if there is one, else of the API's own address."""
        domain = self.domain or self.private_domain
        if domain is None:
            return "" if self.kind == "http" else f"/{self.stage}"
        return f"/{domain.base_path}" if domain.base_path else ""

    @functools.cached_property
    def operations(self) -> list[Operation]:
        """Every path with every method, as this kind of API declares them. Raises VariablesClashError."""
        return list_operations(self.routes) if self.kind == "http" else list_rest_operations(self.routes)

    @property
    def key_values(self) -> dict[str, pulumi.Input[str]]:
        """Values of API keys, by their place in the arguments."""
        return {
            locate_key_value(plan, key): value
            for plan, each in self.plans.items()
            for key, value in each.key_values.items()
        }

    @property
    def functions(self) -> list[str]:
        """Names of the targets that are functions."""
        return [name for name, target in self.targets.items() if target.is_function]

    @property
    def disable_default_endpoint(self) -> bool:
        """Whether calls are possible only through the domain."""
        return self.domain is not None and self.domain.disable_default_endpoint

    @property
    def admits_ipv6(self) -> bool:
        """Whether a domain may answer over IPv6: a list with only IPv4 ranges would deny, or miss, callers there."""
        return all(any(":" in cidr for cidr in ranges) for ranges in self.ranges if ranges)

    @property
    def policy(self) -> Mapping[str, Any] | None:
        """The resource policy, or None if every address may call.

        Raises OverlapError and NarrowedError, as `list_resources_to_allow` and `build_route_statements` do.
        """
        if self.kind == "http":
            return None
        guarded = list_identity_authorizations({name: authorizer.kind for name, authorizer in self.authorizers.items()})
        needed = functools.partial(
            list_resources_to_allow, self.operations, guarded, self.stage, cors=self.cors is not None
        )
        if self.kind == "private":
            return build_endpoint_policy(self.allow_endpoint_ids, self.allow_vpc_ids, needed(), self.caller_account_ids)
        allow, deny = self.ranges
        of_routes = build_route_statements(self.operations, guarded, self.stage)
        if allow or deny or of_routes or self.caller_account_ids:
            policy = build_address_policy(allow, deny, needed(), self.caller_account_ids)
            return {**policy, "Statement": [*policy["Statement"], *of_routes]}
        return None

    @property
    def ranges(self) -> tuple[list[str], list[str]]:
        """Ranges that may call and ranges that may not, published lists among them by their ranges."""
        return address_lists.expand_lists(self.allow_cidrs), address_lists.expand_lists(self.deny_cidrs)

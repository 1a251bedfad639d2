"""Mistakes of what decides who may call: address ranges, resource policy, WAF, identity headers."""

import ipaddress
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Any

from ...arguments.faults import Fault
from ...callers.address_spans import has_everywhere
from ..api_spec import ApiSpec
from ..args.routes import RouteArgs
from ..resource_policy import NarrowedError, OverlapError, fits_resource_policy


def check_route_ranges(spec: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    """Refuses ranges of a route on an API without a policy of addresses, and ranges in which nobody may call."""
    given = ", ".join(route.allow_cidrs or ())
    if route.allow_cidrs and spec.kind != "rest":
        alternatives = {
            "http": "use kind: rest, or a Lambda authorizer that looks at the address",
            "private": "use a private API of its own: its endpoint's security group allows ranges",
        }
        yield Fault(
            "allow_cidrs", given, "a resource policy with addresses only with kind rest", alternatives[spec.kind]
        )
    elif route.allow_cidrs:
        allow, deny = ([ip_network(cidr) for cidr in ranges] for ranges in spec.ranges)
        own = [ip_network(cidr) for cidr in route.ranges]
        admitted = [
            one for one in own if not allow or any(one.version == two.version and one.overlaps(two) for two in allow)
        ]
        if all(_is_covered(network, deny) for network in admitted):
            allowed = "ranges in which the API's own lists leave somebody who may call"
            yield Fault(
                "allow_cidrs", given, allowed, "add one of them to allow_cidrs of the API, or name other ranges"
            )


def check_ranges(spec: ApiSpec) -> Iterator[Fault]:
    """Yields a list of ranges if no caller has an address in it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html
    """
    if spec.kind != "rest":
        return
    allow, deny = spec.ranges
    if allow and spec.domain is None and all(":" in cidr for cidr in allow):
        allowed = "an IPv4 range among them: without a domain callers reach the API only over IPv4"
        yield Fault("allow_cidrs", ", ".join(allow), allowed, "add one, or a domain, which then answers over IPv6")
        return
    everywhere = {4: "0.0.0.0/0"} if spec.domain is None else {4: "0.0.0.0/0", 6: "::/0"}
    called = [ip_network(cidr) for cidr in allow or everywhere.values()]
    denied = [ip_network(cidr) for cidr in deny]
    if all(_is_covered(network, denied) for network in called if network.version in everywhere):
        allowed = "ranges that leave a part of those that may call"
        yield Fault("deny_cidrs", ", ".join(spec.deny_cidrs), allowed, "remove one: all calls are denied")


def _is_covered(network: IPv4Network | IPv6Network, ranges: list[IPv4Network | IPv6Network]) -> bool:
    """Whether several ranges together cover a network: one of them, or two halves that make one."""
    same: list[Any] = [block for block in ranges if block.version == network.version]
    return any(network.subnet_of(block) for block in collapse_addresses(same))


def check_policy(spec: ApiSpec) -> Iterator[Fault]:
    """Yields mistakes of the resource policy. The API's routes must have none."""
    if any(check_private_callers(spec)):
        return
    try:
        policy = spec.policy
    except OverlapError as error:
        yield Fault(
            "routes",
            str(error),
            "routes that the resource policy can distinguish: AWS admits whom either it or the authorization allows",
            f"give {error.opened.route.path} an authorization too, or include_subpaths: false, or a path of its own",
        )
        return
    except NarrowedError as error:
        yield Fault(
            f"routes[{spec.routes.index(error.limited.route)}].allow_cidrs",
            ", ".join(error.limited.route.allow_cidrs or ()),
            f"ranges that {error.other.key} has too: a policy's pattern for {error.limited.key} also covers its calls",
            f"give {error.other.route.path} the same ranges, or a path of its own, or set include_subpaths: false",
        )
        return
    most = spec.policy_quota_characters
    if policy is None or fits_resource_policy(policy, most):
        return
    allowed = f"what fits into a policy of {most:,} characters; policy_quota_characters if AWS raised your quota"
    if count := sum(map(len, spec.ranges)) + sum(len(route.ranges) for route in spec.routes):
        remedy = "put neighbouring ranges together, or use AWS WAF, whose address sets hold 10,000"
        yield Fault("allow_cidrs", f"{count} ranges", allowed, remedy)
    else:
        remedy = "name fewer, by include_subpaths: true, methods: [ANY] or shorter paths"
        yield Fault("routes", f"{len(spec.operations)} paths and methods", allowed, remedy)


def check_private_callers(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses a private API that admits no endpoint and no VPC: nobody could call it, even if it names accounts."""
    if spec.kind != "private" or spec.allow_endpoint_ids or spec.allow_vpc_ids:
        return
    if spec.caller_account_ids:
        accounts = ", ".join(spec.caller_account_ids)
        allowed = "accounts only beside an endpoint or a VPC through which they can call a private API"
        yield Fault("caller_account_ids", accounts, allowed, "add the IDs of their endpoints or of their VPCs")
    else:
        yield Fault("allow_endpoint_ids", [], "a private API admits one endpoint or VPC at least")


def check_identity(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses headers that name the caller if callers could set them themselves.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    if spec.identity and spec.has_rest_link:
        allowed = (
            "false on a REST API with a VPC link: it distinguishes upper and lower case in the names of headers, and"
        )
        allowed += " passes on a caller's own in any other spelling"
        yield Fault("identity", True, allowed, "send every route through the forwarder, or use kind http")


def check_firewall(allow: Iterable[str]) -> Iterator[Fault]:
    """Refuses ranges that an address set of WAF does not take, and those that together are every address."""
    given = [*allow]
    for cidr in given:
        if ipaddress.ip_network(cidr, strict=False).prefixlen == 0:
            remedy = "take it out: it would switch off every other rule"
            yield Fault("allow", cidr, "ranges smaller than /0, which WAF's address sets do not take", remedy)
            return
    if has_everywhere({"addresses": {"allow": given}}):
        remedy = "take one out: together they switch off every other rule"
        yield Fault("allow", ", ".join(given), "ranges that leave a caller to whom the rules apply", remedy)

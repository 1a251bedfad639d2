"""The door to private APIs: an `execute-api` interface endpoint in the VPC."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from .arguments.addresses import NetworkRanges, VpcRangeInput
from .arguments.errors import as_errors, refuse
from .arguments.faults import Fault, find_rule_faults
from .arguments.inputs import ArgsOrMapping
from .arguments.names import PrefixListIds, SecurityGroupIds, SubnetIds, VpcEndpointId, VpcId
from .arguments.reader import resolve
from .arguments.tags import TaggedArgs
from .aws_lookups.account import find_account_id, find_partition, find_region
from .aws_lookups.endpoints import FoundEndpoint, find_endpoint
from .aws_lookups.networks import find_subnet_zone
from .facts import limits
from .facts.regions import INTERFACE_ENDPOINTS, find_lack
from .network.several import to_several
from .network.vpc_endpoints import EXECUTE_API, check_offered
from .reach.of_network import state_endpoint
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.scope import Scope
from .security_groups.peers import Cidr, Group, Peer, PrefixList, name_range, parse_range
from .security_groups.rules import allow, declare_security_group

_COMPONENT: Final = "PrivateApiEndpoint"


@dataclass(frozen=True, kw_only=True)
class PrivateApiEndpointArgs(TaggedArgs):
    """Arguments of PrivateApiEndpoint: `subnet_ids` for a new endpoint, or `endpoint_id` of an existing one."""

    vpc_id: VpcId
    """VPC of the callers. Its DNS support and DNS host names must be on."""
    subnet_ids: SubnetIds | None = None
    """Subnets of a new endpoint, one for each zone."""
    endpoint_id: VpcEndpointId | None = None
    """Existing execute-api endpoint in the VPC, whose own security groups decide who reaches it. It is not changed."""
    vpc_cidr: VpcRangeInput
    """IPv4 range of the VPC. See `allow_vpc`."""
    private_dns: bool = True
    """Resolve `*.execute-api` names to the endpoint inside the VPC. Defaults to true. Default endpoints of public APIs,
    also those of other accounts, then return 403 from inside the VPC."""
    allow_vpc: bool | None = None
    """Allow calls from the whole VPC. Defaults to true if `allow_security_group_ids` is empty, else to false. False:
    only the named groups, prefix lists and CIDR ranges may call, such as those of a VPN."""
    allow_security_group_ids: SecurityGroupIds = field(default_factory=dict)
    """Security groups that may call, instead of the whole VPC. Each gets an outbound rule for it.
    A group with inline rules would lose it at its next update.

    The key of each becomes part of the names of its rules.
    """
    allow_prefix_list_ids: PrefixListIds = field(default_factory=dict)
    """Prefix lists whose ranges may call. AWS counts each as the number of its maximum entries in the quota of rules.

    The key of each becomes part of the name of its rule.
    """
    allow_cidrs: NetworkRanges = ()
    """Further CIDR ranges that may call, such as a VPN's."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude each other."""
        if (self.subnet_ids is None) == (self.endpoint_id is None):
            want = "either subnet_ids for a new endpoint or endpoint_id of an existing one, not both"
            yield Fault("subnet_ids", self.subnet_ids, want)
        named = ("allow_vpc", "allow_security_group_ids", "allow_prefix_list_ids", "allow_cidrs")
        present = [key for key in named if getattr(self, key) not in (None, {}, (), [])]
        if self.endpoint_id is not None and present:
            allowed = "nothing with endpoint_id: the security groups of an existing endpoint are not changed"
            yield Fault(present[0], "set", allowed, "take it out")
        if self.endpoint_id is not None and not self.private_dns:
            allowed = "nothing with endpoint_id: an existing endpoint has private DNS or not"
            yield Fault("private_dns", False, allowed, "take it out")
        if not (self.admits_vpc or self.allow_security_group_ids or self.allow_prefix_list_ids or self.allow_cidrs):
            allowed = "true, unless allow_cidrs, allow_prefix_list_ids or allow_security_group_ids names callers"
            yield Fault("allow_vpc", False, allowed, "take it out, or name the ranges of your VPN in allow_cidrs")
        keys = [*self.allow_security_group_ids, *self.allow_prefix_list_ids, *(["vpc"] if self.admits_vpc else [])]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            listed = "prefix_list_ids" if key in self.allow_prefix_list_ids else "security_group_ids"
            allowed = "keys that no other caller has, since they name rules; `vpc` is the whole VPC's"
            yield Fault(f"allow_{listed}", key, allowed, "rename it")
        groups = [*self.allow_security_group_ids, *self.allow_prefix_list_ids]
        peers = [*self.allow_cidrs, *(["the VPC's"] if self.admits_vpc else []), *("" for _ in groups)]
        yield from find_rule_faults("allow_cidrs" if self.allow_cidrs else "allow_security_group_ids", peers)
        if isinstance(self.vpc_cidr, str):
            yield from self._find_implied_ranges(self.vpc_cidr)

    def find_region_faults(self, region: str) -> Iterator[Fault]:
        """Yields what AWS lacks in the region."""
        if self.endpoint_id is None and (lack := find_lack(INTERFACE_ENDPOINTS, region)):
            yield Fault("subnet_ids", "set", lack[0], "name an endpoint that exists in endpoint_id")

    @property
    def admits_vpc(self) -> bool:
        """Whether the whole VPC may call."""
        return not self.allow_security_group_ids if self.allow_vpc is None else self.allow_vpc

    @property
    def callers(self) -> dict[str, Peer]:
        """Allowed callers, by a name for the rule."""
        callers: dict[str, Peer] = {f"from-{key}": Group(group) for key, group in self.allow_security_group_ids.items()}
        callers |= {f"from-{key}": PrefixList(prefix_list) for key, prefix_list in self.allow_prefix_list_ids.items()}
        if self.admits_vpc:
            callers["from-vpc"] = Cidr(pulumi.Output.from_input(self.vpc_cidr).apply(self._check_vpc_range))
        return callers | {f"from-{name_range(cidr)}": parse_range(cidr) for cidr in self.allow_cidrs}

    def _check_vpc_range(self, vpc_cidr: str) -> str:
        """The range of a VPC that is looked up, which is known only now. Raises ArgumentError."""
        refuse(as_errors(_COMPONENT, self._find_implied_ranges(vpc_cidr)))
        return vpc_cidr

    def _find_implied_ranges(self, vpc_cidr: str) -> Iterator[Fault]:
        if self.admits_vpc and vpc_cidr in self.allow_cidrs:
            allowed = "ranges besides the VPC's own, which may call already"
            yield Fault("allow_cidrs", vpc_cidr, allowed, f"take {vpc_cidr} out")


class PrivateApiEndpoint(pulumi.ComponentResource):
    """An endpoint for calling private APIs of this account and region, reachable on port 443 and only from the VPC.

    Costs about $7.30 a month and zone (us-east-1), and $0.01 a GB.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-create.html
    """

    endpoint_id: pulumi.Output[str]
    """Id of the endpoint, which the API's policy names."""
    dns_name: pulumi.Output[str]
    """DNS name of the endpoint."""
    zone_id: pulumi.Output[str]
    """Hosted zone of that name, for alias records."""
    security_group_id: pulumi.Output[str]
    """Security group of the endpoint."""

    def __init__(
        self, name: str, args: ArgsOrMapping[PrivateApiEndpointArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = resolve(PrivateApiEndpointArgs, args)
        check_declaration("PrivateApiEndpoint", name, settings, opts)
        super().__init__("gatehouse:index:PrivateApiEndpoint", name, add_reach(args, state_endpoint(settings)), opts)
        scope = Scope(name, self, settings.tags)
        if settings.endpoint_id is not None:
            self._adopt(settings, settings.endpoint_id)
        else:
            self._declare(scope, settings)
        self.register_outputs({key: getattr(self, key) for key in PrivateApiEndpoint.__annotations__})

    def _adopt(self, settings: PrivateApiEndpointArgs, endpoint_id: pulumi.Input[str]) -> None:
        together = pulumi.Output.all(find_endpoint(endpoint_id, self), settings.vpc_id)
        endpoint: pulumi.Output[FoundEndpoint] = together.apply(lambda known: _check_found(*known))
        self.endpoint_id = endpoint.apply(lambda known: known.id)
        self.dns_name = endpoint.apply(lambda known: known.dns_name)
        self.zone_id = endpoint.apply(lambda known: known.zone_id)
        self.security_group_id = endpoint.apply(lambda known: known.security_group_id)

    def _declare(self, scope: Scope, settings: PrivateApiEndpointArgs) -> None:
        name = scope.name
        group = _declare_group(scope, settings)
        endpoint = aws.ec2.VpcEndpoint(
            f"{name}-execute-api",
            vpc_id=settings.vpc_id,
            service_name=pulumi.Output.concat("com.amazonaws.", find_region(self), ".", EXECUTE_API),
            vpc_endpoint_type="Interface",
            subnet_ids=_check_zones(self, settings),
            security_group_ids=[group.id],
            private_dns_enabled=settings.private_dns,
            policy=pulumi.Output.json_dumps(_build_policy(scope)),
            tags=scope.build_tags("execute-api"),
            opts=scope.child_options(),
        )
        entry = endpoint.dns_entries.apply(lambda entries: entries[0])
        self.endpoint_id = endpoint.id
        self.dns_name = entry.apply(lambda known: known.dns_name or "")
        self.zone_id = entry.apply(lambda known: known.hosted_zone_id or "")
        self.security_group_id = group.id


def _check_found(found: FoundEndpoint, vpc_id: str) -> FoundEndpoint:
    """Returns the endpoint. Raises ArgumentError if it is none of private APIs in the VPC of the callers."""
    refuse(as_errors(_COMPONENT, _find_found_faults(found, vpc_id)))
    return found


def _find_found_faults(found: FoundEndpoint, vpc_id: str) -> Iterator[Fault]:
    if found.kind != "Interface" or not found.service_name.endswith(f".{EXECUTE_API}"):
        want = f"it is the {found.kind} endpoint of {found.service_name}; name an interface endpoint of {EXECUTE_API}"
        yield Fault("endpoint_id", found.id, want)
    if found.vpc_id != vpc_id:
        yield Fault("endpoint_id", found.id, f"it is in {found.vpc_id}; name an endpoint in {vpc_id}")


def _check_zones(parent: pulumi.Resource, settings: PrivateApiEndpointArgs) -> pulumi.Output[list[str]]:
    """The subnets, once their zones are known to have the service."""

    def check_subnets(ids: Sequence[pulumi.Input[str]]) -> pulumi.Output[list[str]]:
        zones = [find_subnet_zone(subnet_id, parent) for subnet_id in ids]
        return check_offered(parent, _COMPONENT, "subnet_ids", EXECUTE_API, to_several(ids), zones)

    subnet_ids: pulumi.Output[Sequence[pulumi.Input[str]]] = pulumi.Output.from_input(settings.subnet_ids or ())
    return subnet_ids.apply(check_subnets)


def _declare_group(scope: Scope, settings: PrivateApiEndpointArgs) -> "aws.ec2.SecurityGroup":
    group = declare_security_group(scope, "group", settings.vpc_id, "execute-api endpoint: HTTPS from inside the VPC")
    for suffix, caller in settings.callers.items():
        allow(
            scope, suffix, caller, Group(group.id), limits.HTTPS_PORT, "private APIs are called through this endpoint"
        )
    return group


def _build_policy(scope: Scope) -> dict[str, Any]:
    """Only this account's APIs: the endpoint does not lead to those of other accounts."""
    arn = pulumi.Output.format(
        "arn:{0}:execute-api:{1}:{2}:*",
        find_partition(scope.parent),
        find_region(scope.parent),
        find_account_id(scope.parent),
    )
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}

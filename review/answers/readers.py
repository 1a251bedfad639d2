"""Lookups as read-only calls of AWS: by the token of each, a function that returns the result in the provider's fields.

Only fields that programs and the review read are returned: no tags, no ARNs of users, and no secret.
The calls are those of terraform-provider-aws (`*_data_source.go` under internal/service); `actions.json` allows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..aws.catalog.catalog import make_token
from ..graph.reading import as_list, as_mapping

Arguments = Mapping[str, Any]
Ask = Callable[..., Any]
"""Makes a call such as `ec2.DescribeVpcs` with its arguments, in the region of the lookup. Returns all pages."""


class NoAnswerError(Exception):
    """AWS has no single thing that a lookup names, or its answer is a secret. The text gives the reason."""


@dataclass(frozen=True)
class Reader:
    """How a lookup is read from AWS."""

    read: Callable[[Ask, Arguments], dict[str, Any]]
    arguments: frozenset[str]
    """Arguments that `read` understands. With any other one, the lookup is not asked."""


def _list_filters(arguments: Arguments, **by_argument: str) -> list[dict[str, Any]]:
    """Filters of the EC2 API: the lookup's own, its tags, and those of single arguments."""
    named = map(as_mapping, as_list(arguments.get("filters")))
    filters = [{"Name": entry.get("name"), "Values": as_list(entry.get("values"))} for entry in named]
    tags = as_mapping(arguments.get("tags")).items()
    filters += [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags]
    found = ((name, arguments.get(key)) for key, name in by_argument.items())
    return filters + [{"Name": name, "Values": [_to_text(value)]} for name, value in found if value not in (None, "")]


def _to_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _take_single(found: list[Any], noun: str) -> Any:
    if len(found) != 1:
        raise NoAnswerError(f"AWS has {len(found) or 'no'} {noun}{'s' if len(found) > 1 else ''} of this description")
    return found[0]


def _read_caller(ask: Ask, _: Arguments) -> dict[str, Any]:
    account = ask("sts.GetCallerIdentity")["Account"]
    return {"id": account, "accountId": account}


def _read_zones(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    given = {"Filters": _list_filters(arguments, state="state")}
    if arguments.get("allAvailabilityZones") is not None:
        given["AllAvailabilityZones"] = arguments["allAvailabilityZones"]
    excluded = {*as_list(arguments.get("excludeNames")), *as_list(arguments.get("excludeZoneIds"))}
    zones = [
        zone
        for zone in ask("ec2.DescribeAvailabilityZones", **given)["AvailabilityZones"]
        if not excluded & {zone["ZoneName"], zone["ZoneId"]}
    ]
    zones.sort(key=lambda zone: str(zone["ZoneName"]))
    return {"names": [zone["ZoneName"] for zone in zones], "zoneIds": [zone["ZoneId"] for zone in zones]}


def _read_vpc(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(arguments, id="vpc-id", cidrBlock="cidr", default="isDefault", state="state")
    vpc = _take_single(ask("ec2.DescribeVpcs", Filters=filters)["Vpcs"], "VPC")
    vpc_id = vpc["VpcId"]
    support = ask("ec2.DescribeVpcAttribute", VpcId=vpc_id, Attribute="enableDnsSupport")
    names = ask("ec2.DescribeVpcAttribute", VpcId=vpc_id, Attribute="enableDnsHostnames")
    main = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}]
    table = _take_single(ask("ec2.DescribeRouteTables", Filters=main)["RouteTables"], "main route table")
    ipv6 = [
        {"ipv6CidrBlock": entry["Ipv6CidrBlock"], "state": entry["Ipv6CidrBlockState"]["State"]}
        for entry in vpc.get("Ipv6CidrBlockAssociationSet", [])
    ]
    held = (entry["ipv6CidrBlock"] for entry in ipv6 if entry["state"] == "associated")
    return {
        "id": vpc_id,
        "cidrBlock": vpc["CidrBlock"],
        "cidrBlockAssociations": [
            {"associationId": "", "cidrBlock": entry["CidrBlock"], "state": entry["CidrBlockState"]["State"]}
            for entry in vpc.get("CidrBlockAssociationSet", [])
        ],
        "ipv6CidrBlock": next(held, ""),
        "ipv6CidrBlockAssociations": ipv6,
        "enableDnsSupport": support["EnableDnsSupport"]["Value"],
        "enableDnsHostnames": names["EnableDnsHostnames"]["Value"],
        "mainRouteTableId": table["RouteTableId"],
    }


def _find_subnets(ask: Ask, arguments: Arguments) -> Any:
    filters = _list_filters(
        arguments,
        id="subnet-id",
        vpcId="vpc-id",
        cidrBlock="cidr-block",
        availabilityZone="availability-zone",
        availabilityZoneId="availability-zone-id",
        defaultForAz="default-for-az",
        state="state",
    )
    return ask("ec2.DescribeSubnets", Filters=filters)["Subnets"]


def _read_subnet(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    subnet = _take_single(_find_subnets(ask, arguments), "subnet")
    ipv6 = (
        entry["Ipv6CidrBlock"]
        for entry in subnet.get("Ipv6CidrBlockAssociationSet", [])
        if entry["Ipv6CidrBlockState"]["State"] == "associated"
    )
    return {
        "id": subnet["SubnetId"],
        "vpcId": subnet["VpcId"],
        "cidrBlock": subnet["CidrBlock"],
        "availabilityZone": subnet["AvailabilityZone"],
        "availabilityZoneId": subnet["AvailabilityZoneId"],
        "ipv6CidrBlock": next(ipv6, ""),
        "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
        "assignIpv6AddressOnCreation": subnet["AssignIpv6AddressOnCreation"],
    }


def _read_subnets(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    return {"ids": [subnet["SubnetId"] for subnet in _find_subnets(ask, arguments)]}


def _read_route_tables(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(arguments, vpcId="vpc-id")
    tables = ask("ec2.DescribeRouteTables", Filters=filters)["RouteTables"]
    return {"ids": [table["RouteTableId"] for table in tables]}


_ROUTE_KEYS: Final = {
    "DestinationCidrBlock": "cidrBlock",
    "DestinationIpv6CidrBlock": "ipv6CidrBlock",
    "DestinationPrefixListId": "destinationPrefixListId",
    "CarrierGatewayId": "carrierGatewayId",
    "CoreNetworkArn": "coreNetworkArn",
    "EgressOnlyInternetGatewayId": "egressOnlyGatewayId",
    "GatewayId": "gatewayId",
    "InstanceId": "instanceId",
    "LocalGatewayId": "localGatewayId",
    "NatGatewayId": "natGatewayId",
    "NetworkInterfaceId": "networkInterfaceId",
    "TransitGatewayId": "transitGatewayId",
    "VpcPeeringConnectionId": "vpcPeeringConnectionId",
}
"""Fields of AWS's routes by the provider's. `GatewayId` of a Gateway Load Balancer's endpoint is a field of its own."""


def _read_route_table(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(
        arguments,
        routeTableId="route-table-id",
        vpcId="vpc-id",
        subnetId="association.subnet-id",
        gatewayId="gateway-id",
    )
    table = _take_single(ask("ec2.DescribeRouteTables", Filters=filters)["RouteTables"], "route table")
    return {
        "id": table["RouteTableId"],
        "routeTableId": table["RouteTableId"],
        "vpcId": table["VpcId"],
        "routes": [_convert_route(route) for route in table["Routes"] if _is_listed(route)],
    }


def has_hidden_routes(ask: Ask, table_id: str) -> bool:
    """Whether a route table has routes that a virtual private gateway propagates, which the lookup leaves out."""
    tables = ask("ec2.DescribeRouteTables", RouteTableIds=[table_id])["RouteTables"]
    return any(route.get("Origin") == "EnableVgwRoutePropagation" for table in tables for route in table["Routes"])


def _is_listed(route: Arguments) -> bool:
    """Whether the provider lists a route: not the local one, nor those that a gateway or an endpoint adds."""
    gateway = str(route.get("GatewayId", ""))
    of_endpoint = "DestinationPrefixListId" in route and gateway.startswith("vpce-")
    return not (gateway == "local" or route.get("Origin") == "EnableVgwRoutePropagation" or of_endpoint)


def _convert_route(route: Arguments) -> dict[str, str]:
    found = dict.fromkeys(_ROUTE_KEYS.values(), "") | {"vpcEndpointId": ""}
    found |= {_ROUTE_KEYS[key]: str(value) for key, value in route.items() if key in _ROUTE_KEYS}
    if found["gatewayId"].startswith("vpce-"):
        found["vpcEndpointId"] = found.pop("gatewayId")
        found["gatewayId"] = ""
    return found


def _find_groups(ask: Ask, arguments: Arguments) -> Any:
    filters = _list_filters(arguments, id="group-id", name="group-name", vpcId="vpc-id")
    return ask("ec2.DescribeSecurityGroups", Filters=filters)["SecurityGroups"]


def _read_group(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    group = _take_single(_find_groups(ask, arguments), "security group")
    return {"id": group["GroupId"], "name": group["GroupName"], "vpcId": group["VpcId"]}


def _read_groups(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    groups = _find_groups(ask, arguments)
    return {"ids": [group["GroupId"] for group in groups], "vpcIds": [group["VpcId"] for group in groups]}


def _read_group_rules(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(arguments)
    rules = ask("ec2.DescribeSecurityGroupRules", Filters=filters)["SecurityGroupRules"]
    return {"ids": [rule["SecurityGroupRuleId"] for rule in rules]}


def _read_group_rule(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(arguments, securityGroupRuleId="security-group-rule-id")
    rules = ask("ec2.DescribeSecurityGroupRules", Filters=filters)["SecurityGroupRules"]
    rule = _take_single(rules, "security group rule")
    return {
        "id": rule["SecurityGroupRuleId"],
        "securityGroupId": rule["GroupId"],
        "isEgress": rule["IsEgress"],
        "ipProtocol": rule["IpProtocol"],
        "fromPort": rule.get("FromPort", -1),
        "toPort": rule.get("ToPort", -1),
        "cidrIpv4": rule.get("CidrIpv4", ""),
        "cidrIpv6": rule.get("CidrIpv6", ""),
        "prefixListId": rule.get("PrefixListId", ""),
        "referencedSecurityGroupId": as_mapping(rule.get("ReferencedGroupInfo")).get("GroupId", ""),
    }


def _read_prefix_list(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(arguments, name="prefix-list-name", prefixListId="prefix-list-id")
    found = _take_single(ask("ec2.DescribePrefixLists", Filters=filters)["PrefixLists"], "prefix list")
    return {"id": found["PrefixListId"], "name": found["PrefixListName"], "cidrBlocks": found["Cidrs"]}


def _read_endpoint(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(
        arguments, id="vpc-endpoint-id", vpcId="vpc-id", serviceName="service-name", state="vpc-endpoint-state"
    )
    found = ask("ec2.DescribeVpcEndpoints", Filters=filters)["VpcEndpoints"]
    endpoint = _take_single(found, "VPC endpoint")
    return {
        "id": endpoint["VpcEndpointId"],
        "vpcId": endpoint["VpcId"],
        "serviceName": endpoint["ServiceName"],
        "vpcEndpointType": endpoint["VpcEndpointType"],
        "state": endpoint["State"].lower(),
        "privateDnsEnabled": endpoint.get("PrivateDnsEnabled", False),
        "dnsEntries": [
            {"dnsName": entry.get("DnsName", ""), "hostedZoneId": entry.get("HostedZoneId", "")}
            for entry in endpoint.get("DnsEntries", [])
        ],
        "securityGroupIds": [group["GroupId"] for group in endpoint.get("Groups", [])],
        "subnetIds": endpoint.get("SubnetIds", []),
        "routeTableIds": endpoint.get("RouteTableIds", []),
        "prefixListId": _find_prefix_list_id(ask, endpoint),
    }


def _find_prefix_list_id(ask: Ask, endpoint: Arguments) -> str:
    if endpoint["VpcEndpointType"] != "Gateway":
        return ""
    filters = [{"Name": "prefix-list-name", "Values": [endpoint["ServiceName"]]}]
    found = ask("ec2.DescribePrefixLists", Filters=filters)["PrefixLists"]
    return str(found[0]["PrefixListId"]) if found else ""


def _read_endpoint_service(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    filters = _list_filters(arguments, serviceType="service-type")
    named = [arguments["serviceName"]] if arguments.get("serviceName") else []
    found = ask("ec2.DescribeVpcEndpointServices", ServiceNames=named, Filters=filters)["ServiceDetails"]
    service = _take_single(found, "endpoint service")
    return {
        "id": service["ServiceName"],
        "serviceName": service["ServiceName"],
        "availabilityZones": sorted(service["AvailabilityZones"]),
    }


def _read_image(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    given = {"Filters": _list_filters(arguments), "IncludeDeprecated": bool(arguments.get("includeDeprecated"))}
    if owners := as_list(arguments.get("owners")):
        given["Owners"] = owners
    images = sorted(ask("ec2.DescribeImages", **given)["Images"], key=_get_creation_date)
    image = _take_single(images[-1:] if arguments.get("mostRecent") else images, "machine image")
    disks = ((disk, disk.get("Ebs")) for disk in image.get("BlockDeviceMappings", []))
    return {
        "id": image["ImageId"],
        "imageId": image["ImageId"],
        "architecture": image.get("Architecture", ""),
        "rootDeviceName": image.get("RootDeviceName", ""),
        "rootDeviceType": image.get("RootDeviceType", ""),
        "blockDeviceMappings": [
            {"deviceName": disk["DeviceName"], "ebs": {"volume_size": str(ebs.get("VolumeSize", ""))} if ebs else {}}
            for disk, ebs in disks
        ],
    }


def _get_creation_date(image: Mapping[str, Any]) -> str:
    return str(image.get("CreationDate", ""))


def _read_offerings(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    given = {"Filters": _list_filters(arguments), "LocationType": arguments.get("locationType") or "region"}
    found = ask("ec2.DescribeInstanceTypeOfferings", **given)["InstanceTypeOfferings"]
    return {
        "instanceTypes": [offering["InstanceType"] for offering in found],
        "locations": [offering["Location"] for offering in found],
        "locationTypes": [offering["LocationType"] for offering in found],
    }


def _read_listener(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    if arguments.get("arn"):
        found = ask("elbv2.DescribeListeners", ListenerArns=[arguments["arn"]])["Listeners"]
    else:
        of_balancer = ask("elbv2.DescribeListeners", LoadBalancerArn=arguments.get("loadBalancerArn", ""))["Listeners"]
        found = [listener for listener in of_balancer if listener["Port"] == arguments.get("port")]
    listener = _take_single(found, "listener")
    return {
        "id": listener["ListenerArn"],
        "arn": listener["ListenerArn"],
        "loadBalancerArn": listener["LoadBalancerArn"],
        "port": listener["Port"],
        "protocol": listener["Protocol"],
    }


def _read_load_balancer(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    key, given = (
        ("LoadBalancerArns", arguments.get("arn")) if arguments.get("arn") else ("Names", arguments.get("name"))
    )
    balancer = _take_single(ask("elbv2.DescribeLoadBalancers", **{key: [given]})["LoadBalancers"], "load balancer")
    arn = balancer["LoadBalancerArn"]
    listed = ask("elbv2.DescribeLoadBalancerAttributes", LoadBalancerArn=arn)["Attributes"]
    idle = next((entry["Value"] for entry in listed if entry["Key"] == "idle_timeout.timeout_seconds"), None)
    found = {
        "id": arn,
        "arn": arn,
        "dnsName": balancer["DNSName"],
        "internal": balancer["Scheme"] == "internal",
        "loadBalancerType": balancer["Type"],
        "vpcId": balancer["VpcId"],
        "subnets": [zone["SubnetId"] for zone in balancer["AvailabilityZones"]],
        "securityGroups": balancer.get("SecurityGroups", []),
    }
    return found if idle is None else {**found, "idleTimeout": int(idle)}


def _read_vpc_link(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    link = ask("apigatewayv2.GetVpcLink", VpcLinkId=arguments["vpcLinkId"])
    return {"id": link["VpcLinkId"], "subnetIds": link["SubnetIds"], "securityGroupIds": link["SecurityGroupIds"]}


def _read_parameter(ask: Ask, arguments: Arguments) -> dict[str, Any]:
    """A parameter that is no secret. It is never decrypted here, whatever the lookup wants."""
    found = ask("ssm.GetParameter", Name=arguments["name"], WithDecryption=False)["Parameter"]
    if found["Type"] == "SecureString":
        raise NoAnswerError("the parameter is a secret, which is not written into a file")
    return {
        "type": found["Type"],
        "value": found["Value"],
        "insecureValue": found["Value"],
        "version": found["Version"],
    }


def _make_readers() -> Iterator[tuple[str, Reader]]:
    described = {"filters", "tags", "region"}
    subnet = {*described, "id", "vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "defaultForAz", "state"}
    for name, read, arguments in (
        ("index.getCallerIdentity", _read_caller, {"region"}),
        (
            "index.getAvailabilityZones",
            _read_zones,
            {"filters", "state", "allAvailabilityZones", "excludeNames", "excludeZoneIds", "region"},
        ),
        ("ec2.getVpc", _read_vpc, {*described, "id", "cidrBlock", "default", "state"}),
        ("ec2.getSubnet", _read_subnet, subnet),
        ("ec2.getSubnets", _read_subnets, described),
        ("ec2.getRouteTables", _read_route_tables, {*described, "vpcId"}),
        ("ec2.getRouteTable", _read_route_table, {*described, "routeTableId", "vpcId", "subnetId", "gatewayId"}),
        ("ec2.getSecurityGroup", _read_group, {*described, "id", "name", "vpcId"}),
        ("ec2.getSecurityGroups", _read_groups, described),
        ("vpc.getSecurityGroupRules", _read_group_rules, described),
        ("vpc.getSecurityGroupRule", _read_group_rule, {"filters", "securityGroupRuleId", "region"}),
        ("ec2.getPrefixList", _read_prefix_list, {"filters", "name", "prefixListId", "region"}),
        ("ec2.getVpcEndpoint", _read_endpoint, {*described, "id", "vpcId", "serviceName", "state"}),
        ("ec2.getVpcEndpointService", _read_endpoint_service, {*described, "serviceName", "serviceType"}),
        ("ec2.getAmi", _read_image, {"filters", "owners", "mostRecent", "includeDeprecated", "region"}),
        ("ec2.getInstanceTypeOfferings", _read_offerings, {"filters", "locationType", "region"}),
        ("lb.getListener", _read_listener, {"arn", "loadBalancerArn", "port", "region"}),
        ("lb.getLoadBalancer", _read_load_balancer, {"arn", "name", "region"}),
        ("apigatewayv2.getVpcLink", _read_vpc_link, {"vpcLinkId", "region"}),
        ("ssm.getParameter", _read_parameter, {"name", "withDecryption", "region"}),
    ):
        yield make_token(name), Reader(read, frozenset(arguments))


READERS: Final[Mapping[str, Reader]] = dict(_make_readers())

"""What moto's networks lack."""

from __future__ import annotations

from typing import Any


def subnets_with_ipv6() -> None:
    """A subnet's IPv6 association has a state of one word, and DescribeSubnets can be filtered by it."""
    from moto.ec2.models.subnets import Subnet

    original = Subnet.get_filter_value

    def filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name == "ipv6-cidr-block-association.association-id":
            return list(self.ipv6_cidr_block_associations)
        return original(self, filter_name, method_name)

    def associations(self: Any) -> list[dict[str, Any]]:
        return [
            {**each, "ipv6CidrBlockState": {"state": each["ipv6CidrBlockState"]["State"]}}
            for each in self.ipv6_cidr_block_associations.values()
            if each["ipv6CidrBlockState"]["State"] == "associated"
        ]

    Subnet.get_filter_value = filter_value
    Subnet.ipv6_cidr_block_association_set = property(associations)


def routes_of_gateway_endpoints() -> None:
    """A gateway endpoint puts its route into a table that it is given later, and takes it out of one that it loses."""
    from moto.ec2.models import EC2Backend

    original = EC2Backend.modify_vpc_endpoint

    def modify(self: Any, vpc_id: str, **given: Any) -> None:
        (endpoint,) = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])
        before = set(endpoint.route_table_ids or [])
        original(self, vpc_id, **given)
        listed, after = endpoint.destination_prefix_list_id, set(endpoint.route_table_ids or [])
        if listed:
            for table in after - before:
                self.create_route(table, None, destination_prefix_list_id=listed, gateway_id=endpoint.id)
            for table in before - after:
                self.delete_route(table, listed)

    EC2Backend.modify_vpc_endpoint = modify


def regional_nat_gateways() -> None:
    """A regional NAT gateway is of a VPC and of no subnet, and has addresses by zone."""
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow
    from moto.ec2.models.nat_gateways import NatGateway
    from moto.ec2.responses.nat_gateways import NatGateways
    from moto.ec2.utils import add_tag_specification, random_nat_gateway_id

    original = NatGateways.create_nat_gateway

    def create(self: Any) -> Any:
        if self._get_param("AvailabilityMode") != "regional":
            return original(self)
        made = NatGateway.__new__(NatGateway)
        vars(made).update(
            id=random_nat_gateway_id(),
            subnet_id=None,
            vpc_id=self._get_param("VpcId"),
            state="available",
            connectivity_type="public",
            availability_mode="regional",
            auto_provision_zones="disabled",
            auto_scaling_ips="disabled",
            _created_at=utcnow(),
            ec2_backend=self.ec2_backend,
            address_set=[
                {
                    "allocationId": allocation,
                    "availabilityZone": each.get("AvailabilityZone"),
                    "publicIp": self.ec2_backend.address_by_allocation([allocation])[0].public_ip,
                    "status": "succeeded",
                }
                for each in self._get_param("AvailabilityZoneAddresses", [])
                for allocation in each["AllocationIds"]
            ],
        )
        made.add_tags(add_tag_specification(self._get_param("TagSpecifications", [])))
        self.ec2_backend.nat_gateways[made.id] = made
        return ActionResult({"NatGateway": made})

    NatGateways.create_nat_gateway = create


def descriptions_of_rules() -> None:
    """A rule has its description whichever kind of peer it names."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    original = SecurityGroupRule.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        lists = (each for each in (*args, *kwargs.values()) if isinstance(each, dict) and "PrefixListId" in each)
        self.of_prefix_list = next(lists, {})

    def description(self: Any) -> Any:
        peers = (self.ip_range, self.source_group, self.of_prefix_list)
        return next((each["Description"] for each in peers if each.get("Description")), None)

    SecurityGroupRule.__init__ = made
    SecurityGroupRule.description = property(description)


def rules_of_every_protocol() -> None:
    """ModifySecurityGroupRules takes a rule of every protocol, which has no ports, and the description of any peer."""
    from moto.ec2.models.security_groups import SecurityGroupBackend

    original = SecurityGroupBackend.modify_security_group_rules

    def modify(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        group = self.get_security_group_by_name_or_id(group_id)
        every = {key: rule for key, rule in rules.items() if rule.get("IpProtocol") == "-1"}
        original(self, group_id, {key: rule for key, rule in rules.items() if key not in every})
        for key, rule in rules.items():
            held = group.get_rule(key)
            if key in every:
                held.ip_protocol, held.from_port, held.to_port = "-1", None, None
            if "Description" in rule:
                for peer in (held.ip_range, held.source_group, held.of_prefix_list):
                    peer.update({"Description": rule["Description"]} if peer else {})

    SecurityGroupBackend.modify_security_group_rules = modify


def zones_of_networks() -> None:
    """A hosted zone that is created for a VPC is private, whether or not the call says so."""
    from moto.route53.responses import Route53

    asked = Route53._get_bool_param

    def get_bool_param(self: Any, name: str, *default: Any) -> Any:
        if name == "HostedZoneConfig.PrivateZone" and self._get_param("VPC.VPCId"):
            return True
        return asked(self, name, *default)

    Route53._get_bool_param = get_bool_param


def records_that_were_deleted() -> None:
    """A deleted record can be created again. For moto it exists as long as a record with a later name does."""
    from moto.route53.models import Route53Backend

    change = Route53Backend.change_resource_record_sets

    def changed(self: Any, zone_id: str, changes: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zone_id)
        standing = {(record.name, record.type) for record in zone.rrsets}
        for each in changes:
            record = each["ResourceRecordSet"]
            if each in zone.rr_changes and (f"{record['Name'].rstrip('.')}.", record["Type"]) not in standing:
                zone.rr_changes.remove(each)
        change(self, zone_id, changes)

    Route53Backend.change_resource_record_sets = changed

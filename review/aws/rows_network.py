"""Rows of the catalog: VPCs and what is in them, security groups, endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, NameLimit, Row, by_use, charged, ec2, hourly

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html gives the ARN of each.

ROWS: Final[Mapping[str, Row]] = {
    "ec2.DefaultNetworkAcl": Row(
        role="network acl",
        cost=FREE,
        mock={
            "id": "{defaultNetworkAclId}",
            "arn": "arn:{partition}:ec2:{region}:{account}:network-acl/{id}",
            "ownerId": "{account}",
        },
    ),
    "ec2.DefaultRouteTable": Row(
        role="route table",
        cost=FREE,
        mock={
            "id": "{defaultRouteTableId}",
            "arn": "arn:{partition}:ec2:{region}:{account}:route-table/{id}",
            "ownerId": "{account}",
        },
    ),
    "ec2.DefaultSecurityGroup": Row(
        role="security group",
        cost=FREE,
        mock=ec2("sg", "security-group", ownerId="{account}", name="default", description="default VPC security group"),
    ),
    "ec2.DefaultSubnet": Row(role="subnet", cost=FREE),
    "ec2.DefaultVpc": Row(role="vpc", cost=FREE),
    "ec2.DefaultVpcDhcpOptions": Row(role=NO_TRAFFIC),
    "ec2.EgressOnlyInternetGateway": Row(role="egress only gateway", cost=FREE, mock={"id": "eigw-0{x16}"}),
    "ec2.Eip": Row(
        role="address",
        cost=hourly("public-ipv4", "public IPv4"),
        mock={
            **ec2("eipalloc", "elastic-ip"),
            "allocationId": "{id}",
            "associationId": "eipassoc-0{x16}",
            "domain": "vpc",
        },
    ),
    "ec2.EipAssociation": Row(role="address association", cost=FREE, mock={"id": "eipassoc-0{x16}"}),
    "ec2.FlowLog": Row(role=NO_TRAFFIC, cost=by_use("what the traffic makes it write"), mock=ec2("fl", "vpc-flow-log")),
    "ec2.InternetGateway": Row(
        role="internet gateway", cost=FREE, mock=ec2("igw", "internet-gateway", ownerId="{account}")
    ),
    "ec2.InternetGatewayAttachment": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{internetGatewayId}:{vpcId}"}),
    "ec2.MainRouteTableAssociation": Row(
        role="main route table association",
        cost=FREE,
        mock={"id": "rtbassoc-0{x16}", "originalRouteTableId": "rtb-0{x16}"},
    ),
    "ec2.ManagedPrefixList": Row(role="prefix list", cost=FREE, mock=ec2("pl", "prefix-list", ownerId="{account}")),
    "ec2.ManagedPrefixListEntry": Row(role="prefix list entry", cost=FREE),
    "ec2.NatGateway": Row(
        role="nat gateway",
        cost=charged("nat_gateway", "nat_gateway_data"),
        mock={"id": "nat-0{x16}", "associationId": "eipassoc-0{x16}", "networkInterfaceId": "eni-0{x16}"},
    ),
    "ec2.NetworkAcl": Row(role="network acl", cost=FREE, mock=ec2("acl", "network-acl", ownerId="{account}")),
    "ec2.NetworkAclAssociation": Row(role="network acl association", cost=FREE, mock={"id": "aclassoc-0{x16}"}),
    "ec2.NetworkAclRule": Row(role="network acl rule", cost=FREE, mock={"id": "nacl-{x10}"}),
    "ec2.NetworkInterface": Row(role="interface", cost=FREE, mock=ec2("eni", "network-interface", ownerId="{account}")),
    "ec2.NetworkInterfaceAttachment": Row(
        role="interface attachment",
        cost=FREE,
        mock={"id": "eni-attach-0{x16}", "attachmentId": "{id}", "status": "attached"},
    ),
    "ec2.NetworkInterfaceSecurityGroupAttachment": Row(role="interface group attachment", cost=FREE),
    "ec2.Route": Row(
        role="route", cost=FREE, mock={"id": "r-{routeTableId}{x10}", "origin": "CreateRoute", "state": "active"}
    ),
    "ec2.RouteTable": Row(role="route table", cost=FREE, mock=ec2("rtb", "route-table", ownerId="{account}")),
    "ec2.RouteTableAssociation": Row(role="route table association", cost=FREE, mock={"id": "rtbassoc-0{x16}"}),
    "ec2.SecurityGroup": Row(
        role="security group",
        cost=FREE,
        name=NameLimit(longest=255),
        mock=ec2("sg", "security-group", ownerId="{account}", name="{name}"),
    ),
    "ec2.SecurityGroupAssociation": Row(role="endpoint group", cost=FREE),
    "ec2.SecurityGroupRule": Row(
        role="classic rule", cost=FREE, mock={"id": "sgrule-{x10}", "securityGroupRuleId": "sgr-0{x16}"}
    ),
    "ec2.Subnet": Row(
        role="subnet",
        cost=FREE,
        mock=ec2("subnet", "subnet", ownerId="{account}", ipv6CidrBlockAssociationId="subnet-cidr-assoc-0{x16}"),
    ),
    "ec2.Tag": Row(role=NO_TRAFFIC, cost=FREE),
    "ec2.Vpc": Row(
        role="vpc",
        cost=FREE,
        mock=ec2(
            "vpc",
            "vpc",
            defaultNetworkAclId="acl-0{x16}",
            defaultRouteTableId="rtb-0{x16}",
            defaultSecurityGroupId="sg-0{x16}",
            mainRouteTableId="rtb-0{x16}",
            dhcpOptionsId="dopt-0{x16}",
            ipv6AssociationId="vpc-cidr-assoc-0{x16}",
            ownerId="{account}",
        ),
    ),
    "ec2.VpcDhcpOptions": Row(role=NO_TRAFFIC, cost=FREE, mock=ec2("dopt", "dhcp-options", ownerId="{account}")),
    "ec2.VpcDhcpOptionsAssociation": Row(role=NO_TRAFFIC, cost=FREE),
    "ec2.VpcEndpoint": Row(
        role="endpoint",
        cost=charged("endpoint"),
        mock=ec2("vpce", "vpc-endpoint", ownerId="{account}", prefixListId="pl-{x8}", state="available"),
    ),
    "ec2.VpcEndpointPolicy": Row(role="endpoint policy", cost=FREE, mock={"id": "{vpcEndpointId}"}),
    "ec2.VpcEndpointRouteTableAssociation": Row(
        role="endpoint route table", cost=FREE, mock={"id": "a-{vpcEndpointId}{x10}"}
    ),
    "ec2.VpcEndpointSubnetAssociation": Row(role="endpoint subnet", cost=FREE, mock={"id": "a-{vpcEndpointId}{x10}"}),
    "ec2.VpcIpv4CidrBlockAssociation": Row(role="vpc range", cost=FREE, mock={"id": "vpc-cidr-assoc-0{x16}"}),
    "ec2.VpcIpv6CidrBlockAssociation": Row(role="vpc range", cost=FREE, mock={"id": "vpc-cidr-assoc-0{x16}"}),
    "ec2.VpcPeeringConnection": Row(role="peering", mock={"id": "pcx-0{x16}", "acceptStatus": "active"}),
    "ec2.VpcPeeringConnectionAccepter": Row(role="peering"),
    "ec2.VpnGateway": Row(role="peering"),
    "ec2.VpnGatewayAttachment": Row(role="peering"),
    "ec2.VpnGatewayRoutePropagation": Row(role="route propagation", cost=FREE),
    "ec2.VpcBlockPublicAccessOptions": Row(role="public access block", cost=FREE),
    "ec2.VpcBlockPublicAccessExclusion": Row(role=NO_TRAFFIC, cost=FREE),
    "ec2transitgateway.InstanceConnectEndpoint": Row(
        role="connect endpoint",
        cost=FREE,
        mock=ec2(
            "eice",
            "instance-connect-endpoint",
            ownerId="{account}",
            dnsName="{id}.{x8}.ec2-instance-connect-endpoint.{region}.{suffix}",
        ),
    ),
    "ec2transitgateway.Route": Row(role=NO_TRAFFIC),
    "ec2transitgateway.RouteTable": Row(role=NO_TRAFFIC),
    "ec2transitgateway.RouteTableAssociation": Row(role=NO_TRAFFIC),
    "ec2transitgateway.RouteTablePropagation": Row(role=NO_TRAFFIC),
    "ec2transitgateway.TransitGateway": Row(role=NO_TRAFFIC),
    "ec2transitgateway.PeeringAttachment": Row(role=NO_TRAFFIC),
    "ec2transitgateway.PeeringAttachmentAccepter": Row(role=NO_TRAFFIC),
    "ec2transitgateway.VpcAttachmentAccepter": Row(role=NO_TRAFFIC),
    "ec2transitgateway.PrefixListReference": Row(role=NO_TRAFFIC),
    "ec2transitgateway.DefaultRouteTableAssociation": Row(role=NO_TRAFFIC),
    "ec2transitgateway.DefaultRouteTablePropagation": Row(role=NO_TRAFFIC),
    "ec2transitgateway.VpcAttachment": Row(role="peering"),
    "vpc.SecurityGroupEgressRule": Row(
        role="egress rule", cost=FREE, mock=ec2("sgr", "security-group-rule", securityGroupRuleId="{id}")
    ),
    "vpc.SecurityGroupIngressRule": Row(
        role="ingress rule", cost=FREE, mock=ec2("sgr", "security-group-rule", securityGroupRuleId="{id}")
    ),
}

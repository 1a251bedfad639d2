"""Rows of the catalog: VPCs and what is in them, security groups, endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, NameLimit, Row, by_use, charged, ec2, hourly

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html gives the ARN of each.

ROWS: Final[Mapping[str, Row]] = {
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": Row(
        role="network acl",
        cost=FREE,
        mock={
            "id": "{defaultNetworkAclId}",
            "arn": "arn:{partition}:ec2:{region}:{account}:network-acl/{id}",
            "ownerId": "{account}",
        },
    ),
    "aws:ec2/defaultRouteTable:DefaultRouteTable": Row(
        role="route table",
        cost=FREE,
        mock={
            "id": "{defaultRouteTableId}",
            "arn": "arn:{partition}:ec2:{region}:{account}:route-table/{id}",
            "ownerId": "{account}",
        },
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Row(
        role="security group",
        cost=FREE,
        mock=ec2("sg", "security-group", ownerId="{account}", name="default", description="default VPC security group"),
    ),
    "aws:ec2/defaultSubnet:DefaultSubnet": Row(role="subnet", cost=FREE),
    "aws:ec2/defaultVpc:DefaultVpc": Row(role="vpc", cost=FREE),
    "aws:ec2/defaultVpcDhcpOptions:DefaultVpcDhcpOptions": Row(role=NO_TRAFFIC),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": Row(
        role="egress only gateway", cost=FREE, mock={"id": "eigw-0{x16}"}
    ),
    "aws:ec2/eip:Eip": Row(
        role="address",
        cost=hourly("public-ipv4", "public IPv4"),
        mock={
            **ec2("eipalloc", "elastic-ip"),
            "allocationId": "{id}",
            "associationId": "eipassoc-0{x16}",
            "domain": "vpc",
        },
    ),
    "aws:ec2/eipAssociation:EipAssociation": Row(
        role="address association",
        cost=FREE,
        mock={"id": "eipassoc-0{x16}"},
    ),
    "aws:ec2/flowLog:FlowLog": Row(
        role=NO_TRAFFIC,
        cost=by_use("what the traffic makes it write"),
        mock=ec2("fl", "vpc-flow-log"),
    ),
    "aws:ec2/internetGateway:InternetGateway": Row(
        role="internet gateway", cost=FREE, mock=ec2("igw", "internet-gateway", ownerId="{account}")
    ),
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "{internetGatewayId}:{vpcId}"}
    ),
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": Row(
        role="main route table association",
        cost=FREE,
        mock={
            "id": "rtbassoc-0{x16}",
            "originalRouteTableId": "rtb-0{x16}",
        },
    ),
    "aws:ec2/managedPrefixList:ManagedPrefixList": Row(
        role="prefix list", cost=FREE, mock=ec2("pl", "prefix-list", ownerId="{account}")
    ),
    "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry": Row(role="prefix list entry", cost=FREE),
    "aws:ec2/natGateway:NatGateway": Row(
        role="nat gateway",
        cost=charged("nat_gateway", "nat_gateway_data"),
        mock={
            "id": "nat-0{x16}",
            "associationId": "eipassoc-0{x16}",
            "networkInterfaceId": "eni-0{x16}",
        },
    ),
    "aws:ec2/networkAcl:NetworkAcl": Row(
        role="network acl", cost=FREE, mock=ec2("acl", "network-acl", ownerId="{account}")
    ),
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": Row(
        role="network acl association", cost=FREE, mock={"id": "aclassoc-0{x16}"}
    ),
    "aws:ec2/networkAclRule:NetworkAclRule": Row(
        role="network acl rule",
        cost=FREE,
        mock={"id": "nacl-{x10}"},
    ),
    "aws:ec2/networkInterface:NetworkInterface": Row(
        role="interface",
        cost=FREE,
        mock=ec2("eni", "network-interface", ownerId="{account}"),
    ),
    "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment": Row(
        role="interface attachment",
        cost=FREE,
        mock={
            "id": "eni-attach-0{x16}",
            "attachmentId": "{id}",
            "status": "attached",
        },
    ),
    "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment": Row(
        role="interface group attachment", cost=FREE
    ),
    "aws:ec2/route:Route": Row(
        role="route",
        cost=FREE,
        mock={"id": "r-{routeTableId}{x10}", "origin": "CreateRoute", "state": "active"},
    ),
    "aws:ec2/routeTable:RouteTable": Row(
        role="route table", cost=FREE, mock=ec2("rtb", "route-table", ownerId="{account}")
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row(
        role="route table association", cost=FREE, mock={"id": "rtbassoc-0{x16}"}
    ),
    "aws:ec2/securityGroup:SecurityGroup": Row(
        role="security group",
        cost=FREE,
        name=NameLimit(longest=255),
        mock=ec2("sg", "security-group", ownerId="{account}", name="{name}"),
    ),
    "aws:ec2/securityGroupAssociation:SecurityGroupAssociation": Row(role="endpoint group", cost=FREE),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Row(
        role="classic rule",
        cost=FREE,
        mock={
            "id": "sgrule-{x10}",
            "securityGroupRuleId": "sgr-0{x16}",
        },
    ),
    "aws:ec2/subnet:Subnet": Row(
        role="subnet",
        cost=FREE,
        mock=ec2("subnet", "subnet", ownerId="{account}", ipv6CidrBlockAssociationId="subnet-cidr-assoc-0{x16}"),
    ),
    "aws:ec2/tag:Tag": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:ec2/vpc:Vpc": Row(
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
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": Row(
        role=NO_TRAFFIC,
        cost=FREE,
        mock=ec2("dopt", "dhcp-options", ownerId="{account}"),
    ),
    "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Row(
        role="endpoint",
        cost=charged("endpoint"),
        mock=ec2("vpce", "vpc-endpoint", ownerId="{account}", prefixListId="pl-{x8}", state="available"),
    ),
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": Row(
        role="endpoint policy", cost=FREE, mock={"id": "{vpcEndpointId}"}
    ),
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": Row(
        role="endpoint route table", cost=FREE, mock={"id": "a-{vpcEndpointId}{x10}"}
    ),
    "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation": Row(
        role="endpoint subnet", cost=FREE, mock={"id": "a-{vpcEndpointId}{x10}"}
    ),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": Row(
        role="vpc range", cost=FREE, mock={"id": "vpc-cidr-assoc-0{x16}"}
    ),
    "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation": Row(
        role="vpc range", cost=FREE, mock={"id": "vpc-cidr-assoc-0{x16}"}
    ),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": Row(
        role="peering", mock={"id": "pcx-0{x16}", "acceptStatus": "active"}
    ),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": Row(role="peering"),
    "aws:ec2/vpnGateway:VpnGateway": Row(role="peering"),
    "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment": Row(role="peering"),
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation": Row(role="route propagation", cost=FREE),
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions": Row(role="public access block", cost=FREE),
    "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": Row(
        role="connect endpoint",
        cost=FREE,
        mock=ec2(
            "eice",
            "instance-connect-endpoint",
            ownerId="{account}",
            dnsName="{id}.{x8}.ec2-instance-connect-endpoint.{region}.{suffix}",
        ),
    ),
    "aws:ec2transitgateway/route:Route": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/routeTable:RouteTable": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/transitGateway:TransitGateway": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/peeringAttachment:PeeringAttachment": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/peeringAttachmentAccepter:PeeringAttachmentAccepter": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/prefixListReference:PrefixListReference": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/defaultRouteTableAssociation:DefaultRouteTableAssociation": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/defaultRouteTablePropagation:DefaultRouteTablePropagation": Row(role=NO_TRAFFIC),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": Row(role="peering"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Row(
        role="egress rule",
        cost=FREE,
        mock=ec2("sgr", "security-group-rule", securityGroupRuleId="{id}"),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Row(
        role="ingress rule",
        cost=FREE,
        mock=ec2("sgr", "security-group-rule", securityGroupRuleId="{id}"),
    ),
}

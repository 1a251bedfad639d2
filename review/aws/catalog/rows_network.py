"""Rows of the catalog: VPCs and what is in them, security groups, endpoints."""

from collections.abc import Mapping
from typing import Final

from .row import NO_TRAFFIC, NameLimit, Row, alike, arn, by_use, charged, ec2, free, hourly, owned

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html gives the ARN of each.

ROWS: Final[Mapping[str, Row]] = {
    **alike(
        Row(NO_TRAFFIC),
        "ec2.DefaultVpcDhcpOptions ec2transitgateway.Route ec2transitgateway.RouteTable "
        "ec2transitgateway.RouteTableAssociation ec2transitgateway.RouteTablePropagation "
        "ec2transitgateway.TransitGateway ec2transitgateway.PeeringAttachment "
        "ec2transitgateway.PeeringAttachmentAccepter ec2transitgateway.VpcAttachmentAccepter "
        "ec2transitgateway.PrefixListReference ec2transitgateway.DefaultRouteTableAssociation "
        "ec2transitgateway.DefaultRouteTablePropagation",
    ),
    **alike(free(NO_TRAFFIC), "ec2.Tag ec2.VpcDhcpOptionsAssociation ec2.VpcBlockPublicAccessExclusion"),
    **alike(
        Row("peering"),
        "ec2.VpcPeeringConnectionAccepter ec2.VpnGateway ec2.VpnGatewayAttachment ec2transitgateway.VpcAttachment",
    ),
    "ec2.DefaultNetworkAcl": free(
        "network acl",
        mock={"id": "{defaultNetworkAclId}", "arn": arn("ec2", "network-acl/{id}"), "ownerId": "{account}"},
    ),
    "ec2.DefaultRouteTable": free(
        "route table",
        mock={"id": "{defaultRouteTableId}", "arn": arn("ec2", "route-table/{id}"), "ownerId": "{account}"},
    ),
    "ec2.DefaultSecurityGroup": free(
        "security group", mock=owned("sg", "security-group", name="default", description="default VPC security group")
    ),
    "ec2.DefaultSubnet": free("subnet"),
    "ec2.DefaultVpc": free("vpc"),
    "ec2.EgressOnlyInternetGateway": free("egress only gateway", mock={"id": "eigw-0{x16}"}),
    "ec2.Eip": Row(
        "address",
        cost=hourly("public-ipv4", "public IPv4"),
        mock=ec2("eipalloc", "elastic-ip", allocationId="{id}", associationId="eipassoc-0{x16}", domain="vpc"),
    ),
    "ec2.EipAssociation": free("address association", mock={"id": "eipassoc-0{x16}"}),
    "ec2.FlowLog": Row(NO_TRAFFIC, cost=by_use("what the traffic makes it write"), mock=ec2("fl", "vpc-flow-log")),
    "ec2.InternetGateway": free("internet gateway", mock=owned("igw", "internet-gateway")),
    "ec2.InternetGatewayAttachment": free(NO_TRAFFIC, mock={"id": "{internetGatewayId}:{vpcId}"}),
    "ec2.MainRouteTableAssociation": free(
        "main route table association", mock={"id": "rtbassoc-0{x16}", "originalRouteTableId": "rtb-0{x16}"}
    ),
    "ec2.ManagedPrefixList": free("prefix list", mock=owned("pl", "prefix-list")),
    "ec2.ManagedPrefixListEntry": free("prefix list entry"),
    "ec2.NatGateway": Row(
        "nat gateway",
        cost=charged("nat_gateway", "nat_gateway_data"),
        mock={"id": "nat-0{x16}", "associationId": "eipassoc-0{x16}", "networkInterfaceId": "eni-0{x16}"},
    ),
    "ec2.NetworkAcl": free("network acl", mock=owned("acl", "network-acl")),
    "ec2.NetworkAclAssociation": free("network acl association", mock={"id": "aclassoc-0{x16}"}),
    "ec2.NetworkAclRule": free("network acl rule", mock={"id": "nacl-{x10}"}),
    "ec2.NetworkInterface": free("interface", mock=owned("eni", "network-interface")),
    "ec2.NetworkInterfaceAttachment": free(
        "interface attachment", mock={"id": "eni-attach-0{x16}", "attachmentId": "{id}", "status": "attached"}
    ),
    "ec2.NetworkInterfaceSecurityGroupAttachment": free("interface group attachment"),
    "ec2.Route": free("route", mock={"id": "r-{routeTableId}{x10}", "origin": "CreateRoute", "state": "active"}),
    "ec2.RouteTable": free("route table", mock=owned("rtb", "route-table")),
    "ec2.RouteTableAssociation": free("route table association", mock={"id": "rtbassoc-0{x16}"}),
    "ec2.SecurityGroup": free("security group", name=NameLimit(255), mock=owned("sg", "security-group", name="{name}")),
    "ec2.SecurityGroupAssociation": free("endpoint group"),
    "ec2.SecurityGroupRule": free("classic rule", mock={"id": "sgrule-{x10}", "securityGroupRuleId": "sgr-0{x16}"}),
    "ec2.Subnet": free("subnet", mock=owned("subnet", "subnet", ipv6CidrBlockAssociationId="subnet-cidr-assoc-0{x16}")),
    "ec2.Vpc": free(
        "vpc",
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
    "ec2.VpcDhcpOptions": free(NO_TRAFFIC, mock=owned("dopt", "dhcp-options")),
    "ec2.VpcEndpoint": Row(
        "endpoint",
        cost=charged("endpoint"),
        mock=owned("vpce", "vpc-endpoint", prefixListId="pl-{x8}", state="available"),
    ),
    "ec2.VpcEndpointPolicy": free("endpoint policy", mock={"id": "{vpcEndpointId}"}),
    "ec2.VpcEndpointRouteTableAssociation": free("endpoint route table", mock={"id": "a-{vpcEndpointId}{x10}"}),
    "ec2.VpcEndpointSubnetAssociation": free("endpoint subnet", mock={"id": "a-{vpcEndpointId}{x10}"}),
    "ec2.VpcIpv4CidrBlockAssociation": free("vpc range", mock={"id": "vpc-cidr-assoc-0{x16}"}),
    "ec2.VpcIpv6CidrBlockAssociation": free("vpc range", mock={"id": "vpc-cidr-assoc-0{x16}"}),
    "ec2.VpcPeeringConnection": Row("peering", mock={"id": "pcx-0{x16}", "acceptStatus": "active"}),
    "ec2.VpnGatewayRoutePropagation": free("route propagation"),
    "ec2.VpcBlockPublicAccessOptions": free("public access block"),
    "ec2transitgateway.InstanceConnectEndpoint": free(
        "connect endpoint",
        mock=owned(
            "eice", "instance-connect-endpoint", dnsName="{id}.{x8}.ec2-instance-connect-endpoint.{region}.{suffix}"
        ),
    ),
    "vpc.SecurityGroupEgressRule": free(
        "egress rule", mock=ec2("sgr", "security-group-rule", securityGroupRuleId="{id}")
    ),
    "vpc.SecurityGroupIngressRule": free(
        "ingress rule", mock=ec2("sgr", "security-group-rule", securityGroupRuleId="{id}")
    ),
}

"""Made-up outputs of VPCs, what is in them, and load balancers, shaped like AWS's."""

from __future__ import annotations

from typing import Final

from .shape import Shape, ec2, regional

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html gives the ARN of each.
SHAPES: Final[dict[str, Shape]] = {
    "aws:ec2/vpc:Vpc": ec2(
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
    "aws:ec2/subnet:Subnet": ec2(
        "subnet", "subnet", ownerId="{account}", ipv6CidrBlockAssociationId="subnet-cidr-assoc-0{x16}"
    ),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": {"id": "vpc-cidr-assoc-0{x16}"},
    "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation": {"id": "vpc-cidr-assoc-0{x16}"},
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": ec2("dopt", "dhcp-options", ownerId="{account}"),
    "aws:ec2/internetGateway:InternetGateway": ec2("igw", "internet-gateway", ownerId="{account}"),
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment": {"id": "{internetGatewayId}:{vpcId}"},
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": {"id": "eigw-0{x16}"},
    "aws:ec2/natGateway:NatGateway": {
        "id": "nat-0{x16}",
        "associationId": "eipassoc-0{x16}",
        "networkInterfaceId": "eni-0{x16}",
    },
    "aws:ec2/routeTable:RouteTable": ec2("rtb", "route-table", ownerId="{account}"),
    "aws:ec2/defaultRouteTable:DefaultRouteTable": {
        "id": "{defaultRouteTableId}",
        "arn": "arn:{partition}:ec2:{region}:{account}:route-table/{id}",
        "ownerId": "{account}",
    },
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": {
        "id": "rtbassoc-0{x16}",
        "originalRouteTableId": "rtb-0{x16}",
    },
    "aws:ec2/route:Route": {"id": "r-{routeTableId}{x10}", "origin": "CreateRoute", "state": "active"},
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"id": "rtbassoc-0{x16}"},
    "aws:ec2/eip:Eip": {
        **ec2("eipalloc", "elastic-ip"),
        "allocationId": "{id}",
        "associationId": "eipassoc-0{x16}",
        "domain": "vpc",
    },
    "aws:ec2/eipAssociation:EipAssociation": {"id": "eipassoc-0{x16}"},
    "aws:ec2/networkInterface:NetworkInterface": ec2("eni", "network-interface", ownerId="{account}"),
    "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment": {
        "id": "eni-attach-0{x16}",
        "attachmentId": "{id}",
        "status": "attached",
    },
    "aws:ec2/securityGroup:SecurityGroup": ec2("sg", "security-group", ownerId="{account}", name="{name}"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ec2(
        "sg", "security-group", ownerId="{account}", name="default", description="default VPC security group"
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": {
        "id": "sgrule-{x10}",
        "securityGroupRuleId": "sgr-0{x16}",
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ec2(
        "sgr", "security-group-rule", securityGroupRuleId="{id}"
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ec2(
        "sgr", "security-group-rule", securityGroupRuleId="{id}"
    ),
    "aws:ec2/networkAcl:NetworkAcl": ec2("acl", "network-acl", ownerId="{account}"),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": {
        "id": "{defaultNetworkAclId}",
        "arn": "arn:{partition}:ec2:{region}:{account}:network-acl/{id}",
        "ownerId": "{account}",
    },
    "aws:ec2/networkAclRule:NetworkAclRule": {"id": "nacl-{x10}"},
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": {"id": "aclassoc-0{x16}"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": ec2(
        "vpce", "vpc-endpoint", ownerId="{account}", prefixListId="pl-{x8}", state="available"
    ),
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": {"id": "{vpcEndpointId}"},
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": {"id": "a-{vpcEndpointId}{x10}"},
    "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation": {"id": "a-{vpcEndpointId}{x10}"},
    "aws:ec2/managedPrefixList:ManagedPrefixList": ec2("pl", "prefix-list", ownerId="{account}"),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": {"id": "pcx-0{x16}", "acceptStatus": "active"},
    "aws:ec2/flowLog:FlowLog": ec2("fl", "vpc-flow-log"),
    "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": ec2(
        "eice",
        "instance-connect-endpoint",
        ownerId="{account}",
        dnsName="{id}.{x8}.ec2-instance-connect-endpoint.{region}.{suffix}",
    ),
    "aws:lb/loadBalancer:LoadBalancer": {},  # computed.py: its ARN and address depend on its kind
    "aws:lb/targetGroup:TargetGroup": regional(
        "elasticloadbalancing", "targetgroup/{name}/{x16}", arnSuffix="targetgroup/{name}/{x16}", name="{name}"
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": {"id": "{targetGroupArn}-{x20}"},
    "aws:lb/listener:Listener": {},
    "aws:lb/listenerRule:ListenerRule": {},
    "aws:lb/listenerCertificate:ListenerCertificate": {"id": "{listenerArn}_{certificateArn}"},
    "aws:servicediscovery/httpNamespace:HttpNamespace": {
        "id": "ns-{x16}",
        "arn": "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
        "httpName": "{name}",
    },
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
        "id": "ns-{x16}",
        "arn": "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
        "hostedZone": "Z0{X18}",
    },
    "aws:servicediscovery/service:Service": {
        "id": "srv-{x16}",
        "arn": "arn:{partition}:servicediscovery:{region}:{account}:service/{id}",
    },
    "aws:servicediscovery/instance:Instance": {"id": "{instanceId}"},
    "aws:route53/zone:Zone": {
        "id": "Z0{X18}",
        "arn": "arn:{partition}:route53:::hostedzone/{id}",
        "zoneId": "{id}",
        "primaryNameServer": "ns-1.awsdns-01.org",
    },
    "aws:route53/zoneAssociation:ZoneAssociation": {"id": "{zoneId}:{vpcId}"},
    "aws:route53/record:Record": {"id": "{zoneId}_{name}_{type}", "fqdn": "{name}"},
    "aws:acm/certificateValidation:CertificateValidation": {"id": "{certificateArn}"},
    "aws:acm/certificate:Certificate": {},
}

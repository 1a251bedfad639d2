"""The type tokens that reachability understands, by the part they play, and how to tell the ones it should know."""

from __future__ import annotations

from typing import Final

# Networks
VPC: Final = ("aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc")
SUBNET: Final = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
ROUTE_TABLE: Final = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
MAIN_ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
INTERNET_GATEWAY: Final = ("aws:ec2/internetGateway:InternetGateway",)
NAT_GATEWAY: Final = ("aws:ec2/natGateway:NatGateway",)
EGRESS_ONLY_GATEWAY: Final = ("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",)
NETWORK_ACL: Final = ("aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
NETWORK_ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
NETWORK_ACL_ASSOCIATION: Final = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
INTERFACE: Final = ("aws:ec2/networkInterface:NetworkInterface",)
INTERFACE_ATTACHMENT: Final = "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment"
INTERFACE_GROUP_ATTACHMENT: Final = (
    "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment"
)
ADDRESS: Final = "aws:ec2/eip:Eip"
ADDRESS_ASSOCIATION: Final = "aws:ec2/eipAssociation:EipAssociation"
ENDPOINT: Final = ("aws:ec2/vpcEndpoint:VpcEndpoint",)
ENDPOINT_POLICY: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
ENDPOINT_ROUTE_TABLE: Final = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
ENDPOINT_SUBNET: Final = "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
ENDPOINT_GROUP: Final = "aws:ec2/securityGroupAssociation:SecurityGroupAssociation"
CONNECT_ENDPOINT: Final = ("aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint",)
PEERING: Final = (
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
    "aws:ec2/vpnGateway:VpnGateway",
    "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment",
)
"""What joins a VPC to other networks, whose addresses then count as inside."""

# Security groups
SECURITY_GROUP: Final = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
DEFAULT_SECURITY_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
CLASSIC_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
PREFIX_LIST: Final = ("aws:ec2/managedPrefixList:ManagedPrefixList",)
PREFIX_LIST_ENTRY: Final = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"

# Compute
INSTANCE: Final = ("aws:ec2/instance:Instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest")
LAUNCH_TEMPLATE: Final = ("aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/launchConfiguration:LaunchConfiguration")
SCALING_GROUP: Final = ("aws:autoscaling/group:Group",)
SCALING_ATTACHMENT: Final = "aws:autoscaling/attachment:Attachment"
SCALING_TRAFFIC_SOURCE: Final = "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment"
SERVICE: Final = ("aws:ecs/service:Service",)
TASK_DEFINITION: Final = ("aws:ecs/taskDefinition:TaskDefinition",)
FUNCTION: Final = ("aws:lambda/function:Function",)
ALIAS: Final = ("aws:lambda/alias:Alias",)
PERMISSION: Final = "aws:lambda/permission:Permission"
FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
COMPUTE: Final = (*INSTANCE, *SCALING_GROUP, *SERVICE, *FUNCTION)

# Balancers: `aws.alb` publishes the classes of `aws.lb` under tokens of its own.
LOAD_BALANCER: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
LISTENER: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
LISTENER_RULE: Final = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
TARGET_GROUP: Final = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
TARGET_ATTACHMENT: Final = (
    "aws:lb/targetGroupAttachment:TargetGroupAttachment",
    "aws:alb/targetGroupAttachment:TargetGroupAttachment",
)
CLOUD_MAP_SERVICE: Final = ("aws:servicediscovery/service:Service",)
CLOUD_MAP_INSTANCE: Final = "aws:servicediscovery/instance:Instance"
DNS_RECORD: Final = ("aws:route53/record:Record",)

# API Gateway
REST_API: Final = ("aws:apigateway/restApi:RestApi",)
REST_POLICY: Final = "aws:apigateway/restApiPolicy:RestApiPolicy"
REST_RESOURCE: Final = ("aws:apigateway/resource:Resource",)
METHOD: Final = "aws:apigateway/method:Method"
REST_INTEGRATION: Final = "aws:apigateway/integration:Integration"
DEPLOYMENT: Final = ("aws:apigateway/deployment:Deployment",)
REST_STAGE: Final = ("aws:apigateway/stage:Stage",)
METHOD_SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"
USAGE_PLAN: Final = "aws:apigateway/usagePlan:UsagePlan"
REST_DOMAIN: Final = ("aws:apigateway/domainName:DomainName",)
BASE_PATH_MAPPING: Final = "aws:apigateway/basePathMapping:BasePathMapping"
REST_LINK: Final = ("aws:apigateway/vpcLink:VpcLink",)
HTTP_API: Final = ("aws:apigatewayv2/api:Api",)
HTTP_ROUTE: Final = "aws:apigatewayv2/route:Route"
HTTP_INTEGRATION: Final = ("aws:apigatewayv2/integration:Integration",)
HTTP_STAGE: Final = ("aws:apigatewayv2/stage:Stage",)
HTTP_DOMAIN: Final = ("aws:apigatewayv2/domainName:DomainName",)
API_MAPPING: Final = "aws:apigatewayv2/apiMapping:ApiMapping"
HTTP_LINK: Final = ("aws:apigatewayv2/vpcLink:VpcLink",)
ACL_ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"

# Roles
ROLE: Final = ("aws:iam/role:Role",)
INSTANCE_PROFILE: Final = ("aws:iam/instanceProfile:InstanceProfile",)
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY: Final = ("aws:iam/policy:Policy",)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WITHOUT_TRAFFIC: Final = _words(
    """
    accessanalyzer account acm acmpca appautoscaling applicationinsights athena backup bcmdata billing budgets cfg
    chatbot cloudtrail cloudwatch codeartifact codebuild codecommit codedeploy codepipeline cognito
    computeoptimizer costexplorer cur detective devopsguru dynamodb ebs ecr ecrpublic fis glue guardduty iam
    identitystore imagebuilder inspector inspector2 kinesis kms lakeformation licensemanager macie2 notifications oam
    organizations pipes pricing ram rbin resourceexplorer resourcegroups resourcegroupstaggingapi route53 s3
    s3control savingsplans scheduler schemas secretsmanager securityhub servicecatalog servicediscovery servicequotas
    ses sesv2 sfn shield signer sns sqs ssm ssmcontacts ssmincidents ssoadmin synthetics wafv2 xray
    """
)
"""Services whose resources stand in nobody's way: no address in a VPC, no door to a backend of their own."""

_KNOWN: Final = frozenset(
    token
    for name, value in list(globals().items())
    if name.isupper() and not name.startswith("_")
    for token in (value if isinstance(value, tuple) else (value,))
)

_HARMLESS: Final = _words(
    """
    apigateway/account apigateway/apiKey apigateway/authorizer apigateway/clientCertificate
    apigateway/documentationPart apigateway/documentationVersion apigateway/domainNameAccessAssociation
    apigateway/integrationResponse apigateway/methodResponse apigateway/model apigateway/requestValidator
    apigateway/response apigateway/usagePlanKey apigatewayv2/authorizer apigatewayv2/deployment
    apigatewayv2/integrationResponse apigatewayv2/model apigatewayv2/routeResponse autoscaling/lifecycleHook
    autoscaling/notification autoscaling/policy autoscaling/schedule autoscaling/tag ec2/ami ec2/amiCopy
    ec2/defaultVpcDhcpOptions ec2/flowLog ec2/instanceMetadataDefaults ec2/internetGatewayAttachment ec2/keyPair
    ec2/placementGroup ec2/tag ec2/volumeAttachment ec2/vpcDhcpOptions ec2/vpcDhcpOptionsAssociation
    ec2/vpcIpv4CidrBlockAssociation ec2/vpcIpv6CidrBlockAssociation ecs/accountSettingDefault ecs/capacityProvider
    ecs/cluster ecs/clusterCapacityProviders lambda/codeSigningConfig lambda/eventSourceMapping
    lambda/functionEventInvokeConfig lambda/functionRecursionConfig lambda/layerVersion
    lambda/provisionedConcurrencyConfig lambda/runtimeManagementConfig lb/listenerCertificate
    alb/listenerCertificate lb/trustStore
    """
)
"""Types of the services above that shape no path."""

_WITHOUT_CLOUD: Final = _words(
    "pulumi pulumi-python random tls command time null docker docker-build archive synced-folder"
)
"""Packages that declare nothing that could be reached."""


def is_understood(token: str) -> bool:
    """Whether reachability reads this type, or knows that it carries no traffic."""
    package, _, rest = token.partition(":")
    module = rest.partition(":")[0]
    if package != "aws":
        return package in _WITHOUT_CLOUD
    return token in _KNOWN or module in _HARMLESS or module.partition("/")[0] in _WITHOUT_TRAFFIC

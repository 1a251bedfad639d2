"""Which inputs cannot be changed in place: a new resource takes the place of the old one.

From the schemas of the Terraform provider that pulumi-aws is made from (`ForceNew` and `RequiresReplace`,
https://github.com/hashicorp/terraform-provider-aws, internal/service), for the types that this project declares and
the ones beside them. Types that are not here are reported as not known. The SDK's docstrings tell of a replacement for
only a few inputs: a test holds the table to each of those, and nothing that is installed verifies the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..graph import Resource
from ..graph.reading import items, number

EVERYWHERE: Final = frozenset({"region"})
"""A resource cannot move to another region. https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/"""

_NAMED: Final = "name namePrefix"

_TABLE: Final[Mapping[str, str]] = {
    "acm/certificate:Certificate": "domainName subjectAlternativeNames validationMethod keyAlgorithm privateKey",
    "acm/certificateValidation:CertificateValidation": "certificateArn validationRecordFqdns",
    "apigateway/account:Account": "",
    "apigateway/apiKey:ApiKey": "value",
    "apigateway/authorizer:Authorizer": "restApi",
    "apigateway/basePathMapping:BasePathMapping": "domainNameId",
    "apigateway/deployment:Deployment": "restApi triggers variables",
    "apigateway/domainName:DomainName": "domainName",
    "apigateway/integration:Integration": "restApi resourceId httpMethod type integrationHttpMethod contentHandling",
    "apigateway/method:Method": "restApi resourceId httpMethod",
    "apigateway/methodSettings:MethodSettings": "restApi stageName methodPath",
    "apigateway/model:Model": "restApi name contentType",
    "apigateway/requestValidator:RequestValidator": "restApi",
    "apigateway/resource:Resource": "restApi",
    "apigateway/response:Response": "restApiId responseType",
    "apigateway/restApi:RestApi": "",
    "apigateway/restApiPolicy:RestApiPolicy": "restApiId",
    "apigateway/stage:Stage": "restApi stageName",
    "apigateway/usagePlan:UsagePlan": "",
    "apigateway/usagePlanKey:UsagePlanKey": "keyId keyType usagePlanId",
    "apigateway/vpcLink:VpcLink": "targetArn",
    "apigatewayv2/api:Api": "protocolType routeKey target credentialsArn",
    "apigatewayv2/apiMapping:ApiMapping": "domainName",
    "apigatewayv2/authorizer:Authorizer": "apiId",
    "apigatewayv2/domainName:DomainName": "domainName",
    "apigatewayv2/integration:Integration": "apiId integrationType integrationSubtype connectionType",
    "apigatewayv2/route:Route": "apiId",
    "apigatewayv2/stage:Stage": "apiId name",
    "apigatewayv2/vpcLink:VpcLink": "subnetIds securityGroupIds",
    "appautoscaling/policy:Policy": "name resourceId scalableDimension serviceNamespace",
    "appautoscaling/target:Target": "resourceId scalableDimension serviceNamespace",
    "autoscaling/group:Group": _NAMED,
    "autoscaling/policy:Policy": "name autoscalingGroupName",
    "budgets/budget:Budget": f"{_NAMED} accountId budgetType",
    "cloudwatch/eventRule:EventRule": f"{_NAMED} eventBusName",
    "cloudwatch/logGroup:LogGroup": f"{_NAMED} logGroupClass",
    "cloudwatch/metricAlarm:MetricAlarm": "name",
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": "vpcId",
    "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": "vpcId",
    "ec2/eip:Eip": "address customerOwnedIpv4Pool domain networkBorderGroup publicIpv4Pool",
    "ec2/eipAssociation:EipAssociation": "allocationId instanceId networkInterfaceId privateIpAddress publicIp",
    "ec2/flowLog:FlowLog": "vpcId subnetId eniId trafficType logDestination logDestinationType logFormat iamRoleArn "
    "maxAggregationInterval",
    "ec2/instance:Instance": "ami associatePublicIpAddress availabilityZone cpuOptions hibernation hostId "
    "ipv6Addresses ipv6AddressCount keyName networkInterfaces placementGroup primaryNetworkInterface privateIp "
    "subnetId ephemeralBlockDevices launchTemplate rootBlockDevice.encrypted rootBlockDevice.kmsKeyId "
    "instanceMarketOptions securityGroups",
    "ec2/internetGateway:InternetGateway": "",
    "ec2/keyPair:KeyPair": "keyName keyNamePrefix publicKey",
    "ec2/launchTemplate:LaunchTemplate": _NAMED,
    "ec2/natGateway:NatGateway": "allocationId connectivityType privateIp subnetId availabilityMode vpcId",
    "ec2/networkAcl:NetworkAcl": "vpcId",
    "ec2/networkAclRule:NetworkAclRule": "networkAclId ruleNumber egress protocol ruleAction cidrBlock ipv6CidrBlock "
    "fromPort toPort icmpType icmpCode",
    "ec2/networkInterface:NetworkInterface": "subnetId interfaceType",
    "ec2/route:Route": "routeTableId destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId",
    "ec2/routeTable:RouteTable": "vpcId",
    "ec2/routeTableAssociation:RouteTableAssociation": "subnetId gatewayId",
    "ec2/securityGroup:SecurityGroup": f"{_NAMED} description vpcId",
    "ec2/securityGroupRule:SecurityGroupRule": "type securityGroupId protocol fromPort toPort cidrBlocks "
    "ipv6CidrBlocks prefixListIds self sourceSecurityGroupId",
    "ec2/subnet:Subnet": "vpcId cidrBlock availabilityZone availabilityZoneId ipv6Native outpostArn",
    "ec2/vpc:Vpc": "cidrBlock ipv4IpamPoolId ipv4NetmaskLength",
    "ec2/vpcDhcpOptions:VpcDhcpOptions": "domainName domainNameServers ntpServers netbiosNameServers netbiosNodeType",
    "ec2/vpcEndpoint:VpcEndpoint": "vpcId serviceName vpcEndpointType serviceRegion resourceConfigurationArn",
    "ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": "subnetId securityGroupIds preserveClientIp",
    "ecr/lifecyclePolicy:LifecyclePolicy": "repository",
    "ecr/repository:Repository": "name encryptionConfigurations",
    "ecs/cluster:Cluster": "name",
    "ecs/service:Service": "cluster name launchType schedulingStrategy deploymentController",
    "ecs/taskDefinition:TaskDefinition": "containerDefinitions cpu memory family networkMode executionRoleArn "
    "taskRoleArn volumes runtimePlatform requiresCompatibilities ephemeralStorage ipcMode pidMode placementConstraints "
    "proxyConfiguration",
    "iam/instanceProfile:InstanceProfile": f"{_NAMED} path",
    "iam/policy:Policy": f"{_NAMED} path description",
    "iam/role:Role": f"{_NAMED} path",
    "iam/rolePolicy:RolePolicy": f"{_NAMED} role",
    "iam/rolePolicyAttachment:RolePolicyAttachment": "role policyArn",
    "kms/alias:Alias": _NAMED,
    "kms/key:Key": "customerMasterKeySpec keyUsage multiRegion",
    "lambda/alias:Alias": "name functionName",
    "lambda/function:Function": "name packageType publishTo",
    "lambda/functionUrl:FunctionUrl": "functionName qualifier",
    "lambda/layerVersion:LayerVersion": "code layerName compatibleRuntimes compatibleArchitectures description "
    "licenseInfo sourceCodeHash",
    "lambda/permission:Permission": "action function principal sourceArn sourceAccount qualifier statementId "
    "statementIdPrefix eventSourceToken functionUrlAuthType principalOrgId",
    "lb/listener:Listener": "loadBalancerArn",
    "lb/listenerRule:ListenerRule": "listenerArn",
    "lb/loadBalancer:LoadBalancer": f"{_NAMED} internal loadBalancerType customerOwnedIpv4Pool",
    "lb/targetGroup:TargetGroup": f"{_NAMED} port protocol protocolVersion targetType vpcId ipAddressType",
    "lb/targetGroupAttachment:TargetGroupAttachment": "targetGroupArn targetId port availabilityZone quicServerId",
    "route53/record:Record": "zoneId name type setIdentifier",
    "route53/zone:Zone": "name delegationSetId",
    "s3/bucket:Bucket": "bucket bucketPrefix objectLockEnabled",
    "secretsmanager/secret:Secret": f"{_NAMED} type",
    "servicediscovery/httpNamespace:HttpNamespace": "name description",
    "servicediscovery/instance:Instance": "instanceId serviceId",
    "servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "name vpc",
    "servicediscovery/service:Service": "name namespaceId type healthCheckCustomConfig",
    "sns/topic:Topic": f"{_NAMED} fifoTopic",
    "sns/topicSubscription:TopicSubscription": "topic protocol endpoint",
    "sqs/queue:Queue": f"{_NAMED} fifoQueue",
    "ssm/parameter:Parameter": "name",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": "securityGroupId",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": "securityGroupId",
    "wafv2/ipSet:IpSet": f"{_NAMED} scope ipAddressVersion",
    "wafv2/webAcl:WebAcl": f"{_NAMED} scope",
    "wafv2/webAclAssociation:WebAclAssociation": "resourceArn webAclArn",
}

REPLACING: Final = {f"aws:{token}": frozenset(keys.split()) | EVERYWHERE for token, keys in _TABLE.items()}
"""By type token, inputs whose change replaces the resource; `rootBlockDevice.encrypted` is an input of an input."""


_Inputs = Mapping[str, Any]


def _drops(key: str) -> Callable[[_Inputs, _Inputs], bool]:
    """Whether a list loses an element."""
    return lambda old, new: bool({*map(str, items(old.get(key)))} - {*map(str, items(new.get(key)))})


def _ends(key: str, value: Any) -> Callable[[_Inputs, _Inputs], bool]:
    """Whether an input had a value and has another."""
    return lambda old, new: old.get(key) == value and new.get(key) != value


def _network_balancer(holds: Callable[[_Inputs, _Inputs], bool]) -> Callable[[_Inputs, _Inputs], bool]:
    return lambda old, new: old.get("loadBalancerType") == "network" and holds(old, new)


_SOMETIMES: Final[Mapping[str, Mapping[str, Callable[[_Inputs, _Inputs], bool]]]] = {
    "aws:ec2/instance:Instance": {
        "enablePrimaryIpv6": _ends("enablePrimaryIpv6", True),
        "userData": lambda _, new: new.get("userDataReplaceOnChange") is True,
        "userDataBase64": lambda _, new: new.get("userDataReplaceOnChange") is True,
    },
    "aws:ec2/networkInterface:NetworkInterface": {"enablePrimaryIpv6": _ends("enablePrimaryIpv6", True)},
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlock": lambda old, _: old.get("assignIpv6AddressOnCreation") is True},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "privateDnsEnabled": lambda old, _: old.get("vpcEndpointType", "Gateway") != "Interface"
    },
    "aws:lb/loadBalancer:LoadBalancer": {
        "subnets": _network_balancer(_drops("subnets")),
        "securityGroups": _network_balancer(
            lambda old, new: bool(items(old.get("securityGroups"))) != bool(items(new.get("securityGroups")))
        ),
        "secondaryIpsAutoAssignedPerSubnet": _network_balancer(
            lambda old, new: (
                (number(old.get("secondaryIpsAutoAssignedPerSubnet")) or 0)
                > (number(new.get("secondaryIpsAutoAssignedPerSubnet")) or 0)
            )
        ),
    },
    "aws:ssm/parameter:Parameter": {"tier": _ends("tier", "Advanced")},
}
"""Inputs whose change replaces the resource under a condition on the inputs before and after; the docstrings say so."""


def replaced_by(old: Resource, resource: Resource, changed: Iterable[str]) -> list[str] | None:
    """Those of the changed inputs (dotted, as deep as they differ) that replace the resource.

    None where its type is not in the table. What the program asks for by `replace_on_changes` counts as well.
    """
    changed = list(changed)
    asked = [key for key in changed if _covered(key, resource.options.replace_on_changes)]
    if resource.type not in REPLACING:
        return asked or (None if resource.type.startswith("aws:") else [])
    found = [key for key in changed if _covered(key, REPLACING[resource.type])]
    sometimes = _SOMETIMES.get(resource.type, {})
    now = [key for key, holds in sometimes.items() if holds(old.inputs, resource.inputs)]
    found += [key for key in changed if _covered(key, now)]
    return list(dict.fromkeys(found + asked))


def _covered(key: str, replacing: Iterable[str]) -> bool:
    return any(key == one or key.startswith((f"{one}.", f"{one}[")) or one == "*" for one in replacing)

"""Traps of the AWS provider: inputs that do something else than what a program writes.

`TRAPS` has those with a remedy of their own, `KEPT` the inputs that keep their value when a program leaves them out,
and `NONE_KNOWN` the types that the components declare and that are in neither: a test compares with every example.

From the schemas, `CustomizeDiff` and `Update` of hashicorp/terraform-provider-aws (files under internal/service), and
from threads about them. The comparison and the rules TRAP-… read this table; `avoided` is how our components do.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PROVIDER: Final = "https://github.com/hashicorp/terraform-provider-aws"
_FILE: Final = f"{_PROVIDER}/blob/main/internal/service"


class Kind(enum.Enum):
    """The provider's behaviour."""

    PLANS_FOREVER = "every preview shows a change again"
    DROPPED_EMPTY = "an empty block is not sent"
    FIXED_NAME = "a second one of the same name is refused while the first exists"
    NOT_TOGETHER = "AWS refuses to change them in one update"
    NEVER_IN_PLACE = "the provider changes it in place, and AWS refuses"


@dataclass(frozen=True, kw_only=True)
class Trap:
    """One trap of one resource type."""

    kind: Kind
    type: str
    inputs: tuple[str, ...]
    """In wire case; a dot leads into a block."""
    remedy: str
    source: str
    avoided: str = "not declared by the components"
    unless: str = ""
    """The input that, if true, makes the change one that AWS takes."""
    space: str = ""
    """Of a fixed name: the types that share one space of names."""


TRAPS: Final[tuple[Trap, ...]] = (
    Trap(
        kind=Kind.PLANS_FOREVER,
        type="aws:ec2/instance:Instance",
        inputs=("primaryNetworkInterface",),
        remedy="add sourceDestCheck to ignore_changes",
        source=f"{_PROVIDER}/issues/44768",
        avoided="the NAT instance ignores sourceDestCheck",
    ),
    Trap(
        kind=Kind.DROPPED_EMPTY,
        type="aws:servicediscovery/service:Service",
        inputs=("healthCheckCustomConfig",),
        remedy="set failure_threshold=1 in it, which is the value that AWS uses anyway",
        source=f"{_PROVIDER}/issues/44285",
        avoided="failure_threshold=1",
    ),
    Trap(
        kind=Kind.DROPPED_EMPTY,
        type="aws:servicediscovery/service:Service",
        inputs=("healthCheckConfig",),
        remedy="set its type, or leave it out",
        source=f"{_FILE}/servicediscovery/service.go",
        avoided="left out",
    ),
    Trap(
        kind=Kind.DROPPED_EMPTY,
        type="aws:servicediscovery/service:Service",
        inputs=("dnsConfig",),
        remedy="name the namespace and the records in it, or leave it out",
        source=f"{_FILE}/servicediscovery/service.go",
        avoided="always with namespace and records",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:apigateway/domainName:DomainName",
        inputs=("domainName",),
        remedy="remove the old one in an update of its own",
        source=f"{_PROVIDER}/issues/27358",
        avoided="one type for REST and HTTP APIs",
        space="domain names of API Gateway",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:apigatewayv2/domainName:DomainName",
        inputs=("domainName",),
        remedy="remove the old one in an update of its own",
        source=f"{_PROVIDER}/issues/27358",
        space="domain names of API Gateway",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:apigateway/basePathMapping:BasePathMapping",
        inputs=("domainName", "basePath"),
        remedy="set delete_before_replace",
        source="https://github.com/pulumi/pulumi-aws/issues/1035",
        avoided="delete_before_replace",
        space="paths of domains of API Gateway",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:apigatewayv2/apiMapping:ApiMapping",
        inputs=("domainName", "apiMappingKey"),
        remedy="set delete_before_replace",
        source="https://github.com/pulumi/pulumi-aws/issues/1035",
        avoided="delete_before_replace",
        space="paths of domains of API Gateway",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:servicediscovery/service:Service",
        inputs=("name", "namespaceId"),
        remedy="set delete_before_replace",
        source="https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html",
        avoided="delete_before_replace",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        inputs=("name", "vpc"),
        remedy="remove the old one in an update of its own",
        source="https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html",
        avoided="the name and the VPC are its only inputs that replace it, and the bridge deletes what is named first",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:lambda/alias:Alias",
        inputs=("name", "functionName"),
        remedy="set delete_before_replace",
        source="https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html",
        avoided="the name is given, so the bridge deletes it first",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:appautoscaling/target:Target",
        inputs=("resourceId", "scalableDimension", "serviceNamespace"),
        remedy="give the service that scales another name",
        source=f"{_FILE}/appautoscaling/target.go",
        avoided="the service's name is made up, and another service is another target",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:wafv2/webAclAssociation:WebAclAssociation",
        inputs=("resourceArn",),
        remedy="set delete_before_replace: the old one's deletion would take the new one away",
        source="https://docs.aws.amazon.com/waf/latest/APIReference/API_DisassociateWebACL.html",
        avoided="delete_before_replace",
    ),
    Trap(
        kind=Kind.NOT_TOGETHER,
        type="aws:ecs/service:Service",
        inputs=("healthCheckGracePeriodSeconds", "loadBalancers"),
        remedy="register with the balancer first and set the grace period in a second update",
        source="https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1313",
        avoided="a service that registers in Cloud Map has a logical name of its own",
    ),
    Trap(
        kind=Kind.NEVER_IN_PLACE,
        type="aws:ecs/service:Service",
        inputs=("capacityProviderStrategies",),
        unless="forceNewDeployment",
        remedy="set force_new_deployment, or give the service another logical name",
        source=f"{_FILE}/ecs/service.go",
        avoided="a service with a strategy has its base in its logical name",
    ),
    Trap(
        kind=Kind.NEVER_IN_PLACE,
        type="aws:apigateway/restApi:RestApi",
        inputs=("endpointConfiguration.types",),
        remedy="give the API another logical name, or set replace_on_changes; its id is then another one",
        source=f"{_PROVIDER}/issues/42169",
        avoided="private APIs have a logical name of their own",
    ),
    Trap(
        kind=Kind.NEVER_IN_PLACE,
        type="aws:apigateway/domainName:DomainName",
        inputs=("endpointConfiguration.types",),
        remedy="give the domain another logical name; private names are objects of their own",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html",
        avoided="private domains have a logical name of their own",
    ),
)

KEPT: Final[Mapping[str, str]] = {
    "aws:acm/certificate:Certificate": (
        "keyAlgorithm subjectAlternativeNames validationMethod options.export domainName"
    ),
    "aws:apigateway/account:Account": "cloudwatchRoleArn",
    "aws:apigateway/apiKey:ApiKey": "value",
    "aws:apigateway/domainName:DomainName": (
        "ownershipVerificationCertificateArn routingMode securityPolicy endpointConfiguration.ipAddressType"
    ),
    "aws:apigateway/methodSettings:MethodSettings": (
        "settings.cacheDataEncrypted settings.cacheTtlInSeconds settings.cachingEnabled settings.dataTraceEnabled "
        "settings.loggingLevel settings.metricsEnabled settings.requireAuthorizationForCacheControl "
        "settings.unauthorizedCacheControlHeaderStrategy"
    ),
    "aws:apigateway/restApi:RestApi": (
        "apiKeySource binaryMediaTypes description disableExecuteApiEndpoint minimumCompressionSize policy "
        "endpointConfiguration.ipAddressType endpointConfiguration.vpcEndpointIds"
    ),
    "aws:apigatewayv2/api:Api": "ipAddressType",
    "aws:apigatewayv2/authorizer:Authorizer": "authorizerResultTtlInSeconds",
    "aws:apigatewayv2/domainName:DomainName": (
        "domainNameConfiguration.ipAddressType domainNameConfiguration.ownershipVerificationCertificateArn routingMode"
    ),
    "aws:apigatewayv2/integration:Integration": "timeoutMilliseconds",
    "aws:apigatewayv2/stage:Stage": "deploymentId defaultRouteSettings.loggingLevel routeSettings.loggingLevel",
    "aws:appautoscaling/policy:Policy": (
        "predictiveScalingPolicyConfiguration.mode predictiveScalingPolicyConfiguration.schedulingBufferTime"
    ),
    "aws:appautoscaling/target:Target": "roleArn",
    "aws:autoscaling/group:Group": (
        "availabilityZones defaultCooldown desiredCapacity healthCheckType loadBalancers serviceLinkedRoleArn "
        "targetGroupArns vpcZoneIdentifiers capacityReservationSpecification.capacityReservationPreference "
        "initialLifecycleHooks.defaultResult launchTemplate.version"
    ),
    "aws:budgets/budget:Budget": "accountId limitAmount limitUnit timePeriodStart",
    "aws:cloudwatch/logGroup:LogGroup": "deletionProtectionEnabled logGroupClass",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "applyOnTransformedLogs",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "evaluateLowSampleCountPercentiles",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "egress ingress vpcId",
    "aws:ec2/eip:Eip": "domain instance ipamPoolId networkBorderGroup networkInterface publicIpv4Pool",
    "aws:ec2/eipAssociation:EipAssociation": "instanceId networkInterfaceId privateIpAddress allocationId publicIp",
    "aws:ec2/flowLog:FlowLog": "logDestination logFormat",
    "aws:ec2/instance:Instance": (
        "disableApiStop disableApiTermination ebsOptimized iamInstanceProfile instanceInitiatedShutdownBehavior "
        "ipv6AddressCount keyName monitoring privateIp secondaryPrivateIps securityGroups tenancy vpcSecurityGroupIds "
        "maintenanceOptions.autoRecovery metadataOptions.httpPutResponseHopLimit metadataOptions.httpTokens "
        "rootBlockDevice.iops rootBlockDevice.throughput rootBlockDevice.volumeSize rootBlockDevice.volumeType ami "
        "associatePublicIpAddress availabilityZone cpuOptions.amdSevSnp cpuOptions.coreCount "
        "cpuOptions.nestedVirtualization cpuOptions.threadsPerCore ebsBlockDevices.encrypted ebsBlockDevices.iops "
        "ebsBlockDevices.kmsKeyId ebsBlockDevices.snapshotId ebsBlockDevices.throughput ebsBlockDevices.volumeSize "
        "ebsBlockDevices.volumeType enablePrimaryIpv6 enclaveOptions.enabled hostId hostResourceGroupArn "
        "instanceMarketOptions.marketType instanceType ipv6Addresses metadataOptions.instanceMetadataTags "
        "placementGroup placementGroupId placementPartitionNumber privateDnsNameOptions.enableResourceNameDnsARecord "
        "privateDnsNameOptions.enableResourceNameDnsAaaaRecord privateDnsNameOptions.hostnameType "
        "rootBlockDevice.encrypted rootBlockDevice.kmsKeyId subnetId userDataBase64"
    ),
    "aws:ec2/internetGateway:InternetGateway": "vpcId",
    "aws:ec2/launchTemplate:LaunchTemplate": (
        "defaultVersion metadataOptions.httpEndpoint metadataOptions.httpPutResponseHopLimit "
        "metadataOptions.httpTokens metadataOptions.httpProtocolIpv6 metadataOptions.instanceMetadataTags"
    ),
    "aws:ec2/natGateway:NatGateway": (
        "availabilityMode privateIp secondaryAllocationIds availabilityZoneAddresses.availabilityZoneId "
        "secondaryPrivateIpAddressCount secondaryPrivateIpAddresses vpcId"
    ),
    "aws:ec2/networkAcl:NetworkAcl": "egress ingress subnetIds",
    "aws:ec2/networkInterface:NetworkInterface": (
        "enablePrimaryIpv6 interfaceType ipv6AddressCount ipv6Addresses privateIp privateIps securityGroups "
        "attachments.networkCardIndex ipv4PrefixCount ipv4Prefixes ipv6AddressLists ipv6PrefixCount ipv6Prefixes "
        "privateIpLists privateIpsCount"
    ),
    "aws:ec2/route:Route": "networkInterfaceId",
    "aws:ec2/routeTable:RouteTable": "propagatingVgws routes",
    "aws:ec2/securityGroup:SecurityGroup": "egress ingress vpcId",
    "aws:ec2/subnet:Subnet": (
        "privateDnsHostnameTypeOnLaunch availabilityZone availabilityZoneId cidrBlock ipv6CidrBlock"
    ),
    "aws:ec2/vpc:Vpc": (
        "enableDnsHostnames enableNetworkAddressUsageMetrics cidrBlock ipv6CidrBlock ipv6CidrBlockNetworkBorderGroup"
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        "ipAddressType policy privateDnsEnabled routeTableIds securityGroupIds subnetIds dnsOptions.dnsRecordIpType "
        "dnsOptions.privateDnsPreference dnsOptions.privateDnsSpecifiedDomains serviceRegion"
    ),
    "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": (
        "ipAddressType preserveClientIp securityGroupIds"
    ),
    "aws:ecs/service:Service": (
        "availabilityZoneRebalancing launchType platformVersion cluster deploymentConfiguration.bakeTimeInMinutes "
        "deploymentConfiguration.strategy iamRole serviceConnectConfiguration.namespace triggers"
    ),
    "aws:ecs/taskDefinition:TaskDefinition": "enableFaultInjection networkMode volumes.configureAtLaunch",
    "aws:iam/role:Role": "managedPolicyArns",
    "aws:lambda/function:Function": (
        "architectures loggingConfig.logGroup ephemeralStorage.size codeSha256 sourceCodeHash"
    ),
    "aws:lambda/permission:Permission": "statementId statementIdPrefix",
    "aws:lb/listener:Listener": (
        "protocol sslPolicy tcpIdleTimeoutSeconds routingHttpResponseServerEnabled defaultActions.order "
        "mutualAuthentication.advertiseTrustStoreCaNames routingHttpRequestXAmznMtlsClientcertHeaderName "
        "routingHttpRequestXAmznMtlsClientcertIssuerHeaderName routingHttpRequestXAmznMtlsClientcertLeafHeaderName "
        "routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName "
        "routingHttpRequestXAmznMtlsClientcertSubjectHeaderName "
        "routingHttpRequestXAmznMtlsClientcertValidityHeaderName routingHttpRequestXAmznTlsCipherSuiteHeaderName "
        "routingHttpRequestXAmznTlsVersionHeaderName routingHttpResponseAccessControlAllowCredentialsHeaderValue "
        "routingHttpResponseAccessControlAllowHeadersHeaderValue "
        "routingHttpResponseAccessControlAllowMethodsHeaderValue "
        "routingHttpResponseAccessControlAllowOriginHeaderValue "
        "routingHttpResponseAccessControlExposeHeadersHeaderValue routingHttpResponseAccessControlMaxAgeHeaderValue "
        "routingHttpResponseContentSecurityPolicyHeaderValue routingHttpResponseStrictTransportSecurityHeaderValue "
        "routingHttpResponseXContentTypeOptionsHeaderValue routingHttpResponseXFrameOptionsHeaderValue"
    ),
    "aws:lb/loadBalancer:LoadBalancer": (
        "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic internal ipAddressType securityGroups subnets "
        "secondaryIpsAutoAssignedPerSubnet"
    ),
    "aws:lb/targetGroup:TargetGroup": (
        "connectionTermination ipAddressType loadBalancingAlgorithmType loadBalancingCrossZoneEnabled "
        "preserveClientIp protocolVersion healthCheck.matcher healthCheck.path healthCheck.timeout "
        "loadBalancingAnomalyMitigation"
    ),
    "aws:route53/record:Record": "allowOverwrite",
    "aws:route53/zone:Zone": "enableAcceleratedRecovery vpcs.vpcRegion",
    "aws:scheduler/schedule:Schedule": "actionAfterCompletion groupName",
    "aws:servicediscovery/service:Service": "namespaceId type",
    "aws:sns/topic:Topic": "policy signatureVersion tracingConfig fifoThroughputScope",
    "aws:sns/topicSubscription:TopicSubscription": "filterPolicyScope",
}
"""Inputs that are Optional and Computed in the schema of version 6.34, or of a block of it: left out,
they keep their value.

Of types that the components declare. Names are left out: Pulumi makes them up. The rules of a group that this program
declares one by one are separate resources, for this reason too.
"""

NONE_KNOWN: Final[Mapping[str, str]] = {
    f"aws:{token}": f"{_FILE}/{file}"
    for token, file in {
        "acm/certificateValidation:CertificateValidation": "acm/certificate_validation.go",
        "apigateway/deployment:Deployment": "apigateway/deployment.go",
        "apigateway/domainNameAccessAssociation:DomainNameAccessAssociation": (
            "apigateway/domain_name_access_association.go"
        ),
        "apigateway/stage:Stage": "apigateway/stage.go",
        "apigateway/usagePlan:UsagePlan": "apigateway/usage_plan.go",
        "apigateway/usagePlanKey:UsagePlanKey": "apigateway/usage_plan_key.go",
        "apigateway/vpcLink:VpcLink": "apigateway/vpc_link.go",
        "apigatewayv2/route:Route": "apigatewayv2/route.go",
        "apigatewayv2/vpcLink:VpcLink": "apigatewayv2/vpc_link.go",
        "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": "ec2/vpc_egress_only_internet_gateway.go",
        "ec2/routeTableAssociation:RouteTableAssociation": "ec2/vpc_route_table_association.go",
        "ecs/cluster:Cluster": "ecs/cluster.go",
        "ecs/clusterCapacityProviders:ClusterCapacityProviders": "ecs/cluster_capacity_providers.go",
        "iam/instanceProfile:InstanceProfile": "iam/instance_profile.go",
        "iam/rolePolicy:RolePolicy": "iam/role_policy.go",
        "iam/rolePolicyAttachment:RolePolicyAttachment": "iam/role_policy_attachment.go",
        "lb/targetGroupAttachment:TargetGroupAttachment": "elbv2/target_group_attachment.go",
        "servicediscovery/instance:Instance": "servicediscovery/instance.go",
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule": "ec2/vpc_security_group_egress_rule.go",
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule": "ec2/vpc_security_group_ingress_rule.go",
        "wafv2/webAcl:WebAcl": "wafv2/web_acl.go",
    }.items()
}
"""Types that the components declare and of which no trap was found, each with the file that was read.

In version 6.34 their schemas have no input that is Optional and Computed but names, and their files no `CustomizeDiff`;
a web ACL has one deep in its rules' statements. Issues were not searched for each of them.
"""


def of_kind(kind: Kind, token: str) -> list[Trap]:
    """The traps of a kind that a type has."""
    return [trap for trap in TRAPS if trap.kind is kind and trap.type == token]

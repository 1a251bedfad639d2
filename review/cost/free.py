"""Types that AWS does not charge for, and types whose charge grows with a use that the estimate does not ask about.

Everything else that no charge is known for is reported as not priced, never as free.
"""

from __future__ import annotations

from typing import Final

FREE_SERVICES: Final = frozenset(
    {"iam", "budgets", "resourcegroups", "autoscaling", "appautoscaling", "accessanalyzer"}
)
"""Services that have no price of their own."""

_WITHOUT_CLOUD: Final = frozenset(
    ("pulumi", "random", "tls", "command", "time", "null", "docker", "docker-build", "pulumi-python", "archive")
)

_FREE: Final[dict[str, str]] = {
    "acm": "Certificate CertificateValidation",
    "apigateway": """
        Account ApiKey Authorizer BasePathMapping ClientCertificate Deployment DomainName
        DomainNameAccessAssociation Integration IntegrationResponse Method MethodResponse MethodSettings
        Model RequestValidator Resource Response RestApiPolicy UsagePlan UsagePlanKey VpcLink
    """,
    "apigatewayv2": "ApiMapping Authorizer Deployment DomainName Integration Model Route Stage VpcLink",
    "cloudwatch": """
        CompositeAlarm EventRule EventTarget LogMetricFilter LogResourcePolicy LogStream
        LogSubscriptionFilter
    """,
    "cognito": "ResourceServer UserPoolClient",
    "ebs": "EncryptionByDefault",
    "ec2": """
        Ami DefaultNetworkAcl DefaultRouteTable DefaultSecurityGroup DefaultSubnet DefaultVpc
        EgressOnlyInternetGateway EipAssociation InstanceMetadataDefaults InternetGateway
        InternetGatewayAttachment KeyPair LaunchConfiguration LaunchTemplate MainRouteTableAssociation
        ManagedPrefixList ManagedPrefixListEntry NetworkAcl NetworkAclAssociation NetworkAclRule
        NetworkInterface NetworkInterfaceAttachment NetworkInterfaceSecurityGroupAttachment PlacementGroup
        Route RouteTable RouteTableAssociation SecurityGroup SecurityGroupAssociation SecurityGroupRule
        Subnet Tag VolumeAttachment Vpc VpcDhcpOptions VpcDhcpOptionsAssociation VpcEndpointPolicy
        VpcEndpointRouteTableAssociation VpcEndpointSubnetAssociation VpcIpv4CidrBlockAssociation
        VpcIpv6CidrBlockAssociation
    """,
    "ec2transitgateway": "InstanceConnectEndpoint",
    "ecr": "LifecyclePolicy RepositoryPolicy",
    "ecs": "AccountSettingDefault CapacityProvider Cluster ClusterCapacityProviders TaskDefinition",
    "kms": "Alias KeyPolicy",
    "lambda": """
        Alias EventSourceMapping FunctionEventInvokeConfig FunctionRecursionConfig FunctionUrl Invocation
        LayerVersion Permission
    """,
    "lb": "Listener ListenerCertificate ListenerRule TargetGroup TargetGroupAttachment",
    "route53": "Record ZoneAssociation",
    "s3": """
        BucketLifecycleConfiguration BucketOwnershipControls BucketPolicy BucketPublicAccessBlock
        BucketServerSideEncryptionConfiguration BucketVersioning
    """,
    "secretsmanager": "SecretPolicy SecretVersion",
    "servicediscovery": "HttpNamespace",
    "sns": "TopicPolicy TopicSubscription",
    "ssm": "Association Document",
    "vpc": "SecurityGroupEgressRule SecurityGroupIngressRule",
    "wafv2": "IpSet WebAclAssociation WebAclLoggingConfiguration",
}
"""By service, kinds without a charge of their own; what hangs on them may have one."""

_KINDS: Final = {service: frozenset(kinds.split()) for service, kinds in _FREE.items()}

BY_USE: Final[dict[str, str]] = {
    "aws:s3/bucket:Bucket": "what is stored and fetched",
    "aws:s3/bucketObject:BucketObject": "its size",
    "aws:s3/bucketObjectv2:BucketObjectv2": "its size",
    "aws:sns/topic:Topic": "messages; e-mails are free up to 1,000 a month",
    "aws:sqs/queue:Queue": "messages; the first million of a month is free",
    "aws:ssm/parameter:Parameter": "nothing for standard parameters",
    "aws:ec2/flowLog:FlowLog": "what the traffic makes it write",
    "aws:cognito/userPool:UserPool": "active users",
    "aws:cloudfront/distribution:Distribution": "requests and data",
}
"""Types that cost nothing while they are not used, and what the bill then depends on."""


def is_free(token: str) -> bool:
    """Whether a type has no price: one of AWS's that is free, or of a package that makes nothing in AWS."""
    package, _, rest = token.partition(":")
    if package in _WITHOUT_CLOUD:
        return True
    service, kind = rest.partition("/")[0], token.rpartition(":")[2]
    return package == "aws" and (service in FREE_SERVICES or kind in _KINDS.get(service, ()))

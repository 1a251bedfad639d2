"""Names of pulumi-aws and names of the Terraform provider: types, lookups and properties.

Property names are not translated by rule alone: each Terraform name is turned into the names that it may have, and the
one that the installed SDK knows is taken. What no rule finds stands in the tables.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args, get_origin

from pulumi import _types

from review.tests.helpers.sdk_classes import sdk_class

_TYPES: Final = {
    "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": "aws_ec2_instance_connect_endpoint",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:lambda/layerVersion:LayerVersion": "aws_lambda_layer_version",
    "aws:s3/bucketV2:BucketV2": "aws_s3_bucket",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:ec2transitgateway/transitGateway:TransitGateway": "aws_ec2_transit_gateway",
    "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
    "aws:autoscaling/tag:Tag": "aws_autoscaling_group_tag",
    "aws:codeartifact/domainPermissions:DomainPermissions": "aws_codeartifact_domain_permissions_policy",
    "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment": (
        "aws_network_interface_sg_attachment"
    ),
    "aws:ec2/securityGroupAssociation:SecurityGroupAssociation": "aws_vpc_endpoint_security_group_association",
    "aws:apigateway/response:Response": "aws_api_gateway_gateway_response",
    "aws:appsync/dataSource:DataSource": "aws_appsync_datasource",
    "aws:appsync/graphQLApi:GraphQLApi": "aws_appsync_graphql_api",
    "aws:cfg/recorder:Recorder": "aws_config_configuration_recorder",
    "aws:cfg/recorderStatus:RecorderStatus": "aws_config_configuration_recorder_status",
    "aws:cfg/rule:Rule": "aws_config_config_rule",
    "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
    "aws:codedeploy/application:Application": "aws_codedeploy_app",
    "aws:codepipeline/pipeline:Pipeline": "aws_codepipeline",
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": "aws_cognito_identity_pool_roles_attachment",
    "aws:cognito/userPoolUICustomization:UserPoolUICustomization": "aws_cognito_user_pool_ui_customization",
    "aws:docdb/elasticCluster:ElasticCluster": "aws_docdbelastic_cluster",
    "aws:ec2/dedicatedHost:DedicatedHost": "aws_ec2_host",
    "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions": "aws_vpc_peering_connection_options",
    "aws:ec2/vpcEndpointServiceAllowedPrinciple:VpcEndpointServiceAllowedPrinciple": (
        "aws_vpc_endpoint_service_allowed_principal"
    ),
    "aws:elb/loadBalancer:LoadBalancer": "aws_elb",
    "aws:iam/sshKey:SshKey": "aws_iam_user_ssh_key",
    "aws:rds/roleAssociation:RoleAssociation": "aws_db_instance_role_association",
    "aws:s3/analyticsConfiguration:AnalyticsConfiguration": "aws_s3_bucket_analytics_configuration",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "aws_s3_bucket_replication_configuration",
    "aws:s3/inventory:Inventory": "aws_s3_bucket_inventory",
    "aws:ses/mailFrom:MailFrom": "aws_ses_domain_mail_from",
    "aws:sns/dataProtectionPolicy:DataProtectionPolicy": "aws_sns_topic_data_protection_policy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "aws_sqs_queue_redrive_allow_policy",
    "aws:sqs/redrivePolicy:RedrivePolicy": "aws_sqs_queue_redrive_policy",
}
_MODULES: Final = {
    "amp": "prometheus",
    "apigateway": "api_gateway",
    "cfg": "config",
    "costexplorer": "ce",
    "directconnect": "dx",
    "directoryservice": "directory_service",
    "ec2clientvpn": "ec2_client_vpn",
    "elasticbeanstalk": "elastic_beanstalk",
    "elasticloadbalancingv2": "lb",
    "ec2transitgateway": "ec2_transit_gateway",
    "opensearchingest": "osis",
    "resourceexplorer": "resourceexplorer2",
    "secretsmanager": "secretsmanager",
    "servicediscovery": "service_discovery",
}
# (Terraform type, name): the property, if no rule finds it.
_PROPERTIES: Final = {
    ("aws_cloudwatch_metric_alarm", "alarm_name"): "name",
    ("aws_cloudwatch_metric_alarm", "metric_query"): "metricQueries",
    ("aws_lambda_function", "function_name"): "name",
    ("aws_lambda_function", "filename"): "code",
    ("aws_lambda_layer_version", "filename"): "code",
    ("aws_lambda_permission", "function_name"): "function",
    ("aws_lambda_event_source_mapping", "function_name"): "functionName",
    ("aws_api_gateway_rest_api", "id"): "id",
    ("aws_api_gateway_stage", "deployment_id"): "deployment",
    ("aws_api_gateway_base_path_mapping", "api_id"): "restApi",
    ("aws_iam_role_policy_attachment", "policy_arn"): "policyArn",
    ("aws_appautoscaling_policy", "target_tracking_scaling_policy_configuration"): (
        "targetTrackingScalingPolicyConfiguration"
    ),
    ("aws_sns_topic_subscription", "topic_arn"): "topic",
    ("aws_api_gateway_vpc_link", "target_arns"): "targetArn",
    ("aws_cloudwatch_log_metric_filter", "log_group_name"): "logGroupName",
    ("aws_s3_bucket_website_configuration", "routing_rules"): "routingRuleDetails",
}

_EVERYWHERE: Final = {"rest_api_id": "restApi"}
"""The same for names that most types have; a candidate that the SDK does not know is passed over."""

# The SDK imports its modules when they are first touched; two threads at a time find them half made.
_IMPORTING: Final = threading.Lock()


def type_name(token: str, known: Iterable[str]) -> str:
    """The Terraform type of a Pulumi resource type. Raises KeyError if there is none among those that are known."""
    if token in _TYPES:
        return _TYPES[token]
    _, module, name = token.split(":")
    return _found(token, module.partition("/")[0], snake(name), set(known))


def _found(token: str, module: str, name: str, known: set[str]) -> str:
    # `openZfsVolume` is `openzfs_volume` there, and `opensearch/serverlessGroup` `opensearchserverless_group`.
    bare = {word.replace("_", ""): word for word in sorted(known)}
    for candidate in _candidates(module, name):
        if match := candidate if candidate in known else bare.get(candidate.replace("_", "")):
            return match
    raise KeyError(token)


def _candidates(module: str, name: str) -> list[str]:
    prefix = _MODULES.get(module, module)
    # Terraform names some of RDS's types `db`: without that, an instance would be one of EC2.
    older = [f"aws_db_{name}"] if module == "rds" else []
    return [f"aws_{prefix}_{name}", *older, f"aws_{name}"]


@cache
def snake(name: str) -> str:
    """`RestApi` as `rest_api`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


@cache
def camel(name: str) -> str:
    """`rest_api` as `restApi`."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def plurals(name: str) -> list[str]:
    """What the names of many may be."""
    if re.search(r"[^aeiou]y$", name):
        return [f"{name[:-1]}ies", name]
    if re.search(r"(s|x|ch|sh)$", name):
        return [f"{name}es", name]
    return [f"{name}s", name]


@dataclass(frozen=True)
class Property:
    """A property of the SDK that a Terraform name stands for."""

    name: str
    kind: Any
    """The type that the SDK gives it."""

    @property
    def many(self) -> bool:
        """Whether the SDK has a list here."""
        origin = get_origin(self.kind)
        return (isinstance(origin, type) and issubclass(origin, (list, tuple))) or _is_sequence(origin)

    @property
    def inner(self) -> Mapping[str, Any]:
        """The properties of its elements, or of itself; none if they are no objects."""
        kind = get_args(self.kind)[0] if self.many else self.kind
        kind = _types.unwrap_optional_type(kind)
        return types_of_object(kind) if isinstance(kind, type) and _types.is_output_type(kind) else {}


def _is_sequence(origin: Any) -> bool:
    return getattr(origin, "__name__", "") == "Sequence"


@cache
def types_of_object(kind: type) -> Mapping[str, Any]:
    """The properties of a nested object of the SDK."""
    return dict(_types.output_type_types(kind))


@cache
def types_of_resource(token: str) -> Mapping[str, Any]:
    """The properties of a resource type of the SDK."""
    with _IMPORTING:
        return dict(_types.resource_types(sdk_class(token)))


def properties(type_name: str, terraform: Iterable[tuple[str, bool]], known: Mapping[str, Any]) -> dict[str, Property]:
    """Terraform's names at one place, each with the property that it is; those that the SDK lacks are left out.

    `terraform` has each name with whether Terraform has many of it there.
    """
    by_name = {}
    for name, many in terraform:
        for candidate in candidates(type_name, name, many=many):
            if candidate in known:
                by_name[name] = Property(candidate, known[candidate])
                break
    return by_name


def candidates(type_name: str, name: str, *, many: bool) -> list[str]:
    """The names that a Terraform name may have in the SDK, best first."""
    exception = _PROPERTIES.get((type_name, name), _EVERYWHERE.get(name))
    plain = [camel(plural) for plural in plurals(name)] if many else [camel(name)]
    return [*([exception] if exception else []), *plain]

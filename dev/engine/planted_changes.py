"""Changes behind Pulumi's back, and the words by which `gatehouse verify` has to name each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_Outputs = Mapping[str, Any]
_Clients = Callable[[str], Any]


@dataclass(frozen=True)
class Planted:
    """One change behind Pulumi's back."""

    stack: str
    resource: str
    named: str
    """What the report has to name: an input, or the type and what became of it."""
    plant: Callable[[_Clients, _Outputs], object]


def _statement(action: str, **whom: Any) -> str:
    allowed = {"Effect": "Allow", "Action": action, **(whom or {"Resource": "*"})}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def _opened(way: str, **source: Any) -> Callable[[_Clients, _Outputs], object]:
    entry = {"IpProtocol": "tcp", "FromPort": 2222, "ToPort": 2222, **source}
    method = f"authorize_security_group_{way}"
    return lambda aws, one: getattr(aws("ec2"), method)(GroupId=one["id"], IpPermissions=[entry])


def _attribute(key: str, value: str) -> Callable[[_Clients, _Outputs], object]:
    changed = [{"Key": key, "Value": value}]
    return lambda aws, one: aws("elbv2").modify_load_balancer_attributes(LoadBalancerArn=one["arn"], Attributes=changed)


def _patched(method: str, names: Mapping[str, str], path: str, value: str) -> Callable[[_Clients, _Outputs], object]:
    operations = [{"op": "replace", "path": path, "value": value}]
    return lambda aws, one: getattr(aws("apigateway"), method)(
        **{argument: one[key] for argument, key in names.items()}, patchOperations=operations
    )


_ANYWHERE: Final = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
_EVERYWHERE6: Final = {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
_STAGE: Final = {"restApiId": "restApi", "stageName": "stageName"}
_ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_IMAGE: Final = "ami-0abcdef1234567890"
_FORTRESS, _NAT, _ALB, _JWT = "fortress", "nat-instance", "http-alb-ec2", "jwt-http"

_OWN: Final = (
    Planted(_ALB, "backend-group", "SecurityGroupIngressRule not declared", _opened("ingress", **_ANYWHERE)),
    Planted(_ALB, "ingress-alb-group", "SecurityGroupIngressRule not declared", _opened("ingress", **_EVERYWHERE6)),
    Planted(_ALB, "ingress-link-group", "SecurityGroupEgressRule not declared", _opened("egress", **_ANYWHERE)),
    Planted(_ALB, "network-default-group", "SecurityGroupIngressRule not declared", _opened("ingress", **_ANYWHERE)),
    Planted(_FORTRESS, "backend-group", "SecurityGroupEgressRule not declared", _opened("egress", **_EVERYWHERE6)),
    Planted(_NAT, "backend-group", "SecurityGroupIngressRule not declared", _opened("ingress", **_ANYWHERE)),
    Planted(_NAT, "network-nat-group", "SecurityGroupIngressRule not declared", _opened("ingress", **_ANYWHERE)),
    Planted(_NAT, "backend-group", "Instance not declared", lambda aws, one: aws("ec2").run_instances(
        ImageId=_IMAGE, MinCount=1, MaxCount=1, SecurityGroupIds=[one["id"]])),
    Planted(_NAT, "proxy-group", "SecurityGroupEgressRule not declared", _opened("egress", **_ANYWHERE)),
    Planted(_ALB, "backend-role", "RolePolicy not declared", lambda aws, one: aws("iam").put_role_policy(
        RoleName=one["name"], PolicyName="hand", PolicyDocument=_statement("*"))),
    Planted(_NAT, "backend-role", "RolePolicyAttachment not declared", lambda aws, one: aws("iam").attach_role_policy(
        RoleName=one["name"], PolicyArn=_ADMIN)),
    Planted(_FORTRESS, "backend-task-role", "assumeRolePolicy", lambda aws, one: aws("iam").update_assume_role_policy(
        RoleName=one["name"], PolicyDocument=_statement("sts:AssumeRole", Principal={"AWS": "*"}))),
    Planted(_ALB, "backend-permissions", "policy", lambda aws, one: aws("iam").put_role_policy(
        RoleName=one["role"], PolicyName=one["name"], PolicyDocument=_statement("s3:*"))),
    Planted(_NAT, "proxy-policy", "RolePolicy gone", lambda aws, one: aws("iam").delete_role_policy(
        RoleName=one["role"], PolicyName=one["name"])),
    Planted(_ALB, "ingress-alb", "Listener not declared", lambda aws, one: aws("elbv2").create_listener(
        LoadBalancerArn=one["arn"], Protocol="HTTP", Port=8443, DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted(_ALB, "ingress-listener", "defaultActions", lambda aws, one: aws("elbv2").modify_listener(
        ListenerArn=one["arn"], DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted(_FORTRESS, "ingress-listener", "ListenerRule not declared", lambda aws, one: aws("elbv2").create_rule(
        ListenerArn=one["arn"], Priority=7, Conditions=[{"Field": "path-pattern", "Values": ["/x"]}], Actions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted(_ALB, "ingress-alb", "dropInvalidHeaderFields",
            _attribute("routing.http.drop_invalid_header_fields.enabled", "false")),
    Planted(_FORTRESS, "ingress-alb", "enableDeletionProtection", _attribute("deletion_protection.enabled", "false")),
    Planted(_ALB, "ingress-targets", "healthCheck.path", lambda aws, one: aws("elbv2").modify_target_group(
        TargetGroupArn=one["arn"], HealthCheckPath="/none")),
    Planted(_FORTRESS, "ingress-targets", "healthCheck.interval", lambda aws, one: aws("elbv2").modify_target_group(
        TargetGroupArn=one["arn"], HealthCheckIntervalSeconds=300)),
    Planted(_NAT, "network-private-1-routes", "Route not declared", lambda aws, one: aws("ec2").create_route(
        RouteTableId=one["id"], DestinationCidrBlock="192.0.2.0/24", GatewayId=_gateway(aws, one))),
    Planted(_NAT, "network-private-2-ipv4", "Route gone", lambda aws, one: aws("ec2").delete_route(
        RouteTableId=one["routeTableId"], DestinationCidrBlock="0.0.0.0/0")),
    Planted(_NAT, "network-nat-interface", "sourceDestCheck",
            lambda aws, one: aws("ec2").modify_network_interface_attribute(
                NetworkInterfaceId=one["id"], SourceDestCheck={"Value": True})),
    Planted(_NAT, "backend-instance", "vpcSecurityGroupIds", lambda aws, one: aws("ec2").modify_instance_attribute(
        InstanceId=one["id"], Groups=[_default_group(aws, one)])),
    Planted(_ALB, "network-private-1", "mapPublicIpOnLaunch", lambda aws, one: aws("ec2").modify_subnet_attribute(
        SubnetId=one["id"], MapPublicIpOnLaunch={"Value": True})),
    Planted(_ALB, "network-vpc", "enableDnsHostnames", lambda aws, one: aws("ec2").modify_vpc_attribute(
        VpcId=one["id"], EnableDnsHostnames={"Value": False})),
    Planted(_ALB, "network-s3", "policy", lambda aws, one: aws("ec2").modify_vpc_endpoint(
        VpcEndpointId=one["id"], PolicyDocument=_statement("s3:*", Principal="*", Resource="*"))),
    Planted(_FORTRESS, "network-flow-log", "FlowLog gone", lambda aws, one: aws("ec2").delete_flow_logs(
        FlowLogIds=[one["id"]])),
    Planted(_ALB, "backend-group-of-instances", "maxSize",
            lambda aws, one: aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=one["name"], MaxSize=9)),
    Planted(_FORTRESS, "backend-scaling", "maxCapacity",
            lambda aws, one: aws("application-autoscaling").register_scalable_target(
                ServiceNamespace="ecs", ResourceId=one["resourceId"], ScalableDimension=one["scalableDimension"],
                MinCapacity=2, MaxCapacity=50)),
    Planted(_FORTRESS, "front-access", "retentionInDays", lambda aws, one: aws("logs").put_retention_policy(
        logGroupName=one["name"], retentionInDays=1)),
    Planted(_NAT, "proxy-log", "LogGroup gone", lambda aws, one: aws("logs").delete_log_group(
        logGroupName=one["name"])),
    Planted(_FORTRESS, "front-latency", "MetricAlarm gone", lambda aws, one: aws("cloudwatch").delete_alarms(
        AlarmNames=[one["name"]])),
    Planted(_FORTRESS, "alerts-topic", "TopicSubscription not declared", lambda aws, one: aws("sns").subscribe(
        TopicArn=one["arn"], Protocol="email", Endpoint="who@example.com")),
    Planted(_FORTRESS, "front-stage", "xrayTracingEnabled",
            _patched("update_stage", _STAGE, "/tracingEnabled", "false")),
    Planted(_FORTRESS, "front-get-orders-settings", "settings.throttlingRateLimit",
            _patched("update_stage", _STAGE, "/~1orders/GET/throttling/rateLimit", "9999")),
    Planted(_FORTRESS, "front-api", "disableExecuteApiEndpoint",
            _patched("update_rest_api", {"restApiId": "id"}, "/disableExecuteApiEndpoint", "false")),
    Planted(_FORTRESS, "front-partners", "quotaSettings.limit",
            _patched("update_usage_plan", {"usagePlanId": "id"}, "/quota/limit", "7")),
    Planted(_JWT, "front-get-orders", "authorizationType", lambda aws, one: aws("apigatewayv2").update_route(
        ApiId=one["apiId"], RouteId=one["id"], AuthorizationType="NONE")),
    Planted(_JWT, "front-api", "Route not declared", lambda aws, one: aws("apigatewayv2").create_route(
        ApiId=one["id"], RouteKey="GET /hand")),
    Planted(_NAT, "proxy-function", "timeout", lambda aws, one: aws("lambda").update_function_configuration(
        FunctionName=one["name"], Timeout=900)),
    Planted(_NAT, "front-invokes-backend", "Permission gone", lambda aws, one: aws("lambda").remove_permission(
        FunctionName=one["function"], StatementId=one["statementId"])),
    Planted(_JWT, "proxy-function", "Permission not declared", lambda aws, one: aws("lambda").add_permission(
        FunctionName=one["name"], StatementId="hand", Action="lambda:InvokeFunction", Principal="*")),
)  # fmt: skip

_LAMBDA: Final = "arn:aws:lambda:eu-west-1:123456789012:function:other"
_POLICY = _statement("execute-api:Invoke", Principal="*", Resource="execute-api:/*")


def _configured(**change: Any) -> Callable[[_Clients, _Outputs], object]:
    return lambda aws, one: aws("lambda").update_function_configuration(FunctionName=one["name"], **change)


def _second_interface(aws: _Clients, machine: _Outputs) -> None:
    made = aws("ec2").create_network_interface(SubnetId=machine["subnetId"])["NetworkInterface"]["NetworkInterfaceId"]
    aws("ec2").attach_network_interface(NetworkInterfaceId=made, InstanceId=machine["id"], DeviceIndex=1)


def _public_address(aws: _Clients, machine: _Outputs) -> None:
    made = aws("ec2").allocate_address(Domain="vpc")["AllocationId"]
    aws("ec2").associate_address(AllocationId=made, InstanceId=machine["id"])


def _event_source(aws: _Clients, function: _Outputs) -> None:
    queue = aws("sqs").create_queue(QueueName="by-hand")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws("lambda").create_event_source_mapping(FunctionName=function["name"], EventSourceArn=arn)


def _log_copied(aws: _Clients, group: _Outputs) -> None:
    aws("kinesis").create_stream(StreamName="by-hand", ShardCount=1)
    arn = aws("kinesis").describe_stream_summary(StreamName="by-hand")["StreamDescriptionSummary"]["StreamARN"]
    aws("logs").put_subscription_filter(logGroupName=group["name"], filterName="hand", filterPattern="",
                                        destinationArn=arn, roleArn="arn:aws:iam::123456789012:role/logs")  # fmt: skip


def _internet_gateway(aws: _Clients, vpc: _Outputs) -> None:
    made = aws("ec2").create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws("ec2").attach_internet_gateway(VpcId=vpc["id"], InternetGatewayId=made)


def _method_opened(aws: _Clients, method: _Outputs) -> None:
    """moto has no UpdateMethod for this."""
    where = {"restApiId": method["restApi"], "resourceId": method["resourceId"], "httpMethod": method["httpMethod"]}
    aws("apigateway").delete_method(**where)
    aws("apigateway").put_method(**where, authorizationType="NONE")


def _usage_key(aws: _Clients, plan: _Outputs) -> None:
    key = aws("apigateway").create_api_key(name="by-hand", enabled=True)["id"]
    aws("apigateway").create_usage_plan_key(usagePlanId=plan["id"], keyId=key, keyType="API_KEY")


def _web_acl_counts(aws: _Clients, acl: _Outputs) -> None:
    where = {"Name": acl["name"], "Scope": "REGIONAL", "Id": acl["id"]}
    held = aws("wafv2").get_web_acl(**where)
    rules = [
        {**rule, **({"Action": {"Count": {}}} if "Action" in rule else {"OverrideAction": {"Count": {}}})}
        for rule in held["WebACL"]["Rules"]
    ]
    aws("wafv2").update_web_acl(**where, LockToken=held["LockToken"], DefaultAction=held["WebACL"]["DefaultAction"],
                                Rules=rules, VisibilityConfig=held["WebACL"]["VisibilityConfig"])  # fmt: skip


def _target(aws: _Clients, group: _Outputs) -> None:
    aws("elbv2").register_targets(TargetGroupArn=group["arn"], Targets=[{"Id": _machine(aws)}])


def _machine(aws: _Clients) -> str:
    """An instance of no stack."""
    started = aws("ec2").run_instances(ImageId=_IMAGE, MinCount=1, MaxCount=1)
    return str(started["Instances"][0]["InstanceId"])


_MORE_OWN: Final = (
    Planted(_FORTRESS, "front-api", "policy", _patched("update_rest_api", {"restApiId": "id"}, "/policy", _POLICY)),
    Planted(_FORTRESS, "front-web-acl", "rules", _web_acl_counts),
    Planted(_FORTRESS, "front-partners", "UsagePlanKey not declared", _usage_key),
    Planted(_FORTRESS, "front-api", "Stage not declared", lambda aws, one: aws("apigateway").create_deployment(
        restApiId=one["id"], stageName="hand")),
    Planted(_FORTRESS, "front-access", "LogSubscriptionFilter not declared", _log_copied),
    Planted(_ALB, "ingress-targets", "TargetGroupAttachment not declared", _target),
    Planted(_ALB, "network-vpc", "InternetGateway not declared", _internet_gateway),
    Planted(_ALB, "front-stage", "routeSettings", lambda aws, one: aws("apigatewayv2").update_stage(
        ApiId=one["apiId"], StageName=one["name"],
        RouteSettings={"GET /orders": {"ThrottlingRateLimit": 9999.0, "ThrottlingBurstLimit": 5000}})),
    Planted(_NAT, "proxy-function", "reservedConcurrentExecutions",
            lambda aws, one: aws("lambda").put_function_concurrency(
                FunctionName=one["name"], ReservedConcurrentExecutions=1)),
    Planted(_NAT, "proxy-function", "environment", _configured(Environment={"Variables": {"URL": "http://192.0.2.1"}})),
    Planted(_NAT, "proxy-function", "EventSourceMapping not declared", _event_source),
    Planted(_NAT, "backend-instance", "NetworkInterfaceAttachment not declared", _second_interface),
    Planted(_NAT, "backend-instance", "Eip not declared", _public_address),
    Planted(_JWT, "front-pool", "jwtConfiguration", lambda aws, one: aws("apigatewayv2").update_authorizer(
        ApiId=one["apiId"], AuthorizerId=one["id"], JwtConfiguration={
            "Audience": ["other"], "Issuer": "https://login.invalid"})),
    Planted(_JWT, "front-api", "Integration not declared", lambda aws, one: aws("apigatewayv2").create_integration(
        ApiId=one["id"], IntegrationType="HTTP_PROXY", IntegrationUri="http://192.0.2.1", IntegrationMethod="GET")),
    Planted(_JWT, "front-api", "Stage not declared", lambda aws, one: aws("apigatewayv2").create_stage(
        ApiId=one["id"], StageName="hand")),
    Planted(_JWT, "proxy-function", "memorySize", _configured(MemorySize=3008)),
)  # fmt: skip
_FOREIGN: Final = (
    Planted("machine", "web", "ingress", _opened("ingress", **_ANYWHERE)),
    Planted("machine", "table", "routes", lambda aws, one: aws("ec2").create_route(
        RouteTableId=one["id"], DestinationCidrBlock="198.51.100.0/24", GatewayId=_gateway(aws, one))),
    Planted("machine", "box", "metadataOptions", lambda aws, one: aws("ec2").modify_instance_metadata_options(
        InstanceId=one["id"], HttpTokens="optional")),
    Planted("machine", "box", "NetworkInterfaceAttachment not declared", _second_interface),
    Planted("machine", "vpc", "enableDnsHostnames", lambda aws, one: aws("ec2").modify_vpc_attribute(
        VpcId=one["id"], EnableDnsHostnames={"Value": False})),
    Planted("quick-api", "fn", "Permission not declared", lambda aws, one: aws("lambda").add_permission(
        FunctionName=one["name"], StatementId="hand", Action="lambda:InvokeFunction", Principal="*")),
    Planted("quick-api", "may", "Permission gone", lambda aws, one: aws("lambda").remove_permission(
        FunctionName=one["function"], StatementId=one["statementId"])),
    Planted("quick-api", "api", "Route not declared", lambda aws, one: aws("apigatewayv2").create_route(
        ApiId=one["id"], RouteKey="GET /hand")),
    Planted("http-api", "api", "corsConfiguration", lambda aws, one: aws("apigatewayv2").update_api(
        ApiId=one["id"], CorsConfiguration={"AllowOrigins": ["https://other.example.com"]})),
    Planted("http-api", "route", "authorizationType", lambda aws, one: aws("apigatewayv2").update_route(
        ApiId=one["apiId"], RouteId=one["id"], AuthorizationType="AWS_IAM")),
    Planted("http-api", "to-fn", "integrationUri", lambda aws, one: aws("apigatewayv2").update_integration(
        ApiId=one["apiId"], IntegrationId=one["id"], IntegrationUri=_LAMBDA)),
    Planted("http-api", "fn", "environment", _configured(Environment={"Variables": {"A": "c"}})),
    Planted("http-api", "role", "managedPolicyArns", lambda aws, one: aws("iam").attach_role_policy(
        RoleName=one["name"], PolicyArn=_ADMIN)),
    Planted("rest-api", "api", "policy", _patched("update_rest_api", {"restApiId": "id"}, "/policy", _POLICY)),
    Planted("rest-api", "get", "authorization", _method_opened),
    Planted("rest-api", "api", "Method not declared", lambda aws, one: aws("apigateway").put_method(
        restApiId=one["id"], resourceId=one["rootResourceId"], httpMethod="ANY", authorizationType="NONE")),
    Planted("rest-api", "api", "Resource not declared", lambda aws, one: aws("apigateway").create_resource(
        restApiId=one["id"], parentId=one["rootResourceId"], pathPart="hand")),
    Planted("queues", "may-send", "QueuePolicy gone", lambda aws, one: aws("sqs").set_queue_attributes(
        QueueUrl=one["queueUrl"], Attributes={"Policy": ""})),
    Planted("queues", "news", "TopicPolicy not declared", lambda aws, one: aws("sns").add_permission(
        TopicArn=one["arn"], Label="hand", AWSAccountId=["222222222222"], ActionName=["Publish"])),
    Planted("queues", "news", "TopicSubscription not declared", lambda aws, one: aws("sns").subscribe(
        TopicArn=one["arn"], Protocol="email", Endpoint="who@example.com")),
    Planted("queues", "worker", "inlinePolicies", lambda aws, one: aws("iam").put_role_policy(
        RoleName=one["name"], PolicyName="hand", PolicyDocument=_statement("*"))),
    Planted("queues", "jobs", "visibilityTimeoutSeconds", lambda aws, one: aws("sqs").set_queue_attributes(
        QueueUrl=one["url"], Attributes={"VisibilityTimeout": "1"})),
    Planted("queues", "table", "Table gone", lambda aws, one: aws("dynamodb").delete_table(TableName=one["name"])),
    Planted("balancer", "targets", "TargetGroupAttachment not declared", _target),
    Planted("balancer", "listener", "defaultActions", lambda aws, one: aws("elbv2").modify_listener(
        ListenerArn=one["arn"], DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted("balancer", "public", "Listener not declared", lambda aws, one: aws("elbv2").create_listener(
        LoadBalancerArn=one["arn"], Protocol="HTTP", Port=8443, DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted("balancer", "web", "egress", lambda aws, one: aws("ec2").revoke_security_group_egress(
        GroupId=one["id"], IpPermissions=[{"IpProtocol": "-1", **_ANYWHERE}])),
    Planted("service", "web", "desiredCount", lambda aws, one: aws("ecs").update_service(
        cluster=one["cluster"], service=one["name"], desiredCount=0)),
    Planted("service", "names", "Instance not declared", lambda aws, one: aws("servicediscovery").register_instance(
        ServiceId=one["id"], InstanceId="hand", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.99"})),
    Planted("secrets", "key", "policy", lambda aws, one: aws("kms").put_key_policy(
        KeyId=one["id"], PolicyName="default", Policy=_statement("kms:*", Principal={"AWS": "*"}, Resource="*"))),
    Planted("secrets", "key", "enableKeyRotation", lambda aws, one: aws("kms").disable_key_rotation(KeyId=one["id"])),
    Planted("secrets", "hourly", "scheduleExpression", lambda aws, one: aws("events").put_rule(
        Name=one["name"], ScheduleExpression="rate(1 minute)")),
    Planted("secrets", "log", "retentionInDays", lambda aws, one: aws("logs").put_retention_policy(
        logGroupName=one["name"], retentionInDays=1)),
    Planted("secrets", "alarm", "MetricAlarm gone", lambda aws, one: aws("cloudwatch").delete_alarms(
        AlarmNames=[one["name"]])),
    Planted("secrets", "fn", "timeout", _configured(Timeout=900)),
    Planted("elsewhere", "classic", "SecurityGroupIngressRule not declared", _opened("ingress", **_ANYWHERE)),
    Planted("elsewhere", "targets", "TargetGroupAttachment not declared", lambda aws, one: aws(
        "elbv2").register_targets(TargetGroupArn=one["arn"], Targets=[{"Id": _first_target(aws, one), "Port": 22}])),
    Planted("elsewhere", "user", "UserPolicy not declared", lambda aws, one: aws("iam").put_user_policy(
        UserName=one["name"], PolicyName="hand", PolicyDocument=_statement("*"))),
    Planted("elsewhere", "user", "UserPolicyAttachment not declared", lambda aws, one: aws("iam").attach_user_policy(
        UserName=one["name"], PolicyArn=_ADMIN)),
    Planted("elsewhere", "user", "AccessKey not declared", lambda aws, one: aws("iam").create_access_key(
        UserName=one["name"])),
    Planted("elsewhere", "people", "GroupPolicy not declared", lambda aws, one: aws("iam").put_group_policy(
        GroupName=one["name"], PolicyName="hand", PolicyDocument=_statement("*"))),
    Planted("elsewhere", "live", "Permission not declared", lambda aws, one: aws("lambda").add_permission(
        FunctionName=one["functionName"], Qualifier=one["name"], StatementId="hand", Action="lambda:InvokeFunction",
        Principal="*")),
)  # fmt: skip


def _first_target(aws: _Clients, group: _Outputs) -> str:
    listed = aws("elbv2").describe_target_health(TargetGroupArn=group["arn"])["TargetHealthDescriptions"]
    return str(listed[0]["Target"]["Id"])


def _gateway(aws: _Clients, table: _Outputs) -> str:
    named = [{"Name": "attachment.vpc-id", "Values": [table["vpcId"]]}]
    return str(aws("ec2").describe_internet_gateways(Filters=named)["InternetGateways"][0]["InternetGatewayId"])


def _default_group(aws: _Clients, machine: _Outputs) -> str:
    vpc = aws("ec2").describe_subnets(SubnetIds=[machine["subnetId"]])["Subnets"][0]["VpcId"]
    named = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return str(aws("ec2").describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"])


PLANTED: Final = (*_OWN, *_MORE_OWN, *_FOREIGN)

"""`gatehouse verify` against the emulator: no drift on what was just created, and each planted drift is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from review.engine_files.plan import read_refresh
from review.report.render import verification as report
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.verification import policy, verify

from .calls import unpermitted
from .cli import ROOT, Engine
from .cycle import Stage, stage, without_secrets
from .emulator import CALLS
from .planned import written
from .read_back import client

_UP: Final = ("up", "--yes", "--skip-preview")
_STACKS: Final = ("fortress", "nat-instance", "http-alb-ec2", "jwt-http")
_NOT_KEPT: Final = frozenset({("RestApi", "securityPolicy")})
"""Inputs that moto does not keep."""
_NOT_ANSWERED: Final = ("GetAuthorizers", "ListFunctionUrlConfigs", "DescribeInstanceInformation")
"""Calls that moto does not answer, for some APIs at least."""

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
_FORTRESS, _NAT, _ALB, _JWT = _STACKS

PLANTED: Final = (
    Planted(_ALB, "backend-group", "SecurityGroupIngressRule made by hand", _opened("ingress", **_ANYWHERE)),
    Planted(_ALB, "ingress-alb-group", "SecurityGroupIngressRule made by hand", _opened("ingress", **_EVERYWHERE6)),
    Planted(_ALB, "ingress-link-group", "SecurityGroupEgressRule made by hand", _opened("egress", **_ANYWHERE)),
    Planted(_ALB, "network-default-group", "SecurityGroupIngressRule made by hand", _opened("ingress", **_ANYWHERE)),
    Planted(_FORTRESS, "backend-group", "SecurityGroupEgressRule made by hand", _opened("egress", **_EVERYWHERE6)),
    Planted(_NAT, "backend-group", "SecurityGroupIngressRule made by hand", _opened("ingress", **_ANYWHERE)),
    Planted(_NAT, "network-nat-group", "SecurityGroupIngressRule made by hand", _opened("ingress", **_ANYWHERE)),
    Planted(_NAT, "proxy-group", "SecurityGroupEgressRule made by hand", _opened("egress", **_ANYWHERE)),
    Planted(_ALB, "backend-role", "RolePolicy made by hand", lambda aws, one: aws("iam").put_role_policy(
        RoleName=one["name"], PolicyName="hand", PolicyDocument=_statement("*"))),
    Planted(_NAT, "backend-role", "RolePolicyAttachment made by hand", lambda aws, one: aws("iam").attach_role_policy(
        RoleName=one["name"], PolicyArn=_ADMIN)),
    Planted(_FORTRESS, "backend-task-role", "assumeRolePolicy", lambda aws, one: aws("iam").update_assume_role_policy(
        RoleName=one["name"], PolicyDocument=_statement("sts:AssumeRole", Principal={"AWS": "*"}))),
    Planted(_ALB, "backend-permissions", "policy", lambda aws, one: aws("iam").put_role_policy(
        RoleName=one["role"], PolicyName=one["name"], PolicyDocument=_statement("s3:*"))),
    Planted(_NAT, "proxy-policy", "RolePolicy gone", lambda aws, one: aws("iam").delete_role_policy(
        RoleName=one["role"], PolicyName=one["name"])),
    Planted(_ALB, "ingress-alb", "Listener made by hand", lambda aws, one: aws("elbv2").create_listener(
        LoadBalancerArn=one["arn"], Protocol="HTTP", Port=8443, DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted(_ALB, "ingress-listener", "defaultActions[].type", lambda aws, one: aws("elbv2").modify_listener(
        ListenerArn=one["arn"], DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted(_FORTRESS, "ingress-listener", "ListenerRule made by hand", lambda aws, one: aws("elbv2").create_rule(
        ListenerArn=one["arn"], Priority=7, Conditions=[{"Field": "path-pattern", "Values": ["/x"]}], Actions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])),
    Planted(_ALB, "ingress-alb", "dropInvalidHeaderFields",
            _attribute("routing.http.drop_invalid_header_fields.enabled", "false")),
    Planted(_FORTRESS, "ingress-alb", "enableDeletionProtection", _attribute("deletion_protection.enabled", "false")),
    Planted(_ALB, "ingress-targets", "healthCheck.path", lambda aws, one: aws("elbv2").modify_target_group(
        TargetGroupArn=one["arn"], HealthCheckPath="/none")),
    Planted(_FORTRESS, "ingress-targets", "healthCheck.interval", lambda aws, one: aws("elbv2").modify_target_group(
        TargetGroupArn=one["arn"], HealthCheckIntervalSeconds=300)),
    Planted(_NAT, "network-private-1-routes", "Route made by hand", lambda aws, one: aws("ec2").create_route(
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
        VpcEndpointId=one["id"], PolicyDocument=_statement("*"))),
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
    Planted(_FORTRESS, "alerts-topic", "TopicSubscription made by hand", lambda aws, one: aws("sns").subscribe(
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
    Planted(_JWT, "front-api", "Route made by hand", lambda aws, one: aws("apigatewayv2").create_route(
        ApiId=one["id"], RouteKey="GET /hand")),
    Planted(_NAT, "proxy-function", "timeout", lambda aws, one: aws("lambda").update_function_configuration(
        FunctionName=one["name"], Timeout=900)),
    Planted(_NAT, "front-invokes-backend", "Permission gone", lambda aws, one: aws("lambda").remove_permission(
        FunctionName=one["function"], StatementId=one["statementId"])),
    Planted(_JWT, "proxy-function", "Permission made by hand", lambda aws, one: aws("lambda").add_permission(
        FunctionName=one["name"], StatementId="hand", Action="lambda:InvokeFunction", Principal="*")),
)  # fmt: skip


def _gateway(aws: _Clients, table: _Outputs) -> str:
    named = [{"Name": "attachment.vpc-id", "Values": [table["vpcId"]]}]
    return str(aws("ec2").describe_internet_gateways(Filters=named)["InternetGateways"][0]["InternetGatewayId"])


def _default_group(aws: _Clients, machine: _Outputs) -> str:
    vpc = aws("ec2").describe_subnets(SubnetIds=[machine["subnetId"]])["Subnets"][0]["VpcId"]
    named = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return str(aws("ec2").describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"])


def verifying(engine: Engine) -> Iterator[Stage]:
    """Deploy, verify, plant everything, and verify again."""
    for name in _STACKS:
        document = yaml.safe_load((ROOT / f"examples/{name}.yaml").read_text())
        [*without_secrets(document["config"], "")]
        engine.write_stack(name, yaml.safe_dump(document, sort_keys=False))
        engine.run("stack", "init", name)
        yield stage(f"up of {name}", engine.run(*_UP, stack=name))
        (engine.folder / CALLS).unlink(missing_ok=True)
        found, policies = _verified(engine, name)
        faults = [f"{one}: {words} has drifted" for one, words in drifted(found)]
        faults += [f"not read: {line}" for line in found["notRead"] if not any(call in line for call in _NOT_ANSWERED)]
        yield _stage(f"no drift of {name}", faults)
        yield _stage(f"the policy of {name}", unpermitted(policies, engine.folder / CALLS))
    for each in PLANTED:
        (outputs,) = [
            one["outputs"] | {"id": one["id"]} for one in engine.state(each.stack) if _name(one) == each.resource
        ]
        each.plant(lambda service: client(engine, service), outputs)
    for name in _STACKS:
        found, _ = _verified(engine, name)
        yield _stage(f"planted in {name}", missing(name, drifted(found)))


def missing(stack: str, found: Iterable[tuple[str, str]]) -> list[str]:
    """What was planted in a stack, and is not named."""
    known = {*found}
    planted = [one for one in PLANTED if one.stack == stack]
    return [f"{one.resource}: {one.named} was planted, and is not found" for one in planted if not any(
        words.startswith(one.named) and one.resource in name for name, words in known)]  # fmt: skip


def drifted(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name of a resource, and the input that differs or what became of it."""
    for one in found["drift"]:
        kind = one["type"].rpartition(":")[2]
        if one["kind"] != "changed":
            yield one["resource"], f"{kind} {one['kind']}"
        for each in one["differences"] if one["kind"] == "changed" else ():
            if (kind, each["input"]) not in _NOT_KEPT:
                yield one["resource"], each["input"]


def _name(one: Mapping[str, Any]) -> str:
    return str(one["urn"]).rpartition("::")[2]


def _verified(engine: Engine, stack: str) -> tuple[dict[str, Any], Any]:
    # Only where it is needed: half a second to load.
    import boto3

    file = written(engine, stack, "refresh", "refresh", "--preview-only", "--json", "--non-interactive")
    refresh = read_refresh(file)
    made = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")
    return report.document(verify(refresh, Cloud(Emulated(made, engine.endpoint)), Caller(), offline=True)), policy(
        refresh.before
    )


class Emulated:
    """A session whose clients call the emulator."""

    def __init__(self, session: Any, endpoint: str) -> None:
        self._session, self._endpoint = session, endpoint

    def get_credentials(self) -> Any:
        return self._session.get_credentials()

    def client(self, service: str, **options: Any) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint, **options)


def _stage(name: str, faults: Iterable[str]) -> Stage:
    return Stage(name=name, seconds=0, steps=0, faults=[*faults])

"""Changes behind Pulumi's back, and the words by which `gatehouse verify` has to name each: planted_changes.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

_Outputs = Mapping[str, Any]
_Clients = Callable[[str], Any]


@dataclass(frozen=True)
class Planted:
    """One change behind Pulumi's back."""

    stack: str
    resource: str
    named: str
    """What the report has to name: an input, or the type and what became of it."""
    how: str
    """A client's method, or a function of this module that needs several."""
    arguments: Mapping[str, Any] | None = None

    def plant(self, aws: _Clients, outputs: _Outputs) -> None:
        if self.arguments is None:
            _STEPS[self.how](aws, outputs)
            return
        client, _, method = self.how.partition(".")
        getattr(aws(client), method)(**_filled(self.arguments, outputs))


def _filled(value: Any, outputs: _Outputs) -> Any:
    """A value with the outputs that `$key` stands for."""
    if isinstance(value, Mapping):
        return {key: _filled(inner, outputs) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, outputs) for inner in value]
    return outputs[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def _second_interface(aws: _Clients, machine: _Outputs) -> None:
    card = aws("ec2").create_network_interface(SubnetId=machine["subnetId"])["NetworkInterface"]["NetworkInterfaceId"]
    aws("ec2").attach_network_interface(NetworkInterfaceId=card, InstanceId=machine["id"], DeviceIndex=1)


def _public_address(aws: _Clients, machine: _Outputs) -> None:
    address = aws("ec2").allocate_address(Domain="vpc")["AllocationId"]
    aws("ec2").associate_address(AllocationId=address, InstanceId=machine["id"])


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
    gateway = aws("ec2").create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws("ec2").attach_internet_gateway(VpcId=vpc["id"], InternetGatewayId=gateway)


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
    """An instance of no stack."""
    started = aws("ec2").run_instances(ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1)["Instances"][0]
    aws("elbv2").register_targets(TargetGroupArn=group["arn"], Targets=[{"Id": started["InstanceId"]}])


def _target_port(aws: _Clients, group: _Outputs) -> None:
    listed = aws("elbv2").describe_target_health(TargetGroupArn=group["arn"])["TargetHealthDescriptions"]
    again = {"Id": listed[0]["Target"]["Id"], "Port": 22}
    aws("elbv2").register_targets(TargetGroupArn=group["arn"], Targets=[again])


def _route(aws: _Clients, table: _Outputs) -> None:
    named = [{"Name": "attachment.vpc-id", "Values": [table["vpcId"]]}]
    gateway = aws("ec2").describe_internet_gateways(Filters=named)["InternetGateways"][0]["InternetGatewayId"]
    aws("ec2").create_route(RouteTableId=table["id"], DestinationCidrBlock="192.0.2.0/24", GatewayId=gateway)


def _other_group(aws: _Clients, machine: _Outputs) -> None:
    vpc = aws("ec2").describe_subnets(SubnetIds=[machine["subnetId"]])["Subnets"][0]["VpcId"]
    named = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group = aws("ec2").describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"]
    aws("ec2").modify_instance_attribute(InstanceId=machine["id"], Groups=[group])


def _user_in_a_group(aws: _Clients, group: _Outputs) -> None:
    aws("iam").create_user(UserName="hand")
    aws("iam").add_user_to_group(GroupName=group["name"], UserName="hand")


_STEPS: Final[Mapping[str, Callable[[_Clients, _Outputs], None]]] = {
    "copy of a log": _log_copied,
    "event source": _event_source,
    "internet gateway": _internet_gateway,
    "open method": _method_opened,
    "other group": _other_group,
    "port of a target": _target_port,
    "public address": _public_address,
    "route": _route,
    "second interface": _second_interface,
    "target": _target,
    "usage key": _usage_key,
    "user in a group": _user_in_a_group,
    "web ACL that counts": _web_acl_counts,
}


def _read() -> Iterator[Planted]:
    listed = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    yield from (Planted(stack, *row) for stack, rows in listed.items() for row in rows)


PLANTED: Final = (*_read(),)

"""Parts of programs that stand beside a private backend: `neighbours.yaml` has the programs."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

ALL_OUT: Any = [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]


def allow(action: Any, resource: Any = "*", **more: Any) -> pulumi.Output[str]:
    """A policy of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(name: str, service: str, *managed: str, policy: Any = None) -> Any:
    """A role of a service, with policies of AWS's own."""
    principal = {"Principal": {"Service": f"{service}.amazonaws.com"}}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **principal}]}
    made = aws.iam.Role(name, assume_role_policy=json.dumps({"Version": "2012-10-17", **trust}))
    for number, each in enumerate(managed):
        arn = f"arn:aws:iam::aws:policy/{each}"
        aws.iam.RolePolicyAttachment(f"{name}-{number}", role=made.name, policy_arn=arn)
    if policy is not None:
        aws.iam.RolePolicy(name, role=made.id, policy=policy)
    return made


def function(name: str, *managed: str, **inputs: Any) -> Any:
    """A function of the program's own."""
    policies = [f"service-role/{each}" for each in managed or ("AWSLambdaBasicExecutionRole",)]
    code: Any = {"runtime": "python3.13", "handler": "handler.handler", "code": pulumi.FileArchive(".")}
    return aws.lambda_.Function(name, role=role(name, "lambda", *policies).arn, **code, **inputs)


def let(name: str, service: str, called: Any, **source: Any) -> Any:
    """Lets a service call a function."""
    principal = f"{service}.amazonaws.com"
    return aws.lambda_.Permission(
        name, action="lambda:InvokeFunction", function=called.name, principal=principal, **source
    )


def group(name: str, network: Any, port: int = 0, **source: Any) -> Any:
    """A security group in the network, with a rule inside."""
    rules: Any = [{"protocol": "tcp", "from_port": port, "to_port": port, **source}] if source else []
    return aws.ec2.SecurityGroup(name, vpc_id=network.vpc_id, ingress=rules, egress=ALL_OUT)

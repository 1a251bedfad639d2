"""IAM policy documents, and statements that are as narrow as each service allows."""

import json
from collections.abc import Sequence
from typing import Any, Final

from ..facts import container_image

Statement = dict[str, Any]

POLICY_VERSION: Final = "2012-10-17"


def build_policy(statements: Sequence[Statement]) -> dict[str, Any]:
    """Returns a policy document."""
    return {"Version": POLICY_VERSION, "Statement": list(statements)}


def measure_policy(held: Sequence[Statement]) -> int:
    """Returns the length of their policy without white space, which AWS does not count."""
    return len(json.dumps(build_policy(held), separators=(",", ":")))


def build_trust_policy(service: str) -> dict[str, Any]:
    """Returns the trust policy of a role that one AWS service takes on."""
    return build_policy([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}])


def allow_session_manager() -> Statement:
    """Let the agent register and open sessions: five actions where AWS's managed policy has thirty.

    None of them can be limited to a resource.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
    """
    return _allow(
        [
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        "*",
    )


def allow_image_pull(image: container_image.Image, partition: str) -> list[Statement]:
    """Pull from the image's repository, and log in to the registry, which cannot be limited to a repository.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html
    """
    repository = f"arn:{partition}:ecr:{image.region}:{image.account}:repository/{image.repository}"
    return [
        _allow(["ecr:GetAuthorizationToken"], "*"),
        _allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], repository),
    ]


def allow_object_read(image: container_image.Image, partition: str) -> Statement:
    """Read one object of S3: a tarball."""
    return _allow(["s3:GetObject"], f"arn:{partition}:s3:::{image.bucket}/{image.key}")


def allow_secrets_read(arns: Sequence[str]) -> list[Statement]:
    """Read these parameters of Systems Manager and secrets of Secrets Manager.

    What a key of one's own encrypts needs `allow_decryption` besides.
    """
    parameters = sorted({arn for arn in arns if arn.split(":")[2] == "ssm"})
    secrets = sorted(set(arns) - set(parameters))
    return [
        *([_allow(["ssm:GetParameter"], parameters)] if parameters else []),
        *([_allow(["secretsmanager:GetSecretValue"], secrets)] if secrets else []),
    ]


def allow_decryption(key_arns: Sequence[str]) -> list[Statement]:
    """Decrypt with these customer-managed keys, but only what Secrets Manager, Parameter Store or S3 encrypted.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    if not key_arns:
        return []
    services = [f"{service}.*.amazonaws.com*" for service in ("secretsmanager", "ssm", "s3")]
    return [_allow(["kms:Decrypt"], sorted(key_arns)) | {"Condition": {"StringLike": {"kms:ViaService": services}}}]


def allow_forwarding(interface_arn: str) -> list[Statement]:
    """See whether this interface's source/destination check is off, and turn it off.

    The first action takes no resource: with an ARN it is denied.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    return [
        _allow(["ec2:DescribeNetworkInterfaceAttribute"], "*"),
        _allow(["ec2:ModifyNetworkInterfaceAttribute"], interface_arn),
    ]


def allow_metrics(namespace: str) -> Statement:
    """Put metrics into one namespace; the action takes no resource.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
    """
    condition = {"StringEquals": {"cloudwatch:namespace": namespace}}
    return _allow(["cloudwatch:PutMetricData"], "*") | {"Condition": condition}


def allow_start(instance_arn: str) -> Statement:
    """Start one instance."""
    return _allow(["ec2:StartInstances"], instance_arn)


def allow_log_writes(log_group_arn: str) -> Statement:
    """Create streams in one log group, and write to them."""
    return _allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{log_group_arn}:*")


def allow_invocation(function_arn: str) -> Statement:
    """Invoke one function, or one alias of it."""
    return _allow(["lambda:InvokeFunction"], function_arn)


def _allow(actions: list[str], resource: str | list[str]) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}

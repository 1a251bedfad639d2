"""Services that have VPC endpoints, by the short names that end `com.amazonaws.<region>.`.

AWS lists them by `aws ec2 describe-vpc-endpoint-services` and in
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html.
"""

import difflib
import functools
from typing import Any, Final

SERVICES: Final = frozenset(
    (  # noqa: SIM905 # a list of literals would fill a page
        "acm-pca airflow.api airflow.env airflow.ops application-autoscaling appmesh-envoy-management apprunner "
        "appsync-api athena autoscaling autoscaling-plans backup batch bedrock bedrock-agent bedrock-agent-runtime "
        "bedrock-runtime cassandra cloudformation cloudtrail codeartifact.api codeartifact.repositories codebuild "
        "codecommit codedeploy codedeploy-commands-secure codepipeline cognito-idp config data-servicediscovery "
        "databrew datasync dms dynamodb ebs ec2 ec2messages ecr.api ecr.dkr ecs ecs-agent ecs-telemetry eks eks-auth "
        "elasticache elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce email-smtp "
        "emr-containers events evidently execute-api firehose git-codecommit glue guardduty-data iot.data kafka "
        "kinesis-firehose kinesis-streams kms lakeformation lambda license-manager logs macie2 monitoring notebook "
        "organizations pipes rds rds-data redshift redshift-data rekognition robomaker s3 sagemaker.api "
        "sagemaker.runtime scheduler secretsmanager securityhub servicecatalog servicediscovery sns sqs ssm "
        "ssm-contacts ssm-incidents ssmmessages states storagegateway sts sync-states synthetics textract transcribe "
        "transfer translate verifiedpermissions wafv2 workspaces xray"
    ).split()
)
"""Services with interface endpoints that programs use; AWS has more."""
WITHOUT_REGION: Final = frozenset({"iam", "route53"})
"""Services whose endpoint has no region in its name, `com.amazonaws.iam`, which Gatehouse does not create.

https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html
"""
_ONLY_AT_HOME: Final = frozenset({"organizations"})
"""Services of which AWS states that their endpoint is only in the region of their control plane.

The SDK calls more services global, and says nothing about their endpoints. Those are looked up at deployment.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_vpc_endpoint.html
"""
OVER_HTTPS: Final = SERVICES - {"email-smtp", "cassandra", "datasync", "iot.data", "storagegateway", "transcribe"}
"""Services that are called over HTTPS alone. Their pages in AWS's general reference have the protocol:
https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
"""


def is_service(name: str) -> bool:
    """Whether AWS is known to have an endpoint of this name; one that is newer than the installed SDK is not.

    Most endpoints have the name of the service's API, so the SDK's own list of services is the nearest thing offline.
    """
    plain = name.removesuffix("-fips")
    reverse = ".".join(reversed(plain.split(".")))
    return plain in SERVICES or bool({plain, reverse, plain.split(".")[0]} & _load_sdk_services())


def find_only_region(name: str, region: str) -> str | None:
    """Returns the one other region that has the service's endpoint. None if it is not bound to one."""
    plain = name.removesuffix("-fips")
    if plain not in _ONLY_AT_HOME:
        return None
    for partition in _load_partitions():
        if region in partition["regions"] and plain in partition["services"]:
            service = partition["services"][plain]
            home: str = service["endpoints"][service["partitionEndpoint"]]["credentialScope"]["region"]
            return None if home == region else home
    return None


def suggest_service(name: str) -> str:
    """A remedy that names the service most like `name`; empty if none is."""
    near = difflib.get_close_matches(name, sorted(SERVICES | _load_sdk_services()), n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else ""


@functools.cache
def _load_sdk_services() -> frozenset[str]:
    # Its import takes longer than all other settings.
    import botocore.loaders

    services = botocore.loaders.Loader().list_available_services("service-2")
    return frozenset(_load_partitions()[0]["services"]) | frozenset(services)


@functools.cache
def _load_partitions() -> Any:
    import botocore.loaders

    return botocore.loaders.Loader().load_data("endpoints")["partitions"]

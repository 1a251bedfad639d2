"""ARNs that AWS's services take and IAM does not: refused, since a policy with one allows nothing."""

from typing import Any, Final

import pytest

from components import ApiFunction, Ec2Backend, FargateBackend, NatInstance
from tests.components.arguments_of_each import BASE
from tests.helpers.declare import changed, refusal

_SECRET: Final = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"  # the beginning of an ARN
_PARAMETER: Final = "arn:aws:ssm:eu-west-1:111122223333:parameter"
_KEY: Final = "arn:aws:kms:eu-west-1:111122223333:"
_SUFFIX: Final = "such as arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-a1B2c3"
_FUNCTION: Final[dict[str, Any]] = {"folder": "handlers/greeter"}
# The report, what was written, and words of the refusal.
SECRETS: Final = [
    ("aws/aws-cdk#7994", f"{_SECRET}prod/db", _SUFFIX),
    ("aws/aws-cdk#12411", f"{_SECRET}example", _SUFFIX),
    ("hashicorp/terraform-provider-aws#39953", f"{_SECRET}service/secret-??????", _SUFFIX),
    ("spring-attic/spring-cloud-aws#474", f"{_SECRET}super-duper-secret*", _SUFFIX),
    ("ministackorg/ministack#1737", f"{_SECRET}orders-0ac6d", _SUFFIX),
    ("hashicorp/terraform-provider-aws#2593, aws/aws-cdk#4803", f"{_PARAMETER}//prod/db", "the ARN of a parameter"),
    ("systems-manager/userguide, sysman-paramstore-labels", f"{_PARAMETER}/prod/db:3", "the ARN of a parameter"),
    ("the name in place of the resource", "arn:aws:ssm:eu-west-1:111122223333:prod/db", "the ARN of a parameter"),
    ("without an account", "arn:aws:ssm:eu-west-1::parameter/prod/db", "region and account"),
    ("integration-ps-secretsmanager", f"{_PARAMETER}/aws/reference/secretsmanager/db", "of the secret itself"),
]
KEYS: Final = [
    ("aws/aws-encryption-sdk-java#3", f"{_KEY}alias/prod", "IAM does not compare aliases"),
    ("aws/aws-cdk#19914", f"{_KEY}alias/aws/ssm", "IAM does not compare aliases"),
    ("awsdocs/amazon-eks-user-guide#716", f"{_KEY}1234abcd-12ab-34cd-56ef-1234567890ab", "the ARN of a key"),
    ("every key", f"{_KEY}key/*", "the ARN of a key"),
]


@pytest.mark.parametrize("component", [Ec2Backend, FargateBackend, ApiFunction])
@pytest.mark.parametrize(("source", "arn", "want"), SECRETS)
def test_a_secret_that_iam_does_not_find_is_refused(component: Any, source: str, arn: str, want: str) -> None:
    base = _FUNCTION if component is ApiFunction else BASE[component]
    error = str(refusal(lambda: component("made", {**base, "secrets": {"AB": arn}})))
    assert f"{component.__name__}: secrets.AB: " in error, source
    assert want in error


@pytest.mark.parametrize("component", [Ec2Backend, FargateBackend])
@pytest.mark.parametrize(("source", "arn", "want"), KEYS)
def test_an_alias_in_place_of_a_key_is_refused(component: Any, source: str, arn: str, want: str) -> None:
    error = str(refusal(lambda: component("made", changed(BASE[component], {"kms_key_arns": [arn]}))))
    assert f"{component.__name__}: kms_key_arns[0]: " in error, source
    assert want in error


def test_a_json_key_of_half_a_secret_is_refused_on_fargate() -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    error = str(refusal(lambda: FargateBackend("made", {**BASE[FargateBackend], "secrets": {"A": f"{_SECRET}db:k::"}})))
    assert _SUFFIX in error


def test_a_tarball_whose_name_iam_reads_as_a_pattern_is_refused() -> None:
    error = str(refusal(lambda: Ec2Backend("made", changed(BASE[Ec2Backend], {"image": "s3://mine/app-*.tar.gz"}))))
    assert "without *" in error


def test_a_subscription_in_place_of_a_topic_is_refused() -> None:
    arn = "arn:aws:sns:eu-west-1:111122223333:alarms:1234abcd-12ab-34cd-56ef-1234567890ab"
    assert "the ARN of" in str(refusal(lambda: NatInstance("made", {**BASE[NatInstance], "alarm_topic_arn": arn})))

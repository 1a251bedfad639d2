"""Arguments that are names, IDs, ARNs and other texts of one form."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Final
from urllib.parse import urlsplit

import pulumi

from ..facts import (
    access_log_variables,
    aws_names,
    aws_permissions,
    container_image,
    foreign_resources,
    instance_types,
    private_addresses,
)
from ..facts.host_names import is_private_name
from ..facts.limits import LAMBDA_LAYERS, LAMBDA_SUBNETS, ZONES
from .marks import DISTINCT, REPEATABLE, SECRET, Check, Located, RefusedError, Sized


def matching(pattern: str, allowed: str, remedy: str = "", *, outputs: bool = True) -> Check:
    """The whole text matches a pattern."""
    compiled = re.compile(pattern)

    def check(value: str) -> None:
        if not compiled.fullmatch(value):
            raise RefusedError(allowed, remedy)

    return Check(check, allowed, pattern=pattern, outputs=outputs)


def _matching_aws(pattern: str, allowed: str, remedy: str = "") -> Check:
    """The form of an ID or ARN that AWS gives. An output has it from AWS itself."""
    return matching(pattern, allowed, remedy, outputs=False)


def _id_check(prefix: str, kind: str) -> Check:
    return _matching_aws(rf"{prefix}-[0-9a-f]{{8,17}}", f"the id of {kind}, {prefix}- and 8 to 17 hexadecimal digits")


def _arn_check(service: str, example: str) -> Check:
    return _matching_aws(rf"arn:aws[a-z-]*:{service}:[^:]*:[^:]*:.+", f"an ARN such as {example}")


def _check_key(value: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html"""
    try:
        aws_permissions.check_arn("key", value)
    except ValueError as error:
        remedy = "`aws kms describe-key --key-id … --query KeyMetadata.Arn` prints it"
        why = "; IAM does not compare aliases" if ":alias/" in value else ""
        raise RefusedError(f"{error}{why}", remedy) from None


def _check_secret_reference(value: str) -> None:
    try:
        aws_permissions.check_secret(value)
    except ValueError as error:
        remedy = "keep the value there: `aws ssm put-parameter --type SecureString …`"
        if ":secretsmanager:" in value:
            remedy = "`aws secretsmanager describe-secret --secret-id … --query ARN` prints the whole one"
        if ":ssm:" in value:
            remedy = "`aws ssm get-parameter --name … --query Parameter.ARN` prints it; leave out a version"
        raise RefusedError(str(error), remedy) from None


_RUNTIME: Final = "a Lambda runtime such as python3.13 or nodejs22.x"


def _check_runtime(value: str) -> None:
    if value in aws_names.BLOCKED_RUNTIMES:
        raise RefusedError(_RUNTIME, f"Lambda creates no function of {value} any more: take a newer version")
    if not aws_names.is_runtime(value):
        raise RefusedError(_RUNTIME, aws_names.suggest_runtime(value))


def _check_instance_type(value: str) -> None:
    instance_types.find_architecture(value)
    if not aws_names.is_instance_type(value):
        raise RefusedError("an instance type that AWS has, such as t4g.nano", aws_names.suggest_instance_type(value))


# IDs and ARNs
VpcId = Annotated[pulumi.Input[str], _id_check("vpc", "a VPC")]
SubnetId = Annotated[pulumi.Input[str], _id_check("subnet", "a subnet")]
SubnetIds = pulumi.Input[Annotated[Sequence[SubnetId], Sized(1, LAMBDA_SUBNETS)]]
RouteTableId = Annotated[pulumi.Input[str], _id_check("rtb", "a route table")]
SecurityGroupId = Annotated[pulumi.Input[str], _id_check("sg", "a security group")]
SecurityGroupIds = Annotated[Mapping[str, SecurityGroupId], DISTINCT]
PrefixListId = Annotated[pulumi.Input[str], _id_check("pl", "a prefix list")]
PrefixListIds = Annotated[Mapping[str, PrefixListId], DISTINCT]
VpcEndpointId = Annotated[pulumi.Input[str], _id_check("vpce", "a VPC endpoint")]
ImageId = Annotated[pulumi.Input[str], _id_check("ami", "a machine image")]
HostedZoneId = Annotated[
    pulumi.Input[str], _matching_aws(r"Z[A-Z0-9]{5,31}", "the id of a Route 53 zone, which begins with Z")
]
HealthCheckId = Annotated[
    pulumi.Input[str], _matching_aws(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "the ID of a Route 53 health check")
]
VpcLinkId = Annotated[
    pulumi.Input[str], _matching_aws(r"[a-z0-9]{6,12}", "the ID of a VPC link of the second version, such as a1b2c3")
]
AccountId = Annotated[
    str,
    matching(r"\d{12}", "the id of an AWS account, 12 digits", "quote it: YAML reads leading zeros as another number"),
]
CertificateArn = Annotated[
    pulumi.Input[str],
    _arn_check("acm", "arn:aws:acm:eu-west-1:111122223333:certificate/…"),
    Located("certificate"),
]
UserPoolArn = Annotated[
    pulumi.Input[str],
    _matching_aws(
        r"arn:aws[a-z-]*:cognito-idp:([a-z0-9-]+):\d{12}:userpool/\1_[A-Za-z0-9]+",
        "an ARN such as arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a1B2c3D4e",
        "the ID of a pool begins with the region of its ARN",
    ),
    Located("pool"),
]
KeyArn = Annotated[
    pulumi.Input[str],
    Check(
        _check_key,
        "the ARN of a KMS key",
    ),
    Located("key"),
]
TopicArn = Annotated[
    pulumi.Input[str],
    Check(partial(aws_permissions.check_arn, "topic"), "the ARN of an SNS topic", outputs=False),
    Located("topic"),
]
PolicyArn = Annotated[
    pulumi.Input[str],
    _matching_aws(
        r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+",
        "an ARN such as arn:aws:iam::aws:policy/AmazonPollyReadOnlyAccess",
    ),
    Located("policy"),
]
PolicyArns = Annotated[Mapping[str, PolicyArn], DISTINCT]
ListenerArn = Annotated[
    pulumi.Input[str],
    _matching_aws(
        r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener/(app|net)/[A-Za-z0-9-]+/[0-9a-f]+/[0-9a-f]+",
        "the ARN of a listener of an ALB or NLB,"
        " arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051",
    ),
    Located("listener"),
]
FunctionArn = Annotated[
    str,
    _matching_aws(
        r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?",
        "an ARN such as arn:aws:lambda:eu-west-1:111122223333:function:greeter",
    ),
    Located("function"),
]
FunctionName = Annotated[pulumi.Input[str], Located("function")]
InvokeArn = Annotated[pulumi.Input[str], Located("invoke")]
LayerArn = Annotated[
    pulumi.Input[str],
    _matching_aws(
        r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]+:\d+",
        "the ARN of a layer's version, arn:aws:lambda:eu-west-1:111122223333:layer:tools:3",
        "`aws lambda list-layer-versions --layer-name …` lists them",
    ),
    Located("layer"),
]
Layers = Annotated[Sequence[LayerArn], Sized(0, LAMBDA_LAYERS)]
SecretReference = Annotated[
    pulumi.Input[str],
    Check(_check_secret_reference, "the ARN of a Secrets Manager secret or of an SSM parameter"),
    SECRET,
    Located("secret"),
]

# Names of AWS
BucketName = Annotated[
    pulumi.Input[str], matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of an S3 bucket, not its ARN or URL")
]
ZoneName = Annotated[
    str,
    matching(r"[a-z]{2,4}(-[a-z]+)+-\d[a-z]", "the name of a zone such as eu-west-1a"),
    Located("zone", foreign_resources.parse_zone),
]
ZoneNames = Annotated[Sequence[ZoneName], Sized(min(ZONES), max(ZONES))]
ServiceName = Annotated[
    str, matching(r"[a-z0-9]+([.-][a-z0-9]+)*", "the short name of an AWS service, such as ecr.api or logs")
]
S3Version = Annotated[pulumi.Input[str], matching(r"[A-Za-z0-9._-]{1,1024}", "the version ID of an S3 object")]
S3Object = Annotated[pulumi.Input[str], matching(r"s3://[a-z0-9.-]{3,63}/.+", "s3://bucket/key")]
RuntimeName = Annotated[str, Check(_check_runtime, _RUNTIME)]
HandlerName = Annotated[
    str, matching(r"[\w./:-]+", "module and function, such as handler.handler, or index.handler of Node")
]
InstanceType = Annotated[str, Check(_check_instance_type, "an EC2 instance type such as t4g.nano")]
Image = Annotated[
    pulumi.Input[str],
    Check(container_image.parse, "an image such as nginx:1.29, one in ECR, or s3://bucket/key.tar.gz", outputs=False),
    Located("registry", foreign_resources.parse_image),
]
EcrImage = Annotated[
    pulumi.Input[str],
    Check(
        container_image.check_ecr,
        "an image in Amazon ECR, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1",
        outputs=False,
    ),
    Located("image", foreign_resources.parse_image),
]

# Names of the user
NAME: Final = r"[a-z][a-zA-Z0-9-]{0,31}"
NAME_WORDS: Final = "a name of at most 32 letters, digits and hyphens that begins with a small letter"
Name = Annotated[str, matching(NAME, NAME_WORDS)]
AuthorizationName = Annotated[
    str,
    matching(NAME, f"none, iam, or {NAME_WORDS}", "iam is AWS_IAM; of `authorizers`, write the name that it has there"),
]
EnvironmentName = Annotated[str, matching(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")]
HeaderName = Annotated[str, matching(r"[A-Za-z0-9._-]+", "the name of a header: letters, digits, . _ and -")]
CorsHeader = Annotated[str, matching(r"\*|[A-Za-z0-9._-]+", "the name of a header, or *")]
RuleId = Annotated[str, matching(r"[A-Z]+-\d+", "the id of a rule, such as LOG-03")]
NotEmpty = Annotated[str, Sized(1)]
Script = Annotated[pulumi.Input[str], SECRET, Sized(1)]
Command = Annotated[Sequence[Annotated[pulumi.Input[str], SECRET]], REPEATABLE]

# Who issues tokens, and for what
Scope = Annotated[
    str,
    # https://www.rfc-editor.org/rfc/rfc6749#section-3.3: a token has its scopes in one text, with spaces between them.
    matching(r"[\x21\x23-\x5b\x5d-\x7e]+", "one OAuth scope, without spaces", "write each scope as its own list entry"),
]
_ISSUER: Final = "the `iss` claim of the tokens: an https:// URL without query"
_DISCOVERY: Final = "/.well-known/openid-configuration"
_AMAZON: Final = r"amazonaws\.com(\.cn)?"
_COGNITO: Final = "Cognito's is https://cognito-idp.REGION.amazonaws.com/POOL_ID, without a slash at the end"


def _check_issuer(value: str) -> None:
    """The authorizer compares the claim letter by letter, so a slash at the end counts."""
    if not re.fullmatch(r"https://[^\s?#]+", value):
        raise RefusedError(_ISSUER)
    bare = value.rstrip("/")
    try:
        host = urlsplit(value).hostname or ""
    except ValueError:
        raise RefusedError(_ISSUER, "what is in brackets is no IPv6 address") from None
    if bare.endswith(_DISCOVERY):
        raise RefusedError(_ISSUER, f"open {bare}, and write its `issuer`")
    if host.endswith(".auth0.com") and value != f"{bare}/":
        raise RefusedError(_ISSUER, f"Auth0's ends with a slash: {bare}/")
    if _is_private_host(host):
        remedy = "publish its discovery page and keys, or check tokens in the backend or with kind: lambda"
        raise RefusedError(f"{_ISSUER}, which API Gateway reads over the internet; {host} is private", remedy)
    if host.endswith(".amazoncognito.com"):
        raise RefusedError(_ISSUER, f"{host} is where people sign in; {_COGNITO}")
    pool = rf"https://cognito-idp\.([a-z0-9-]+)\.{_AMAZON}/\1_[A-Za-z0-9]+"
    if re.match(rf"cognito-idp\..*{_AMAZON}$", host) and not re.fullmatch(pool, value):
        raise RefusedError(_ISSUER, _COGNITO)


def _is_private_host(host: str) -> bool:
    """Whether a host is in private networks only, as far as it shows."""
    if (address := private_addresses.parse_address(host)) is not None:
        return address.is_multicast or not address.is_global
    return private_addresses.is_this_machine(host) or is_private_name(host) is True


Issuer = Annotated[pulumi.Input[str], Check(_check_issuer, _ISSUER)]
AccessLogVariable = Annotated[str, Check(access_log_variables.check_access_log_variable, access_log_variables.WORDS)]

"""AWS resources that a program may be allowed to call: ARN, words for what it may do, and the endpoint that it calls.

Each word stands for actions of the service authorization reference, on one resource and its parts.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

GATEWAY_ENDPOINTS: Final = ("s3", "dynamodb")
"""Services whose endpoints are free routes. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"""

_REGION: Final = "{region}"
_OWN: Final = "{region}:{account}"
_ARN: Final = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12})?:(.+)")
_DECRYPT: Final = "Decrypt"
_ENCRYPT: Final = "Decrypt GenerateDataKey"
_TABLE_KEY: Final = "Decrypt DescribeKey"


@dataclass(frozen=True)
class Kind:
    """A kind of resource."""

    service: str
    """The service in ARNs and actions."""
    place: str
    """Region and account in its ARN, as far as it has them."""
    resource: str
    """The last part of the ARN, with `{name}`."""
    name: str
    """A pattern of the name."""
    form: str
    """The pattern in words."""
    words: Mapping[str, Mapping[str, str]]
    """The actions of each word by the part of the resource: empty for the resource itself."""
    endpoint: str
    """Short name of the service's VPC endpoint."""
    key_actions: Mapping[str, str] = field(default_factory=dict)
    """By word, what the service does with the customer-managed key of the resource in the caller's name.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    endpoint_of_word: Mapping[str, str] = field(default_factory=dict)
    """By word, the VPC endpoint of its calls if it is another one."""

    @property
    def actions(self) -> dict[str, set[str]]:
        """The actions of each word, on all parts of the resource."""
        return {word: set(" ".join(by_part.values()).split()) for word, by_part in self.words.items()}

    def list_endpoints(self, words: Iterable[str]) -> list[str]:
        """Returns the VPC endpoints that these words need."""
        return [*dict.fromkeys(self.endpoint_of_word.get(word, self.endpoint) for word in words)]


_QUEUE: Final = "GetQueueUrl GetQueueAttributes"
_INVOKE: Final = "InvokeModel InvokeModelWithResponseStream"
_MODEL: Final = r"[a-z0-9-]+\.[A-Za-z0-9.:-]+"
# https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
_OF_PROFILES: Final = r"(?:apac|au|ca|eu|global|jp|us|us-gov)\."
_PATH: Final = r"/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*"

# The keys are `PermissionKind` of components/arguments/words.py, the words are `PermissionWord`.
KINDS: Final[Mapping[str, Kind]] = {
    "table": Kind(
        "dynamodb",
        _OWN,
        "table/{name}",
        r"[A-Za-z0-9_.-]{3,255}",
        "3 to 255 letters, digits, `_`, `.` and `-`",
        {
            "read": {
                "": "BatchGetItem ConditionCheckItem DescribeTable GetItem PartiQLSelect Query Scan",
                "/index/*": "PartiQLSelect Query Scan",
            },
            "write": {
                "": "BatchWriteItem DeleteItem DescribeTable PartiQLDelete PartiQLInsert PartiQLUpdate PutItem "
                "UpdateItem"
            },
        },
        "dynamodb",
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
        {"read": _TABLE_KEY, "write": f"{_TABLE_KEY} Encrypt GenerateDataKey ReEncryptFrom ReEncryptTo"},
    ),
    "bucket": Kind(
        "s3",
        ":",
        "{name}",
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "3 to 63 small letters, digits, `.` and `-`, with a letter or a digit at both ends",
        {
            "list": {"": "ListBucket"},
            "read": {"/*": "GetObject"},
            "write": {"/*": "AbortMultipartUpload PutObject"},
            "delete": {"/*": "DeleteObject"},
        },
        "s3",
        {"read": _DECRYPT, "write": _ENCRYPT},
    ),
    "queue": Kind(
        "sqs",
        _OWN,
        "{name}",
        r"[A-Za-z0-9_-]{1,75}(?:\.fifo)?|[A-Za-z0-9_-]{76,80}",
        "1 to 80 letters, digits, `_` and `-`, a FIFO queue with `.fifo` at the end",
        {
            "send": {"": f"{_QUEUE} SendMessage"},
            "consume": {"": f"ChangeMessageVisibility DeleteMessage {_QUEUE} ReceiveMessage"},
        },
        "sqs",
        {"send": _ENCRYPT, "consume": _DECRYPT},
    ),
    "topic": Kind(
        "sns",
        _OWN,
        "{name}",
        r"[A-Za-z0-9_-]{1,251}(?:\.fifo)?",
        "1 to 251 letters, digits, `_` and `-`, a FIFO topic with `.fifo` at the end",
        {"publish": {"": "Publish"}},
        "sns",
        {"publish": _ENCRYPT},
    ),
    "key": Kind(
        "kms",
        _OWN,
        "key/{name}",
        r"(?:mrk-)?[0-9a-f-]{32,36}",
        "32 to 36 hexadecimal digits and hyphens, after `mrk-` of a multi-Region key",
        {
            "encrypt": {"": "Encrypt GenerateDataKey"},
            "decrypt": {"": "Decrypt"},
            "sign": {"": "Sign"},
            "verify": {"": "GetPublicKey Verify"},
        },
        "kms",
    ),
    "secret": Kind(
        "secretsmanager",
        _OWN,
        # AWS adds a hyphen and six characters. An ARN has them already.
        "secret:{name}-??????",
        r"[A-Za-z0-9/_+=.@-]{1,512}",
        "1 to 512 letters, digits and `/_+=.@-`",
        {"read": {"": "DescribeSecret GetSecretValue"}, "write": {"": "PutSecretValue"}},
        "secretsmanager",
        {"read": _DECRYPT, "write": _ENCRYPT},
    ),
    "parameter": Kind(
        "ssm",
        _OWN,
        "parameter/{name}",
        _PATH,
        "parts of letters, digits, `_`, `.` and `-`, with `/` between them",
        {"read": {"": "GetParameter GetParameters"}, "write": {"": "PutParameter"}},
        "ssm",
        {"read": _DECRYPT, "write": "Encrypt GenerateDataKey"},
    ),
    "model": Kind(
        "bedrock",
        f"{_REGION}:",
        "foundation-model/{name}",
        # The ID of a profile names no model.
        f"(?!{_OF_PROFILES}){_MODEL}",
        "the ID of a model with its provider, without the prefix of an inference profile",
        {"invoke": {"": _INVOKE}},
        "bedrock-runtime",
    ),
    "inference-profile": Kind(
        "bedrock",
        _OWN,
        "inference-profile/{name}",
        rf"[a-z-]+\.{_MODEL}",
        "a prefix such as `eu`, and the ID of a model with its provider",
        {"invoke": {"": _INVOKE}},
        "bedrock-runtime",
    ),
    "event-bus": Kind(
        "events",
        _OWN,
        "event-bus/{name}",
        r"[A-Za-z0-9/_.-]{1,256}",
        "1 to 256 letters, digits, `/`, `_`, `.` and `-`",
        {"send": {"": "PutEvents"}},
        "events",
    ),
    "function": Kind(
        "lambda",
        _OWN,
        "function:{name}",
        # An alias or a version needs an ARN of its own: a policy on the function itself allows neither.
        # https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
        r"[A-Za-z0-9_-]{1,64}(?::(?:[A-Za-z0-9_-]{1,128}|\$LATEST))?",
        "1 to 64 letters, digits, `_` and `-`, and an alias or a version after `:`",
        {"invoke": {"": "InvokeFunction"}},
        "lambda",
    ),
    "state-machine": Kind(
        "states",
        _OWN,
        "stateMachine:{name}",
        r"[A-Za-z0-9_-]{1,80}",
        "1 to 80 letters, digits, `_` and `-`",
        {"start": {"": "StartExecution"}, "run": {"": "StartSyncExecution"}},
        "states",
        # https://docs.aws.amazon.com/step-functions/latest/dg/vpc-endpoints.html
        endpoint_of_word={"run": "sync-states"},
    ),
}


@dataclass(frozen=True)
class Place:
    """Where a stack is deployed."""

    partition: str
    region: str
    account: str


def check_name(kind: str, name: str) -> None:
    """Raises ValueError for text that is neither a name nor an ARN of the kind, with one resource."""
    if name.startswith("arn:"):
        check_arn(kind, name)
    elif not re.fullmatch(KINDS[kind].name, name):
        raise ValueError(
            f"the name or the ARN of one {kind}, such as {_example_arn(kind)}; a name is {KINDS[kind].form}"
        )


def check_arn(kind: str, arn: str) -> None:
    """Raises ValueError for text that is not the whole ARN of one resource of the kind, as IAM compares it."""
    known, parts = KINDS[kind], _ARN.fullmatch(arn)
    if parts is None or parts[2] != known.service or not re.fullmatch(_arn_pattern(kind), parts[5]):
        raise ValueError(f"the ARN of a {kind}, such as {_example_arn(kind)}")
    has = parts[3] != "", parts[4] is not None
    if has != (_REGION in known.place, "{account}" in known.place):
        raise ValueError(f"an ARN with the region and account of a {kind}, such as {_example_arn(kind)}")


def check_secret(arn: str) -> None:
    """Raises ValueError for text that is not the ARN of a secret or of a parameter.

    The ARN of a secret may have a JSON key, a stage and a version at its end. ECS and the SDKs take more: a secret's
    ARN without the six characters that AWS adds, and a parameter's with two slashes or a version. IAM compares whole
    ARNs, so that a role with one of these may read nothing.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
    """
    kind = {"secretsmanager": "secret", "ssm": "parameter"}.get([*arn.split(":"), "", "", ""][2])
    if kind is None:
        raise ValueError("the ARN of a Secrets Manager secret or of an SSM parameter")
    check_arn(kind, strip_secret_arn(arn) if kind == "secret" else arn)
    if kind == "parameter" and ":parameter/aws/reference/" in arn:
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
        raise ValueError("the ARN of the secret itself: reading it through a parameter needs permission for both")


def strip_secret_arn(arn: str) -> str:
    """The ARN of a secret without the JSON key, stage and version that `valueFrom` of ECS may add to it.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    """
    return ":".join(arn.split(":")[:7])


def parse_arn_region(name: str) -> str:
    """The region that an ARN names; empty for a name, which stands for the stack's own."""
    match = _ARN.fullmatch(name)
    return match[3] if match else ""


def build_resource_part(kind: str, name: str) -> str:
    """The end of a resource's ARN. Of a parameter, whose name may begin with a slash, it has one."""
    return KINDS[kind].resource.format(name=name.removeprefix("/") if kind == "parameter" else name)


def build_arn(kind: str, name: str, place: Place) -> str:
    """Returns the ARN of a resource, by its name or its ARN."""
    known, end = KINDS[kind], build_resource_part(kind, name)
    where = known.place.format(region=place.region, account=place.account)
    return name if name.startswith("arn:") else f"arn:{place.partition}:{known.service}:{where}:{end}"


def build_statements(
    kind: str, name: str, words: Sequence[str], kms_key: str, place: Place
) -> Iterator[dict[str, Any]]:
    """Yields statements that allow the words' actions on the resource, and on nothing else."""
    known, resource = KINDS[kind], build_arn(kind, name, place)
    by_part: dict[str, set[str]] = {}
    for word in words:
        for part, actions in known.words[word].items():
            by_part.setdefault(part, set()).update(actions.split())
    for part, found in sorted(by_part.items()):
        yield _allow(known.service, found, resource + part)
    if kind == "inference-profile":
        # AWS runs the model in a region that it chooses, with the caller's permission on the model there.
        # https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
        model = resource.rpartition("/")[2].partition(".")[2]
        everywhere = f"arn:{resource.split(':')[1]}:bedrock:*::foundation-model/{model}"
        through = {"StringEquals": {"bedrock:InferenceProfileArn": resource}}
        yield _allow("bedrock", set(_INVOKE.split()), everywhere) | {"Condition": through}
    wanted = {action for word in words for action in known.key_actions.get(word, "").split()}
    if kms_key and wanted:
        # A bucket's ARN has no region, and its key is in the bucket's region. In China the name ends in `.cn`.
        region = parse_arn_region(resource) or parse_arn_region(kms_key) or place.region
        via = f"{known.service}.{region}.amazonaws.com*"
        only = {"StringLike": {"kms:ViaService": via}}
        yield _allow("kms", wanted, build_arn("key", kms_key, place)) | {"Condition": only}


def _allow(service: str, actions: set[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [f"{service}:{action}" for action in sorted(actions)], "Resource": resource}


def _arn_pattern(kind: str) -> str:
    """A pattern of an ARN's last part."""
    resource = KINDS[kind].resource.removesuffix("-??????").replace("{name}", "@")
    name = KINDS[kind].name + ("-[A-Za-z0-9]{6}" if kind == "secret" else "")
    if kind == "parameter":
        # The name may begin with a slash, which is the one that the ARN has anyway.
        name = name.removeprefix("/?")
    return re.escape(resource).replace("@", f"(?:{name})")


def _example_arn(kind: str) -> str:
    names = {
        "model": "amazon.nova-lite-v1:0",
        "inference-profile": "eu.amazon.nova-lite-v1:0",
        "key": "1234abcd-12ab-34cd-56ef-1234567890ab",
    }
    own = build_arn(kind, names.get(kind, "orders"), Place("aws", "eu-west-1", "111122223333"))
    return own.replace("??????", "a1B2c3")

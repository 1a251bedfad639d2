"""What `permissions` grants is what AWS's policy evaluator lets pass, and nothing else."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final, get_args

import botocore.loaders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import ApiFunction, Ec2Backend, FargateBackend, PrivateNetwork
from components.arguments.words import PermissionKind, PermissionWord
from components.facts.aws_permissions import KINDS, Place, build_arn, build_statements, check_name
from components.facts.endpoint_services import is_service
from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.helpers.declare import ProgramError, declare, one
from tests.helpers.policies import Decision, allows
from tests.helpers.stacks import ROOT
from tests.oracle.rights import parse_arn

PLACE: Final = Place("aws", "eu-west-1", "111122223333")
OTHER_PLACES: Final = (
    Place("aws", "eu-west-2", "111122223333"),
    Place("aws", "eu-west-1", "444455556666"),
    Place("aws-cn", "eu-west-1", "111122223333"),
)
KEY: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
LIKE: Final = ("orders", "orders-archive", "order", "my-orders")
NAMES: Final = {
    "key": (KEY, "1234abcd-12ab-34cd-56ef-1234567890ac", f"mrk-{KEY.replace('-', '')}"),
    "function": (*LIKE, "orders:live", "orders:7", "orders:$LATEST"),
    "model": ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1", "amazon.nova-pro-v1:0"),
    "inference-profile": ("eu.amazon.nova-lite-v1:0", "us.amazon.nova-lite-v1:0", "eu.amazon.nova-pro-v1:0"),
}
EVERY_ACTION: Final = sorted(
    {
        (kind, f"{known.service}:{action}")
        for kind, known in KINDS.items()
        for parts in known.words.values()
        for actions in parts.values()
        for action in [*actions.split(), "DeleteEverything", "PutResourcePolicy"]
    }
)
# Places inside a resource, by kind: those that some word reaches, and others.
PARTS: Final = {
    "table": ("", "/index/by-day", "/stream/2026", "/backup/1"),
    "bucket": ("", "/a", "/a/b"),
    "secret": ("",),
}


def whole(kind: str, name: str, place: Place) -> str:
    """The ARN as AWS sends it: of a secret with its six characters."""
    return build_arn(kind, name, place).replace("??????", "a1B2c3")


def requests(kind: str) -> Iterator[tuple[str, str, str, str]]:
    """Each action on each resource of a kind: name, part and ARN."""
    actions = [action for of, action in EVERY_ACTION if of == kind]
    for name, place in itertools.product(NAMES.get(kind, LIKE), (PLACE, *OTHER_PLACES)):
        for part, action in itertools.product(PARTS.get(kind, ("",)), actions):
            # S3's ARNs have neither region nor account.
            near = place == PLACE or whole(kind, name, place) == whole(kind, name, PLACE)
            yield action, name if near else "", part, whole(kind, name, place) + part


def meant(kind: str, words: list[str], action: str, part: str) -> bool:
    found = [actions for word in words for at, actions in KINDS[kind].words[word].items() if fits(at, part)]
    return any(action.partition(":")[2] in actions.split() for actions in found)


def fits(written: str, part: str) -> bool:
    return part.startswith(written.removesuffix("*")) and part != "" if written.endswith("*") else part == written


@st.composite
def permissions(draw: st.DrawFn) -> dict[str, tuple[str, str, list[str]]]:
    found: dict[str, tuple[str, str, list[str]]] = {}
    for kind in draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4)):
        name = draw(st.sampled_from(NAMES.get(kind, LIKE)))
        given_as = draw(st.sampled_from((name, whole(kind, name, PLACE))))
        words = draw(st.lists(st.sampled_from(sorted(KINDS[kind].words)), min_size=1, unique=True))
        found.setdefault(f"{kind} {name}", (kind, given_as, words))
    return found


@given(permissions())
def test_the_evaluator_lets_exactly_the_named_pass(drawn: dict[str, tuple[str, str, list[str]]]) -> None:
    policy = {"Statement": [statement for entry in drawn.values() for statement in build_statements(*entry, "", PLACE)]}
    for kind in {"table", "bucket", *(kind for kind, *_ in drawn.values())}:
        for action, name, part, resource in requests(kind):
            _, _, words = drawn.get(f"{kind} {name}", (kind, "", []))
            expected = Decision.ALLOW if meant(kind, words, action, part) else Decision.SILENT
            assert allows(policy, action=action, resource=resource) is expected, (action, resource, drawn)


# Actions that AWS names otherwise than their operations, by the service authorization reference.
ACTIONS_ONLY: Final = {
    "dynamodb": {"ConditionCheckItem", "PartiQLDelete", "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate"},
    "s3": {"ListBucket"},
    "kms": {"ReEncryptFrom", "ReEncryptTo"},
    "lambda": {"InvokeFunction"},
}
SDK_NAMES: Final = {"bedrock": "bedrock-runtime", "states": "stepfunctions"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_action_is_one_of_aws_and_of_its_word_alone(kind: str) -> None:
    def operations(service: str) -> set[str]:
        model = botocore.loaders.Loader().load_service_model(SDK_NAMES.get(service, service), "service-2")
        return {*model["operations"], *ACTIONS_ONLY.get(service, ())}

    known = KINDS[kind]
    for word, parts in known.words.items():
        actions = " ".join(parts.values())
        assert {*actions.split()} <= operations(known.service)
        assert not re.search(NEVER[word], actions), word
    assert {action for actions in known.key_actions.values() for action in actions.split()} <= operations("kms")
    assert known.key_actions.keys() | known.endpoint_of_word.keys() <= known.words.keys()
    assert all(map(is_service, known.list_endpoints(known.words)))
    # No statement is about everything.
    name = NAMES.get(kind, LIKE)[0]
    for statement in build_statements(kind, name, sorted(known.words), KEY, PLACE):
        own = name.partition(".")[2] if "foundation-model" in statement["Resource"] else name
        assert own in statement["Resource"] or KEY in statement["Resource"]
        assert all("*" not in action for action in statement["Action"])
    # An ARN names what its name names.
    for named_so in NAMES.get(kind, LIKE):
        check_name(kind, named_so)
        check_name(kind, whole(kind, named_so, PLACE))
        found = parse_arn(build_arn(kind, named_so, PLACE))
        assert found is not None
        assert (found.kind, found.name) == (kind, named_so)


NEVER: Final = {
    "read": r"Put|Delete|Update|Insert|Write|Create|Send|List",
    "list": r"Get|Put|Delete|Create",
    "write": r"Get|Query|Scan|Select|Create|DeleteTable|Policy",
    "delete": r"Put|Get|Bucket|Policy",
    "send": r"Receive|Delete|Purge|Policy|Set",
    "consume": r"Send|Purge|Policy|Set",
    "publish": r"Subscribe|Create|Delete|Policy|Set",
    "encrypt": r"Decrypt|Sign|Policy|Grant|Schedule",
    "decrypt": r"Encrypt|Generate|Sign|Policy|Grant",
    "sign": r"Encrypt|Decrypt|Generate|Verify|Policy",
    "verify": r"Sign|Encrypt|Decrypt|Policy",
    "invoke": r"Create|Update|Delete|Policy|Add",
    "start": r"Stop|Create|Update|Delete|Sync",
    "run": r"Stop|Create|Update|Delete|StartExecution",
}


def test_a_model_of_an_inference_profile_is_invoked_only_through_the_profile() -> None:
    policy = {"Statement": [*build_statements("inference-profile", "eu.amazon.nova-lite-v1:0", ["invoke"], "", PLACE)]}
    model = "arn:aws:bedrock:eu-north-1::foundation-model/amazon.nova-lite-v1:0"

    def decided(resource: str, profile: str | None) -> Decision:
        context = {} if profile is None else {"bedrock:InferenceProfileArn": profile}
        return allows(policy, action="bedrock:InvokeModel", resource=resource, context=context)

    own = "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0"
    assert decided(model, own) is Decision.ALLOW
    assert decided(model, None) is Decision.SILENT
    assert decided(model, own.replace("eu.", "us.")) is Decision.SILENT
    assert decided(model.replace("lite", "pro"), own) is Decision.SILENT


@pytest.mark.parametrize(
    ("kind", "word", "region", "actions"),
    [
        ("queue", "send", "eu-west-1", {"Decrypt", "GenerateDataKey"}),
        ("queue", "consume", "eu-west-1", {"Decrypt"}),
        ("bucket", "read", "eu-west-1", {"Decrypt"}),
        ("bucket", "list", "eu-west-1", set()),
        ("parameter", "write", "eu-west-1", {"Encrypt", "GenerateDataKey"}),
        # The key of a bucket is used in the region of the key.
        ("bucket", "read", "us-east-1", {"Decrypt"}),
    ],
)
def test_the_key_of_a_resource_is_used_only_through_its_service(
    kind: str, word: str, region: str, actions: set[str]
) -> None:
    key = build_arn("key", KEY, Place("aws", region, "111122223333"))
    policy = {"Statement": [*build_statements(kind, "orders", [word], key, PLACE)]}

    def allowed(key: str, via: str | None) -> set[str]:
        context = {} if via is None else {"kms:ViaService": via}
        asked = ("Decrypt", "Encrypt", "GenerateDataKey", "ScheduleKeyDeletion")
        decided = {one: allows(policy, action=f"kms:{one}", resource=key, context=context) for one in asked}
        return {one for one, decision in decided.items() if decision is Decision.ALLOW}

    via = f"{KINDS[kind].service}.{region}.amazonaws.com"
    assert allowed(key, via) == actions
    assert allowed(key, None) == allowed(key[:-1] + "c", via) == allowed(key, via.replace(region, "eu-west-2")) == set()


NO_NAMES = """
table *
table arn:aws:dynamodb:eu-west-1:111122223333:table/*
table arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/*
table arn:aws:sqs:eu-west-1:111122223333:orders
table arn:aws:dynamodb:*:111122223333:table/orders
table arn:aws:dynamodb:::table/orders
bucket arn:aws:s3:::orders/*
bucket arn:aws:s3:eu-west-1::orders
queue https://sqs.eu-west-1.amazonaws.com/111122223333/jobs
key alias/orders
secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders
parameter arn:aws:ssm:eu-west-1:111122223333:parameter//prod/db
model eu.*
model eu.amazon.nova-lite-v1:0
model arn:aws:bedrock:eu-west-1::foundation-model/us-gov.amazon.nova-lite-v1:0
function orders:*
function orders:live:7
"""


@pytest.mark.parametrize("line", NO_NAMES.split("\n")[1:-1])
def test_a_text_that_names_no_single_resource_is_refused(line: str) -> None:
    kind, name = line.split(" ")
    with pytest.raises(ValueError, match=f"a {kind}|one {kind}"):
        check_name(kind, name)


# --- in components

VPC: Final = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]}
TABLE: Final[dict[str, Any]] = {"kind": "table", "name": "orders", "allow": ["read"]}
QUEUE: Final[dict[str, Any]] = {"kind": "queue", "name": "jobs", "allow": ["send"]}


def declared(component: str, **args: Any) -> Graph:
    """A component that runs a program. An argument that is a function is made inside it, where outputs can be."""
    kinds: dict[str, tuple[Any, dict[str, Any]]] = {
        "ec2": (Ec2Backend, {**VPC, "image": "nginx:1.29", "egress": ["nat-instance"], "access": "none"}),
        "fargate": (FargateBackend, {**VPC, "image": "nginx:1.29", "egress": ["nat-instance"]}),
        "function": (ApiFunction, {"folder": str(ROOT / "handlers/greeter")}),
    }
    kind, own = kinds[component]
    return declare(
        lambda: kind("program", {**own, **{key: one() if callable(one) else one for key, one in args.items()}})
    )


POLICY: Final = {"ec2": "program-permissions", "fargate": "program-permissions", "function": "program-policy"}


def policy(component: str, **args: Any) -> Any:
    return json.loads(reveal(one(declared(component, **args), "RolePolicy", POLICY[component]).inputs["policy"]))


def test_kinds_and_words_of_the_arguments_are_those_of_the_table() -> None:
    assert set(get_args(PermissionKind)) == set(KINDS)
    assert set(get_args(PermissionWord)) == {word for known in KINDS.values() for word in known.words}


# --- in a network without internet access

FAR: Final = "arn:aws:dynamodb:eu-west-1:444455556666:table/orders"
CALLED: Final[dict[str, Any]] = {
    "orders": {"kind": "table", "name": FAR, "allow": ["read"]},
    "reports": {"kind": "bucket", "name": "reports", "allow": ["write"], "kms_key": KEY},
    "jobs": QUEUE,
}


def endpoints(permissions: dict[str, Any]) -> dict[str, Any]:
    """The policies of the gateway endpoints by their names."""
    graph = declare(lambda: PrivateNetwork("net", {"zones": ["eu-west-1a"], "permissions": permissions}))
    return {one.name: json.loads(reveal(one.inputs["policy"])) for one in graph if one.kind == "VpcEndpoint"}


def test_gateway_endpoints_let_exactly_these_calls_pass() -> None:
    assert endpoints({"jobs": QUEUE}) == {}
    found = endpoints(CALLED)
    assert found.keys() == {"net-s3", "net-dynamodb"}
    for action, resource, expected in (
        ("s3:PutObject", "arn:aws:s3:::reports/a", Decision.ALLOW),
        ("s3:GetObject", "arn:aws:s3:::reports/a", Decision.SILENT),
        ("s3:PutObject", "arn:aws:s3:::reports-archive/a", Decision.SILENT),
    ):
        assert allows(found["net-s3"], action=action, resource=resource) is expected
    assert allows(found["net-dynamodb"], action="dynamodb:GetItem", resource=FAR) is Decision.ALLOW
    assert allows(found["net-dynamodb"], action="dynamodb:PutItem", resource=FAR) is Decision.SILENT
    assert allows(found["net-dynamodb"], action="dynamodb:GetItem", resource=f"{FAR}-archive") is Decision.SILENT
    assert "kms:" not in json.dumps(found)


@pytest.mark.parametrize(("service", "far"), [("s3", False), ("dynamodb", True)])
def test_an_endpoint_whose_policy_would_be_too_long_is_refused(service: str, far: bool) -> None:
    kind, prefix = ("table", FAR) if far else ("bucket", "reports-of-somebody-of-the-company")
    many = {f"r{at}": {"kind": kind, "name": f"{prefix}-{at}", "allow": ["read"]} for at in range(200)}
    assert f"net-{service}" in endpoints({key: many[key] for key in [*many][:50]})
    with pytest.raises(
        ProgramError, match=rf"\d\d,\d{{3}} characters in the policy of the endpoint for {service}'; at most"
    ):
        endpoints({**many, **{f"{key}x": {**one, "name": f"{one['name']}x"} for key, one in many.items()}})


def test_a_table_of_another_account_passes_beside_one_of_the_account() -> None:
    """Both are in one statement of the role, since their actions are equal."""
    found = endpoints({"far": {**TABLE, "name": FAR}, "own": TABLE})["net-dynamodb"]
    assert allows(found, action="dynamodb:GetItem", resource=FAR) is Decision.ALLOW
    assert FAR in json.dumps(found)
    assert "table/orders/index" not in json.dumps(found).replace(FAR, "")


@pytest.mark.parametrize("kind", KINDS)
def test_the_words_for_a_name_have_the_lengths_of_its_pattern(kind: str) -> None:
    lengths = re.match(r"(\d+) to (\d+) ", KINDS[kind].form)
    for number in range(520) if lengths else ():
        least, most = map(int, lengths.groups()) if lengths else (0, 0)
        assert bool(re.fullmatch(KINDS[kind].name, "a" * number)) == (least <= number <= most), number

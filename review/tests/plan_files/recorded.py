"""What the engine printed for a small program in TypeScript: the plan of a new stack, the state, the plan of a change.

The change replaces two resources, one of them deleted first, updates two, and leaves one in AWS. States have the fields
that the engine wrote, with fewer outputs; `[secret]` stands in a plan for what a state encrypts.
"""

from collections.abc import Iterator
from typing import Any, Final

from pulumi.runtime import rpc

JSON = dict[str, Any]
_HEAD: Final = "urn:pulumi:test::small::"
_STACK: Final = f"{_HEAD}pulumi:pulumi:Stack::small-test"
_PROVIDER: Final = f"{_HEAD}pulumi:providers:aws::default_7_23_0"
_PROVIDER_ID: Final = "d00cd03f-405d-4285-8dbc-a6684e5b7ca4"
_ACCOUNT: Final = "123456789012"
_UNKNOWN: Final = rpc.UNKNOWN
_QUEUE: Final = {"region": "eu-west-1", "delaySeconds": 0, "kmsMasterKeyId": "", "visibilityTimeoutSeconds": 30}
_CONFIG: Final = {"aws:region": "eu-west-1", "small:token": "[secret]"}


def _web(description: str, cidr: str, name: str) -> JSON:
    rule = {"cidrBlocks": [cidr], "fromPort": 80, "protocol": "tcp", "toPort": 80}
    return {"description": description, "ingress": [rule], "name": name}


def _queue_id(name: str) -> str:
    return f"http://127.0.0.1:46123/{_ACCOUNT}/{name}"


# By name: type, line, ID, what the provider filled in, inputs before and after, outputs besides, and options.
_ROWS: Final[dict[str, tuple[Any, ...]]] = {
    "fixed": ("sqs/queue:Queue", "17,15", _queue_id("fixed-one"), [], {"name": "fixed-one"}, {"name": "fixed-two"},
              {**_QUEUE, "arn": f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:fixed-one"}, {}),
    "password": ("ssm/parameter:Parameter", "10,18", "password-5b89ca2", ["name"],
                 {"name": "password-5b89ca2", "type": "SecureString", "value": "[secret]"}, "as before",
                 {"arn": f"arn:aws:ssm:eu-west-1:{_ACCOUNT}:parameter/password-5b89ca2", "version": 1},
                 {"additionalSecretOutputs": ["value", "valueWo"]}),
    "log": ("cloudwatch/logGroup:LogGroup", "16,13", "log-9b00f95", ["name"],
            {"name": "log-9b00f95", "retentionInDays": 7}, "as before",
            {"arn": f"arn:aws:logs:eu-west-1:{_ACCOUNT}:log-group:log-9b00f95", "skipDestroy": False},
            {"ignoreChanges": ["retentionInDays"]}),
    "web": ("ec2/securityGroup:SecurityGroup", "6,15", "sg-9dc65d8a5ae58cc7c", ["name"],
            _web("Web", "10.0.0.0/8", "web-5a7253e"), _web("Web, second", "0.0.0.0/0", "web-e54c6bb"),
            {"arn": f"arn:aws:ec2:eu-west-1:{_ACCOUNT}:security-group/sg-9dc65d8a5ae58cc7c", "ownerId": _ACCOUNT}, {}),
    "queue": ("sqs/queue:Queue", "14,15", _queue_id("queue-f9ffaae"), ["name"],
              {"name": "queue-f9ffaae", "tags": {"a.b": "1"}, "visibilityTimeoutSeconds": 30},
              {"name": "queue-f9ffaae", "tags": {"a.b": "2"}, "visibilityTimeoutSeconds": 60},
              {**_QUEUE, "arn": f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:queue-f9ffaae", "tagsAll": {"a.b": "1"}},
              {"protect": True}),
    "kept": ("sqs/queue:Queue", "15,35", _queue_id("kept-7741189"), ["name"], {"name": "kept-7741189"}, None,
             {**_QUEUE, "arn": f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:kept-7741189"}, {"retainOnDelete": True}),
}  # fmt: skip


def _base(name: str) -> JSON:
    kind, place, _, _, inputs, _, _, options = _ROWS[name]
    position = f"project:///index.ts#{place}"
    return {
        "urn": f"{_HEAD}aws:{kind}::{name}", "custom": True, "type": f"aws:{kind}", "parent": _STACK,
        "provider": f"{_PROVIDER}::{_PROVIDER_ID}", "propertyDependencies": {key: [] for key in inputs},
        "sourcePosition": position, "stackTrace": [{"sourcePosition": position}, {}], **options,
    }  # fmt: skip


def _old(name: str) -> JSON:
    _, _, identity, filled, inputs, _, outputs, _ = _ROWS[name]
    known = {"__meta": "{}", "id": identity, **outputs, **inputs}
    return {**_base(name), "id": identity, "inputs": {"__defaults": filled, **inputs}, "outputs": known}


def _new(name: str) -> JSON:
    _, _, _, filled, before, after, _, _ = _ROWS[name]
    return {**_base(name), "inputs": {"__defaults": filled, **(before if after == "as before" else after)}}


def _topic() -> JSON:
    arn = f"arn:aws:sns:eu-west-1:{_ACCOUNT}:existing"
    frames = [{"sourcePosition": "project:///../node_modules/@pulumi/sns/topic.ts#102,16"},
              {"sourcePosition": "project:///index.ts#5,32"}]  # fmt: skip
    return {
        "urn": f"{_HEAD}aws:sns/topic:Topic::existing", "custom": True, "id": arn, "type": "aws:sns/topic:Topic",
        "parent": _STACK, "external": True, "provider": f"{_PROVIDER}::{_PROVIDER_ID}", "stackTrace": frames,
        "outputs": {"__meta": "{}", "arn": arn, "displayName": "", "id": arn, "kmsMasterKeyId": "", "name": "existing"},
    }  # fmt: skip


def _root(secret: Any) -> JSON:
    outputs = {"queueUrl": _queue_id("queue-f9ffaae"), "secretValue": secret}
    return {"urn": _STACK, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": outputs}


def _without_outputs(state: JSON) -> JSON:
    return {key: value for key, value in state.items() if key != "outputs"}


def state() -> JSON:
    """What `pulumi stack export` prints."""
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "ciphertext": "v1:scrubbed"}
    region = {"region": "eu-west-1", "version": "7.23.0"}
    provider = {"urn": _PROVIDER, "custom": True, "id": _PROVIDER_ID, "type": "pulumi:providers:aws",
                "inputs": {"__internal": {}, **region}, "outputs": region}  # fmt: skip
    states = [_root(secret), provider, _topic(), *map(_old, _ROWS)]
    for one in states:
        for bag in ("inputs", "outputs"):
            if one.get(bag, {}).get("value") == "[secret]":
                one[bag] = {**one[bag], "value": secret}
    return {"version": 3, "deployment": {"manifest": {}, "resources": states}}


def new() -> JSON:
    """What a preview of the new stack prints."""
    made = [_without_outputs(_root("")), *(_without_outputs({**_old(name), "id": ""}) for name in _ROWS)]
    steps = [{"op": "create", "urn": one["urn"], "newState": one, "detailedDiff": None} for one in made]
    steps.append({"op": "read", "urn": _topic()["urn"], "newState": _without_outputs(_topic())})
    return {"config": _CONFIG, "steps": steps, "diagnostics": [], "changeSummary": {"create": 7}}


def plan() -> JSON:
    """What a preview of the change prints, with both flags."""
    warning = {"message": "warning: using pulumi-resource-aws from $PATH\n", "severity": "warning"}
    summary = {"delete": 1, "replace": 2, "same": 2, "update": 2}
    config = {**_CONFIG, "small:second": "true"}
    return {"config": config, "steps": [*_steps()], "diagnostics": [warning], "duration": 1, "changeSummary": summary}


def _steps() -> Iterator[JSON]:
    root = _root("[secret]")
    yield {"op": "same", "urn": _STACK, "oldState": root, "newState": _without_outputs(root), "detailedDiff": None}
    yield {"op": "read", "urn": _topic()["urn"], "oldState": _topic(), "newState": _without_outputs(_topic())}
    # One that is deleted first, and one that is made first.
    yield {"op": "delete-replaced", "urn": _old("fixed")["urn"], "oldState": _old("fixed"), "detailedDiff": None}
    for op in ("replace", "create-replacement"):
        yield _change(op, "fixed", ["name"], ["name"], ["name"], pendingReplacement=True)
    yield _change("update", "password", ["value", "version"], ["value", "version"])
    yield {"op": "same", "urn": _old("log")["urn"], "oldState": _old("log"), "newState": _new("log")}
    web: tuple[list[str], ...] = (
        ["description", "ingress"],
        ["description", "ingress[0].cidrBlocks[0]"],
        ["description"],
    )
    yield _change("create-replacement", "web", *web)
    names = ["tags.a.b", "tagsAll.a.b", "visibilityTimeoutSeconds"]
    yield _change("update", "queue", ["tags", "tagsAll", "visibilityTimeoutSeconds"], names)
    replace = _change("replace", "web", *web, delete=True)
    replace["newState"]["outputs"] = {**_ROWS["web"][5], "arn": _UNKNOWN, "id": _UNKNOWN, "vpcId": _UNKNOWN}
    yield replace
    yield {"op": "delete-replaced", "urn": _old("web")["urn"], "oldState": {**_old("web"), "delete": True}}
    yield {"op": "delete", "urn": _old("kept")["urn"], "oldState": _old("kept"), "detailedDiff": None}


def _change(op: str, name: str, reasons: list[str], differs: list[str], replaces: list[str] = [], **marks: Any) -> JSON:  # noqa: B006
    diff = {key: {"kind": "update", "inputDiff": False} for key in differs}
    told = {"diffReasons": reasons, "detailedDiff": diff, **({"replaceReasons": replaces} if replaces else {})}
    return {"op": op, "urn": _old(name)["urn"], "oldState": {**_old(name), **marks}, "newState": _new(name), **told}

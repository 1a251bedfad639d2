"""The forwarder's component: what it may reach, what it may do, its environment."""

import functools
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.facts import defaults
from components.recording.values import Secret, reveal
from components.serverless_proxy import ServerlessProxy, choose_forwarder_timeout
from components.testing.recorder import Graph
from tests.components.arguments_of_each import BASE
from tests.forwarder.test_forwarder_configuration import imported
from tests.helpers.declare import ProgramError, changed, declare, names, one, refusal
from tests.helpers.policies import Decision, allows
from tests.helpers.stacks import graph_with

ARGS: dict[str, Any] = {
    "vpc_id": "vpc-00000001",
    "subnet_ids": ["subnet-00000001", "subnet-00000002"],
    "url": "http://10.0.1.2:8080",
    "backend_security_group_id": "sg-8fe5c971",
}


def proxy(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: ServerlessProxy("proxy", changed(ARGS, changes)), known=known)


def test_one_way_out_and_none_in() -> None:
    graph = proxy()
    group = one(graph, "SecurityGroup")
    assert not {"ingress", "egress"} & group.inputs.keys()
    # Lambda's interfaces go long after the function.
    assert group.options.custom_timeouts["delete"] == "60m"
    edge = {"fromPort": 8080, "toPort": 8080, "ipProtocol": "tcp"}
    out, into = (one(graph, f"SecurityGroup{kind}Rule").inputs for kind in ("Egress", "Ingress"))
    assert out.items() >= {**edge, "securityGroupId": group.id, "referencedSecurityGroupId": "sg-8fe5c971"}.items()
    assert into.items() >= {**edge, "securityGroupId": "sg-8fe5c971", "referencedSecurityGroupId": group.id}.items()
    # The first call may come as soon as the function is there.
    waited_for = one(graph, "Function").dependencies
    assert {rule.urn for rule in graph if rule.kind.endswith("gressRule")} <= {*waited_for}
    ranges = proxy(backend_security_group_id=None, backend_cidrs=["10.0.1.2/32", "2001:db8::1/128"])
    rules = [rule.inputs for rule in ranges if rule.kind == "SecurityGroupEgressRule"]
    assert [rule.get("cidrIpv4") or rule["cidrIpv6"] for rule in rules] == ["10.0.1.2/32", "2001:db8::1/128"]
    assert not names(ranges, "SecurityGroupIngressRule")


def test_the_function_is_as_the_requirements_say() -> None:
    graph = proxy()
    function = one(graph, "Function")
    assert one(graph, "RolePolicy").urn in function.dependencies
    assert {key: value for key, value in function.inputs.items() if key not in ("code", "description", "tags")} == {
        "runtime": "python3.13",
        "handler": "handler.handler",
        "role": one(graph, "Role").state["arn"],
        "memorySize": 512,
        "timeout": 10,
        "architectures": ["arm64"],
        "environment": {
            "variables": {
                "BACKEND_URL": "http://10.0.1.2:8080",
                "TIMEOUT_SECONDS": "10",
                "FORWARD_HOST": "backend",
                "LOG_LEVEL": "INFO",
            }
        },
        "vpcConfig": {
            "subnetIds": ["subnet-00000001", "subnet-00000002"],
            "securityGroupIds": [one(graph, "SecurityGroup").id],
        },
        "loggingConfig": {
            "logFormat": "JSON",
            "logGroup": one(graph, "LogGroup").state["name"],
            "applicationLogLevel": "INFO",
            "systemLogLevel": "WARN",
        },
        "publish": False,
    }
    assert not names(graph, "Alias")
    assert choose_forwarder_timeout(None) == 10


@given(st.integers(min_value=1, max_value=300_000))
def test_the_timeout_is_never_shorter(mean: int) -> None:
    assert choose_forwarder_timeout(mean) >= max(1, 3 * mean / 1000) > choose_forwarder_timeout(mean) - 1.001


def policy(graph: Graph) -> Any:
    return json.loads(reveal(one(graph, "RolePolicy").inputs["policy"]))


def test_the_role_writes_its_own_log_and_nothing_else() -> None:
    graph = proxy()
    logs, document, interface = one(graph, "LogGroup").state["arn"], policy(graph), "ec2:CreateNetworkInterface"
    for action, resource, decision in (
        ("logs:PutLogEvents", f"{logs}:log-stream:x", Decision.ALLOW),
        ("logs:PutLogEvents", f"{logs}-other:log-stream:x", Decision.SILENT),
        ("logs:CreateLogGroup", logs, Decision.SILENT),
        ("s3:GetObject", "arn:aws:s3:::any/key", Decision.SILENT),
        (interface, "*", Decision.ALLOW),
    ):
        assert allows(document, action=action, resource=resource) is decision, action
    # Lambda makes interfaces, but the code may not.
    by_code = {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:proxy"}
    assert allows(document, action=interface, resource="*", context=by_code) is Decision.DENY


def test_a_webhooks_secret_stays_secret() -> None:
    webhook = {
        "scheme": "stripe",
        "secret": "hush-hush-hush-hush",
        "previous_secret": "older-older-older",
        "tolerance_seconds": 60,
    }
    graph = proxy(webhook=webhook)
    variables = one(graph, "Function").inputs["environment"]["variables"]
    given = one(graph, "ServerlessProxy").inputs["webhook"]
    for secret in ("secret", "previous_secret"):
        assert isinstance(variables[f"WEBHOOK_{secret.upper()}"], Secret)
        assert isinstance(given[secret], Secret)
    assert (variables["WEBHOOK_SCHEME"], variables["WEBHOOK_TOLERANCE_SECONDS"]) == ("stripe", "60")


def test_a_sender_is_described_to_the_function_and_a_key_that_is_none_is_refused_when_it_is_known() -> None:
    described = {"header": "X-S", "signed": "{timestamp}.{body}", "timestamp_header": "X-T", "algorithm": "sha512"}
    variables = one(proxy(webhook={"scheme": "hmac", "secret": "hush-hush-hush-hush", **described}), "Function").inputs[
        "environment"
    ]
    found = {name: value for name, value in variables["variables"].items() if "SECRET" not in name}
    assert found.items() >= {f"WEBHOOK_{name.upper()}": value for name, value in described.items()}.items()
    for later in LATER:
        with pytest.raises(ProgramError, match=r"webhook\.secret: .*whsec_ and a key in base64") as failed:
            declare(functools.partial(_declare_standard, later))
        assert "hush" not in str(failed.value)


def _declare_standard(later: Any) -> None:
    ServerlessProxy(
        "proxy", changed(ARGS, {"webhook": {"scheme": "standard", "secret": later("whsec_hush-hush-hush!")}})
    )


BLANK = ["", " ", "\t\n", "\u00a0"]
WITHOUT = "got (not shown); a text that is neither empty nor blank: see whether "
WITHOUT += "the key or variable it comes from is set"


LATER = [pulumi.Output.from_input, pulumi.Output.secret]


@pytest.mark.parametrize("key", ["secret", "previous_secret"])
@pytest.mark.parametrize("secret", BLANK)
def test_a_secret_that_anybody_can_guess_is_refused_at_once_or_when_it_is_known(key: str, secret: str) -> None:
    def declared(given: Any) -> None:
        ServerlessProxy(
            "proxy", changed(ARGS, {"webhook": {"scheme": "github", "secret": "hush-hush-hush-hush", key: given}})
        )

    assert str(refusal(lambda: declared(secret))) == f"ServerlessProxy: webhook.{key}: {WITHOUT}"
    for later in LATER:
        with pytest.raises(ProgramError) as failed:
            declare(functools.partial(lambda later: declared(later(secret)), later))
        assert f"ServerlessProxy: webhook.{key}: {WITHOUT}" in str(failed.value)
        assert "hush-hush-hush-hush" not in str(failed.value)


@pytest.mark.parametrize("later", LATER)
def test_a_secret_that_becomes_known_later_is_taken_and_stays_secret(later: Any) -> None:
    def program() -> None:
        ServerlessProxy(
            "proxy", changed(ARGS, {"webhook": {"scheme": "slack", "secret": later("hush-hush-hush-hush")}})
        )

    secret = one(declare(program), "Function").inputs["environment"]["variables"]["WEBHOOK_SECRET"]
    assert isinstance(secret, Secret)
    assert reveal(secret) == "hush-hush-hush-hush"


@pytest.mark.parametrize("versions", [False, True], ids=["function", "alias"])
def test_it_is_kept_warm_by_a_call_that_reaches_no_backend(versions: bool) -> None:
    graph = proxy(keep_warm=True, publish_versions=versions)
    called = one(graph, "Alias" if versions else "Function").state["arn"]
    target = one(graph, "Schedule").inputs["target"]
    # tests/forwarder/test_forwarder_log.py: an empty event is answered without the backend.
    assert (target["arn"], json.loads(target["input"])) == (called, {})
    assert one(graph, "Schedule").inputs["scheduleExpression"] == "rate(1 day)"
    (statement,) = json.loads(one(graph, "RolePolicy", "proxy-warm-permissions").inputs["policy"])["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["lambda:InvokeFunction"], called)
    assert target["roleArn"] == one(graph, "Role", "proxy-warm-role").state["arn"]
    assert names(proxy(), "Schedule") == []


@pytest.mark.parametrize("known", [True, False])
def test_published_versions_stand_behind_an_alias_that_is_pruned(known: bool) -> None:
    graph = proxy(known=known, publish_versions=True)
    assert one(graph, "Function").inputs["publish"] is True
    alias = one(graph, "Alias")
    assert alias.inputs["name"] == "live"
    assert alias.options.hooks == {
        "after_create": ("proxy-prunes-versions",),
        "after_update": ("proxy-prunes-versions",),
    }
    assert one(graph, "Function").urn in alias.property_dependencies["functionVersion"]
    component = one(graph, "ServerlessProxy")
    if known:
        assert alias.inputs["functionVersion"] == "1"
        assert component.state["invoke_arn"] == alias.state["invokeArn"]
        assert component.state["alias_name"] == "live"


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_an_api_calls_the_alias_and_may_call_nothing_else(kind: str) -> None:
    config = {
        "topology": "public-proxy",
        "backend": {"image": "nginx:1.29"},
        "proxy": {"publishVersions": True},
        "api": {"kind": kind},
    }
    graph = graph_with(config)
    alias = one(graph, "Alias")
    for permission in graph.of_type("aws:lambda/permission:Permission"):
        assert permission.inputs["qualifier"] == "live"
        assert permission.inputs["function"] == alias.inputs["functionName"]
    called = json.dumps([reveal(one(graph, "RestApi").inputs["body"])]) if kind == "rest" else ""
    called += "".join(
        str(api.inputs["integrationUri"]) for api in graph.of_type("aws:apigatewayv2/integration:Integration")
    )
    assert alias.state["invokeArn"] in called
    assert one(graph, "Function").state["invokeArn"] not in called


def test_a_proxy_that_streams_brings_its_own_loop() -> None:
    function, whole = (
        one(graph, "Function").inputs for graph in (proxy(stream_seconds=60, timeout_seconds=5), proxy())
    )
    variables = function["environment"]["variables"]
    assert variables["AWS_LAMBDA_EXEC_WRAPPER"] == "/var/task/streaming-runtime"
    assert (function["timeout"], variables["TIMEOUT_SECONDS"]) == (60, "5")
    assert one(proxy(stream_seconds=3, timeout_seconds=20), "Function").inputs["timeout"] == 20
    # The provider changes the variables before the code, and by then Lambda must be able to run the wrapper.
    assert Path(whole["code"].path).read_bytes() == Path(function["code"].path).read_bytes()


@pytest.mark.parametrize("streams", [{}, {"stream_seconds": 60}], ids=["whole", "streams"])
def test_compiled_files_are_deployed_by_the_functions_python_alone(
    streams: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", f"python3.{sys.version_info.minor}")
    code = one(proxy(precompiled=True, **streams), "Function").inputs["code"]
    assert f"forwarder/__pycache__/answer.{sys.implementation.cache_tag}.pyc" in zipfile.ZipFile(code.path).namelist()
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", "python3.10")
    refused = refusal(lambda: ServerlessProxy("proxy", {**ARGS, "precompiled": True, **streams}))
    assert "precompiled: got True; False, or to be run with python3.10" in str(refused)


def test_the_port_of_a_url_that_is_an_output_is_named() -> None:
    def program() -> None:
        ServerlessProxy("proxy", {**ARGS, "url": pulumi.Output.from_input("http://10.0.1.2:8080")})

    assert "port: got None; the port of the URL, which is an output" in str(refusal(program))


def test_a_url_that_is_an_output_is_refused_once_it_is_known() -> None:
    def program(url: str) -> None:
        ServerlessProxy("proxy", {**ARGS, "port": 8080, "url": pulumi.Output.from_input(url)})

    with pytest.raises(ProgramError, match=r"url: got 'http://10\.0\.1\.2\?a=1'; .*take out user name"):
        declare(lambda: program("http://10.0.1.2?a=1"))
    one(declare(lambda: program("http://10.0.1.2:8080")), "Function")


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://10.0.0.1:8080", pulumi.Output.from_input(9999)),
        (pulumi.Output.from_input("http://10.0.0.1:8080"), 9999),
        (pulumi.Output.from_input("http://10.0.0.1:8080"), pulumi.Output.from_input(9999)),
    ],
)
def test_another_port_than_that_of_the_url_is_refused_once_both_are_known(url: Any, port: Any) -> None:
    args: Any = {**BASE[ServerlessProxy], "url": url, "port": port}
    with pytest.raises(ProgramError, match="ServerlessProxy: port: got 9999; 8080, the port of the URL"):
        declare(lambda: ServerlessProxy("proxy", args))


AUTHORITY: str = yaml.safe_load((Path(__file__).parents[1] / "settings/wrong_values.yaml").read_text())["Certificates"][
    "sound"
]


def test_a_private_authority_reaches_the_function_that_starts_with_it() -> None:
    config = {
        "topology": "public-proxy",
        "network": {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]},
        "backend": {"url": "https://10.1.2.3", "certificateAuthority": AUTHORITY},
        "api": {"routes": [{"path": "/a", "authorization": "iam"}]},
    }
    for graph in (proxy(url="https://10.0.1.2", certificate_authority=AUTHORITY), graph_with(config)):
        variables = one(graph, "Function").inputs["environment"]["variables"]
        assert variables["CERTIFICATE_AUTHORITY"] == AUTHORITY
        done = imported("import handler", **{name: str(reveal(value)) for name, value in variables.items()})
        assert done.returncode == 0, done.stderr
    assert "CERTIFICATE_AUTHORITY" not in one(proxy(), "Function").inputs["environment"]["variables"]


def test_an_authority_is_refused_with_http() -> None:
    message = refusal(lambda: ServerlessProxy("proxy", changed(ARGS, {"certificate_authority": AUTHORITY})))
    assert "certificate_authority: got (not shown); only with a URL with https" in str(message)

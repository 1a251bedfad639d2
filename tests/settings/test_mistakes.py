"""Wrong configs: each mistake is named by its key, with the value, what is allowed and what to do."""

import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_aws
import pytest

from components.facts import defaults
from components.stack.settings import ConfigError
from tests.settings.wrong_configs import APP, BASE, EXISTING, FARGATE, HTTP, KEYED, SOUND, TOKENS, WRONG, Wrong, route

Read = Callable[..., Any]
Mistakes = Callable[..., list[Any]]
CONFIG_OF_THE_SDK = Path(pulumi_aws.__file__).parent / "config" / "vars.py"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.key} {str(wrong.config)[:40]}")
def test_a_mistake_is_named(mistakes: Mistakes, wrong: Wrong) -> None:
    whole = {name: value for name, value in (BASE | wrong.config).items() if value is not None}
    found = mistakes(whole, wrong.secret, wrong.project)
    (key,) = (mistake.key.removeprefix("gatehouse:") for mistake in found)
    assert key == wrong.key.removeprefix("gatehouse:")
    assert wrong.allowed in found[0].allowed
    assert wrong.remedy in f"{found[0].remedy} {found[0].meaning}"
    said = str(found[0])
    assert not wrong.got or f"    got      {wrong.got}" in said.splitlines()
    # A password shows in no message, and no value steers the terminal.
    assert "hunter2" not in said
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize("config", SOUND, ids=lambda value: str(value)[:50])
def test_a_sound_config_is_taken(read: Read, config: dict[str, Any]) -> None:
    assert read(BASE | config)


def test_null_is_as_if_the_key_were_not_written(read: Read) -> None:
    registry = FARGATE | {"api": HTTP, "ingress": {"kind": "cloud-map", "serverName": None}}
    assert read(BASE | registry).ingress.server_name is None


def test_pages_may_do_what_the_routes_need(read: Read) -> None:
    """Without a word on methods and headers, and with ANY, which would take the preflight request."""
    api = read(BASE | {"api": TOKENS | {"cors": APP}}).api
    assert tuple(api.routes[0].methods) == tuple(api.cors.methods) == ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    assert api.cors.headers == ["Authorization", "Content-Type"]
    keyed = KEYED | {"cors": APP | {"preflightOnly": True}}
    assert read(BASE | {"api": keyed}).api.cors.headers[0] == "X-Api-Key"
    iam = HTTP | {"routes": [route(methods=["GET"], authorization="iam")], "cors": APP}
    assert read(BASE | {"api": iam}).api.cors.headers == ["Authorization", "X-Amz-Date", "X-Amz-Security-Token"]
    unguarded = HTTP | {"routes": [route(methods=["ANY"])], "cors": APP}
    assert read(BASE | {"api": unguarded}).api.routes[0].methods == ("ANY",)


def test_compiled_files_want_the_functions_python(
    read: Read, mistakes: Mistakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = BASE | {"proxy": {"precompiled": True}}
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", f"python3.{sys.version_info.minor}")
    assert read(config).proxy.precompiled
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", "python3.10")
    (mistake,) = mistakes(config)
    assert f"this is Python {platform.python_version()}" in mistake.allowed


@pytest.mark.parametrize(
    ("key", "value", "remedy", "got"),
    [
        ("topolgy", "public-proxy", "did you mean topology?", "public-proxy"),
        ("topolgy", "hunter2", "did you mean topology?", "(not shown: it may be a secret)"),
        ("shop:topology", "public-proxy", "did you mean gatehouse:topology?", "public-proxy"),
    ],
)
def test_a_misspelt_topology_is_one_mistake_beside_the_others(
    mistakes: Mistakes, key: str, value: str, remedy: str, got: str
) -> None:
    first, *others = mistakes({key: value, "backend": {"image": "nginx:1.29", "port": 70000}})
    assert (first.key.removeprefix("gatehouse:"), first.remedy, str(first.got)) == (key, remedy, got)
    assert [one.key for one in others] == ["gatehouse:backend.port"]


def test_a_misspelt_topology_hides_no_mistake_that_depends_on_it(mistakes: Mistakes) -> None:
    config = {"topolgy": "private-api", "backend": {"kind": "greeter"}, "api": {"kind": "http"}}
    assert "gatehouse:api.kind" in [one.key for one in mistakes(config)]


def test_a_misspelt_key_is_named_beside_the_one_that_is_missing(mistakes: Mistakes) -> None:
    found = mistakes(BASE | EXISTING | {"network": {"vpc_id": "vpc-0123456789abcdef0"}})
    remedies = {"gatehouse:network.vpc_id": "did you mean vpcId?", "gatehouse:network.subnetIds": ""}
    assert remedies.items() <= {mistake.key: mistake.remedy for mistake in found}.items()


@pytest.mark.parametrize(
    ("key", "value", "is_shown"),
    [
        ("enabled", "true", True),
        ("porrt", "8080", True),
        ("aws:regoin", "eu-west-1", True),
        ("aws:secretKeys", "12345", False),
        ("userPassword", "123456", False),
        ("account", "111122223333", False),
        ("color", "blue", False),
        ("settings", '{"a": 1}', False),
    ],
)
def test_the_value_of_an_unknown_key_of_the_config_is_shown_if_it_can_be_no_secret(
    mistakes: Mistakes, key: str, value: str, is_shown: bool
) -> None:
    (mistake,) = mistakes(BASE | {key: value})
    assert (mistake.got == value) is is_shown
    (hidden,) = mistakes(BASE | {key: value}, (key,))
    assert hidden.got != value


def test_a_map_is_shown_as_the_stack_file_writes_it(mistakes: Mistakes) -> None:
    scaling = {"maximum": 3, "cpuPercent": 50}
    (mistake,) = mistakes(BASE | {"backend": {"image": "nginx:1.29", "scaling": scaling}})
    assert "    got      {maximum: 3, minimum: 1, cpuPercent: 50}" in str(mistake).splitlines()


def test_keys_of_other_providers_and_all_of_aws_pass(read: Read) -> None:
    others = ["gcp:project", "gcp:region", "random:seed", "awsx:other", "aws-native:region", "pulumi:tags", "a:api"]
    provider = [f"aws:{key}" for key in re.findall(r"__config__\.get\w*\('(\w+)'\)", CONFIG_OF_THE_SDK.read_text())]
    assert len(provider) > 30
    own = {
        "aws:region": "eu-west-1",
        "aws:allowedAccountIds": ["111122223333"],
        "aws:defaultTags": {"tags": {"a": "b"}},
    }
    assert read(BASE | dict.fromkeys([*others, *provider], "x") | own)


@pytest.mark.parametrize(
    ("project", "keys"),
    [
        ("gatehouse", "warehouse:backend lighthouse:api storehouse:consumer house:network gate:proxy shop:topology"),
        ("gatehouse", "awsx:region aws-iam:region aws-s3:endpoints ads:region aws2:profile"),
        ("gatehouse", "network:cidr backend:url app:topology api:stage api:proxy"),
        ("shop-prod", "shop:network shops:api"),
        ("payments", "payment:network"),
        ("network", "network-lib:api"),
        ("api", "app:topology"),
    ],
)
def test_keys_that_a_library_of_components_may_read_pass(read: Read, project: str, keys: str) -> None:
    assert read(BASE | dict.fromkeys(keys.split(), "x"), project=project)


def test_an_unknown_key_with_the_name_of_its_map_is_sent_to_the_keys_of_that_map(mistakes: Mistakes) -> None:
    api = TOKENS | {"authorizers": {"people": {"kind": "lambda", "function": {"function": "x"}}}}
    assert any("one of the keys architecture, arn" in mistake.allowed for mistake in mistakes(BASE | {"api": api}))


def test_the_report_reads_and_escapes_what_would_steer_a_terminal(read: Read) -> None:
    with pytest.raises(ConfigError) as refused:
        read(BASE | {"backend": {"image": "nginx", "port": 70_000, "prot": 80}, "api": {"kind": "\x1b[31mred\u202e"}})
    said = str(refused.value)
    assert said.splitlines()[:2] == ["3 mistakes in the config of stack test; nothing was declared", ""]
    assert "gatehouse:backend.port\n    got      70000\n    allowed  a whole number from 1 to 65,535\n" in said
    assert "\\x1b[31mred" in said
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize(
    ("config", "secret"),
    [
        ({"proxy": {"webhook": {"secret": "hunter2-hunter2", "scheme": "gitea"}}}, ("proxy",)),
        ({"proxy": {"memory": "hunter2-hunter2", "webhook": {"secret": "x"}}}, ("proxy",)),
        ({"proxy": "hunter2-hunter2"}, ("proxy",)),
        ({"topology": "hunter2", "aws:region": "hunter2"}, ("topology", "aws:region")),
    ],
)
def test_an_encrypted_section_is_never_shown(read: Read, config: dict[str, Any], secret: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=r"got      \(not shown") as refused:
        read(BASE | config, secret=secret)
    assert "hunter2" not in str(refused.value)


def test_a_slip_of_a_word_beside_an_encrypted_value_is_shown(read: Read) -> None:
    webhook = {"secret": "hunter2-hunter2", "scheme": "strype"}
    with pytest.raises(ConfigError, match=r"got      strype\n(.*\n)*.*did you mean stripe") as refused:
        read(BASE | {"proxy": {"webhook": webhook}}, secret=("proxy",))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("key", ["secret", "previousSecret"])
@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_an_encrypted_secret_that_anybody_can_guess_is_refused(read: Read, key: str, blank: str) -> None:
    webhook = {"secret": "hunter2", key: blank}
    with pytest.raises(ConfigError) as refused:
        read(BASE | {"proxy": {"webhook": webhook}}, secret=("proxy",))
    said = str(refused.value)
    assert f"gatehouse:proxy.webhook.{key}\n    got      (not shown" in said
    assert "an encrypted text that is neither empty nor blank" in said
    assert f"`pulumi config set --secret --path 'gatehouse:proxy.webhook.{key}'`" in said
    assert "hunter2" not in said


def test_a_given_key_is_of_a_length_that_aws_takes(read: Read) -> None:
    def api(key: str) -> dict[str, Any]:
        plans = {"callers": {"keyValues": {"acme": key}}}
        return BASE | {"api": {"routes": [{"path": "/a", "keyRequired": True}], "plans": plans}}

    assert read(api("a1" * 10), secret=("api",)).api.plans["callers"].key_values.keys() == {"acme"}
    with pytest.raises(ConfigError, match="20 to 128 letters and digits") as refused:
        read(api("hunter2"), secret=("api",))
    assert "hunter2" not in str(refused.value)


def test_a_webhook_protects_only_what_passes_the_forwarder(mistakes: Mistakes) -> None:
    routes = [route(path="/hooks", target="proxy"), route(path="/direct")]
    webhook = {"proxy": {"webhook": {"secret": "a secret of the sender"}}, "api": {"throttle": "off", "routes": routes}}
    found = mistakes(FARGATE | webhook, secret=("proxy",))
    assert [mistake.key for mistake in found] == ["gatehouse:api.routes[1]"]


def test_a_key_of_the_program_itself_is_sent_to_another_namespace(mistakes: Callable[..., list[Any]]) -> None:
    (found,) = mistakes(BASE | {"databasePassword": "hunter22"})
    assert "another namespace, such as app:databasePassword" in found.remedy
    assert "hunter22" not in f"{found}"

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
from tests.settings.wrong_configs import APP, BASE, EXISTING, FARGATE, HTTP, KEYED, SOUND, TOKENS, WRONG, route

CONFIG_OF_THE_SDK = Path(pulumi_aws.__file__).parent / "config" / "vars.py"


@pytest.mark.parametrize(("config", "key", "allowed", "remedy"), WRONG, ids=lambda value: str(value)[:50])
def test_a_mistake_is_named(
    mistakes: Callable[..., list[Any]], config: dict[str, Any], key: str, allowed: str, remedy: str
) -> None:
    whole = {name: value for name, value in (BASE | config).items() if value is not None}
    found = mistakes(whole)
    assert [mistake.key for mistake in found] == [key if key.startswith("aws:") else f"gatehouse:{key}"], "\n".join(
        map(str, found)
    )
    assert allowed in found[0].allowed
    assert remedy in found[0].remedy


@pytest.mark.parametrize("config", SOUND, ids=lambda value: str(value)[:50])
def test_a_sound_config_is_taken(read: Callable[..., Any], config: dict[str, Any]) -> None:
    assert read(BASE | config)


def test_null_is_as_if_the_key_were_not_written(read: Callable[..., Any]) -> None:
    registry = FARGATE | {"api": HTTP, "ingress": {"kind": "cloud-map", "serverName": None}}
    assert read(BASE | registry).ingress.server_name is None


def test_pages_may_do_what_the_routes_need(read: Callable[..., Any]) -> None:
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


def test_all_mistakes_come_together(mistakes: Callable[..., list[Any]]) -> None:
    backend, api = {"image": "nginx", "port": 0}, {"kind": "http", "policy": {"allow": ["10.0.0.0/8"]}}
    wrong = {"topology": "nowhere", "network": {"zones": 0}, "backend": backend, "api": api, "unknown": "x"}
    keys = [mistake.key.removeprefix("gatehouse:") for mistake in mistakes(wrong)]
    assert keys == ["unknown", "topology", "network.zones", "backend.port", "api.policy"]


def test_compiled_files_want_the_functions_python(
    read: Callable[..., Any], mistakes: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = BASE | {"proxy": {"precompiled": True}}
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", f"python3.{sys.version_info.minor}")
    assert read(config).proxy.precompiled
    monkeypatch.setattr(defaults, "LAMBDA_RUNTIME", "python3.10")
    (mistake,) = mistakes(config)
    assert f"this is Python {platform.python_version()}" in mistake.allowed


def test_a_misspelt_key_is_named_beside_the_one_that_is_missing(mistakes: Callable[..., list[Any]]) -> None:
    found = mistakes({"topolgy": "public-proxy", "topology": "", "backend": {"image": "nginx"}})
    assert "got      (not shown: it may be a secret)" in str(found[0])
    assert [(mistake.key, mistake.remedy) for mistake in found] == [
        ("gatehouse:topolgy", "did you mean topology?"),
        ("gatehouse:topology", ""),
    ]


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("aws:regoin", "did you mean aws:region?"),
        ("aws:default_tags", "did you mean aws:defaultTags?"),
        ("aws:nothingLikeIt", "take it out"),
        ("AWS:region", "did you mean aws:region?"),
        ("awss:regoin", "did you mean aws:region?"),
        ("gatehous:api", "did you mean gatehouse:api?"),
        ("gatehosue:netwrk", "did you mean gatehouse:network?"),
        ("gatehouse:region", "did you mean aws:region?"),
        ("gatehouse:gatehouse", "write topology and the others straight under config:"),
    ],
)
def test_a_misspelt_namespace_or_key_of_the_provider_is_named(
    mistakes: Callable[..., list[Any]], key: str, remedy: str
) -> None:
    (mistake,) = mistakes(BASE | {key: "hunter2"})
    assert (mistake.key, mistake.remedy) == (key, remedy)
    assert "hunter2" not in str(mistake)
    assert len(str(mistake)) < 300


def test_a_key_with_the_name_of_the_project_that_was_copied_is_named(mistakes: Callable[..., list[Any]]) -> None:
    (mistake,) = mistakes(BASE | {"gatehouse:api": {}}, project="shop")
    assert (mistake.key, mistake.remedy) == ("gatehouse:api", "did you mean shop:api?")


def test_keys_of_other_providers_and_all_of_aws_pass(read: Callable[..., Any]) -> None:
    others = ["gcp:project", "gcp:region", "random:seed", "awsx:other", "aws-native:region", "pulumi:tags", "a:api"]
    provider = [f"aws:{key}" for key in re.findall(r"__config__\.get\w*\('(\w+)'\)", CONFIG_OF_THE_SDK.read_text())]
    assert len(provider) > 30
    assert read(BASE | dict.fromkeys([*others, *provider], "x") | {"aws:region": "eu-west-1"})


@pytest.mark.parametrize(
    ("project", "keys"),
    [
        ("gatehouse", ["warehouse:backend", "lighthouse:api", "storehouse:consumer", "house:network", "gate:proxy"]),
        ("gatehouse", ["awsx:region", "aws-iam:region", "aws-s3:endpoints", "ads:region", "aws2:profile"]),
        ("gatehouse", ["network:cidr", "backend:url", "app:topology", "api:stage", "api:proxy"]),
        ("shop-prod", ["shop:network", "shops:api"]),
        ("payments", ["payment:network"]),
        ("network", ["network-lib:api"]),
        ("api", ["app:topology"]),
    ],
)
def test_keys_that_a_library_of_components_may_read_pass(
    read: Callable[..., Any], project: str, keys: list[str]
) -> None:
    assert read(BASE | dict.fromkeys(keys, "x"), project=project)


@pytest.mark.parametrize(("key", "meant"), [("Shop:network", "shop:network"), ("GateHouse:api", "shop:api")])
def test_a_namespace_in_other_capitals_is_named(mistakes: Callable[..., list[Any]], key: str, meant: str) -> None:
    (mistake,) = mistakes(BASE | {key: {}}, project="shop")
    assert (mistake.key, mistake.remedy) == (key, f"did you mean {meant}?")


def test_a_key_in_the_wrong_section_is_sent_to_its_place(mistakes: Callable[..., list[Any]]) -> None:
    (mistake,) = mistakes(BASE | {"api": {"ingress": {"kind": "alb"}}})
    assert mistake.remedy == "ingress is a key of its own, gatehouse:ingress: move it out of here"


def test_an_unknown_key_with_the_name_of_its_map_is_sent_to_the_keys_of_that_map(
    mistakes: Callable[..., list[Any]],
) -> None:
    api = TOKENS | {"authorizers": {"people": {"kind": "lambda", "function": {"function": "x"}}}}
    assert any("one of the keys architecture, arn" in mistake.allowed for mistake in mistakes(BASE | {"api": api}))


def test_a_value_does_not_steer_the_terminal(mistakes: Callable[..., list[Any]]) -> None:
    (mistake,) = mistakes(BASE | {"api": {"kind": "\x1b[31mred\u202e"}})
    assert "\\x1b[31mred" in str(mistake)
    assert all(line.isprintable() for line in str(mistake).splitlines())


def test_an_id_in_another_spelling_is_taken_for_a_network_that_exists(mistakes: Callable[..., list[Any]]) -> None:
    found = mistakes(EXISTING | {"network": {"vpc_id": "vpc-0123456789abcdef0"}})
    assert ("gatehouse:network.vpc_id", "did you mean vpcId?") in [(one.key, one.remedy) for one in found]


def test_the_report_reads(read: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        read(BASE | {"backend": {"image": "nginx", "port": 70_000, "prot": 80}})
    assert str(refused.value).splitlines()[:5] == [
        "2 mistakes in the config of stack test; nothing was declared",
        "",
        "gatehouse:backend.port",
        "    got      70000",
        "    allowed  a whole number from 1 to 65,535",
    ]


@pytest.mark.parametrize(
    ("config", "got"),
    [
        ({"backend": {"image": "nginx:1.29", "port": None}}, "nothing"),
        ({"api": {"kind": True}}, "true"),
        ({"api": {"throttle": {"rate": 50_000}}}, "50,000"),
    ],
)
def test_what_was_got_is_spelled_as_in_the_stack_file(
    mistakes: Callable[..., list[Any]], config: dict[str, Any], got: str
) -> None:
    (mistake,) = mistakes(BASE | config)
    assert f"    got      {got}" in str(mistake).splitlines()


def test_the_remedy_of_an_encrypted_url_shows_nothing_of_it(mistakes: Callable[..., list[Any]]) -> None:
    (mistake,) = mistakes(EXISTING | {"backend": {"url": "admin:hunter2@db.internal"}}, secret=("backend",))
    assert "hunter2" not in str(mistake)


@pytest.mark.parametrize(
    ("proxy", "secret"),
    [
        ({"webhook": {"secret": "hunter2-hunter2", "scheme": "gitea"}}, ("proxy",)),
        ({"webhook": {"secrte": "hunter2-hunter2"}}, ("proxy",)),
        ({"memory": "hunter2-hunter2", "webhook": {"secret": "x"}}, ("proxy",)),
        ("hunter2-hunter2", ("proxy",)),
        ({"webhook": {"secret": "hunter2-hunter2"}}, ()),
    ],
)
def test_a_key_that_holds_a_secret_is_never_shown(
    read: Callable[..., Any], proxy: Any, secret: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as refused:
        read(BASE | {"proxy": proxy}, secret=secret)
    assert "hunter2" not in str(refused.value)


def test_a_throttle_above_the_account_is_named_beside_routes_and_plans_that_are_wrong(
    mistakes: Callable[..., list[Any]],
) -> None:
    found = mistakes(BASE | {"api": {"throttle": {"rate": 20_000}, "routes": [], "plans": []}})
    assert [one.key for one in found] == [f"gatehouse:api.{key}" for key in ("routes", "plans", "throttle.rate")]


def test_a_stand_in_is_not_shown(read: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match=r"topology\n    got      \(not shown") as refused:
        read(BASE | {"topology": "hunter2", "aws:region": "hunter2"}, secret=("topology", "aws:region"))
    assert "hunter2" not in str(refused.value)


def test_a_given_key_is_of_a_length_that_aws_takes(read: Callable[..., Any]) -> None:
    def api(key: str) -> dict[str, Any]:
        plans = {"callers": {"keyValues": {"acme": key}}}
        return {"api": {"routes": [{"path": "/a", "keyRequired": True}], "plans": plans}}

    assert read(BASE | api("a1" * 10), secret=("api",)).api.plans["callers"].key_values.keys() == {"acme"}
    with pytest.raises(ConfigError) as refused:
        read(BASE | api("hunter2"), secret=("api",))
    assert "20 to 128 letters and digits" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_webhook_protects_only_what_passes_the_forwarder(mistakes: Callable[..., list[Any]]) -> None:
    routes = [route(path="/hooks", target="proxy"), route(path="/direct")]
    webhook = {"proxy": {"webhook": {"secret": "a secret of the sender"}}, "api": {"throttle": "off", "routes": routes}}
    found = mistakes(FARGATE | webhook, secret=("proxy",))
    assert [mistake.key for mistake in found] == ["gatehouse:api.routes[1]"]


def test_a_password_in_a_url_is_not_repeated(mistakes: Callable[..., list[Any]]) -> None:
    for password in ("hunter2", "hunter2@home"):
        (mistake,) = mistakes(EXISTING | {"backend": {"url": f"http://user:{password}@10.1.2.3"}})
        assert "hunter2" not in str(mistake)
        assert "10.1.2.3" in str(mistake)


@pytest.mark.parametrize("key", ["api", "backend"])
def test_an_empty_section_is_named_with_a_remedy(mistakes: Callable[..., list[Any]], key: str) -> None:
    (mistake,) = mistakes(BASE | {key: ""})
    assert mistake.key == f"gatehouse:{key}"
    assert repr(mistake.got) == "nothing"
    assert mistake.remedy == "take it out, or write its keys below it: see docs/settings.md"

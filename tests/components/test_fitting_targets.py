"""A component hands on what the next one must know, and the next one refuses what does not fit."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import ApiFront, ApiFunction, Greeter, PrivateIngress, ServerlessProxy, UrlBackend
from components.arguments.connections import TargetArgs
from tests.helpers.declare import ProgramError, declare, refusal
from tests.helpers.stacks import ROOT

NETWORK: Any = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001", "subnet-00000002"]}
URL: Any = NETWORK | {"url": "http://10.1.2.3", "backend_cidrs": ["10.1.0.0/16"]}
TLS: Any = {"certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x", "server_name": "app.internal", "port": 443}
FOLDER = str(ROOT / "handlers/greeter")


def proxy(**more: Any) -> TargetArgs:
    return ServerlessProxy("proxy", URL | more).target


def function(**more: Any) -> TargetArgs:
    args: Any = {"folder": FOLDER, **more}
    return ApiFunction("function", args).target


def ingress(**more: Any) -> PrivateIngress:
    return PrivateIngress("ingress", NETWORK | {"kind": "alb", "link": "v2", **more})


def front(target: TargetArgs, *routes: dict[str, Any], **more: Any) -> None:
    made = [{"path": f"/{at}", "methods": ["GET"], "target": "a", **route} for at, route in enumerate(routes or [{}])]
    args: Any = {"kind": "rest", "routes": made, "targets": {"a": target} | more.pop("targets", {}), **more}
    ApiFront("front", args)


@pytest.mark.parametrize(
    ("program", "key"),
    [
        (lambda: front(proxy(), {"streaming": True}), "routes[0].streaming"),
        (lambda: front(function(), {"streaming": True}), "routes[0].streaming"),
        (lambda: front(Greeter("greeter", {}).target, {"streaming": True}), "routes[0].streaming"),
        (lambda: front(proxy(stream_seconds=60), {"streaming": True}), ""),
        (lambda: front(function(environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/b"}), {"streaming": True}), ""),
        (
            lambda: front(proxy(identity=True), {}, {"target": "b"}, targets={"b": ingress().target()}),
            "routes[0].target",
        ),
        (lambda: front(proxy(), {}, {"target": "b"}, targets={"b": ingress().target()}), ""),
        (lambda: front(ingress().target(), {"streaming": True}), "routes[0].timeout_milliseconds"),
        (lambda: front(ingress(longest_wait_seconds=300).target(), {"streaming": True}), ""),
        (lambda: front(ingress(kind="nlb", link="v1").target(), {"streaming": True}), ""),
        (lambda: front(ingress(**TLS).target()), "targets.a.server_name"),
        (lambda: front(ingress(**TLS, insecure_skip_verification=True).target()), ""),
        (lambda: proxy(**ingress().endpoint, backend_cidrs=(), stream_seconds=90), "stream_seconds"),
        (lambda: proxy(**ingress(longest_wait_seconds=90).endpoint, backend_cidrs=(), stream_seconds=90), ""),
        (lambda: proxy(url="https://vpce-1.execute-api.eu-west-1.vpce.amazonaws.com"), ""),
    ],
)
def test_a_target_that_does_not_fit_is_refused(program: Callable[[], object], key: str) -> None:
    with pytest.raises(ProgramError, match=re.escape(f" {key}: got")) if key else contextlib.nullcontext():
        declare(program)


def test_a_function_of_node_may_stream(tmp_path: Path) -> None:
    (tmp_path / "index.mjs").write_text("export const handler = awslambda.streamifyResponse(() => {})\n")
    code = {"folder": str(tmp_path), "runtime": "nodejs22.x", "handler": "index.handler"}
    declare(lambda: front(function(**code), {"streaming": True}))


def test_a_url_that_is_an_output_is_checked_once_it_is_known() -> None:
    def program() -> None:
        proxy(**ingress(**TLS).endpoint, backend_cidrs=())

    with pytest.raises(ProgramError, match="certificate_authority: got None; the authority of the backend"):
        declare(program)


def test_no_message_names_the_host_of_a_secret_url() -> None:
    def program() -> None:
        args: Any = {"url": "https://hidden.internal", "secret": True}
        UrlBackend("backend", args)

    assert "hidden" not in str(refusal(program))


def test_a_function_that_outlasts_its_routes_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, _resource: said.append(text))
    declare(lambda: front(function(timeout_seconds=60), {"timeout_milliseconds": 5000}, {"timeout_milliseconds": 9000}))
    assert said == [
        "front: the function of a may take 60 s, and its routes wait 9 s: lower its timeout, or raise "
        "timeout_milliseconds of a route"
    ]
    declare(lambda: front(function(timeout_seconds=29)))
    assert len(said) == 1


def test_an_alb_in_one_zone_is_refused_although_its_subnets_are_an_output() -> None:
    def program(kind: str) -> None:
        ingress(kind=kind, subnet_ids=pulumi.Output.from_input(["subnet-00000001"]))

    with pytest.raises(ProgramError, match=r"PrivateIngress: subnet_ids: got .*; two subnets or more"):
        declare(lambda: program("alb"))
    declare(lambda: program("nlb"))

"""The check of `make try`: it agrees over all stacks, and finds each check that the gateway leaves out."""

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from review.graph import Graph
from review.local_gateway import authorization, callers, gateway, integrations, issuer, keys
from review.local_gateway.call import Identity
from review.local_gateway.check import Row
from review.local_gateway.errors import GatewayError
from review.local_gateway.testing import DisagreementError
from review.tests.helpers.stacks import ALL, find_line, graph_of, graph_with
from review.tests.local_gateway.calling import call, stack
from review.tests.local_gateway.programs import guarded
from review.try_page import checked, command
from review.try_page.stack_lines import StackLines

REFUSES = "def handler(event, context):\n    return {'isAuthorized': False}\n"
ADMITS = REFUSES.replace("False", "True")


def rows_of(graph: Graph) -> list[Row]:
    with stack(graph) as served:
        return served.check()


# In the process that has evaluated the stack.
@pytest.mark.parametrize("name", ALL)
def test_every_stack_answers_leaves_nothing_unread_and_agrees_with_its_statements(name: str) -> None:
    with stack(graph_of(name)) as served:
        for line in served.routes():
            answer, note = call(served, line.method, line.path), served.traces[-1].note
            # A function decides about the placeholder that it gets.
            is_decided = any(need.name == "authorizer" for need in line.needs)
            if is_decided and shutil.which("node") is None:
                pytest.skip("without node")
            is_denied = is_decided and (answer.status_code, note.partition(" denies ")[1]) == (403, " denies ")
            assert answer.is_success or is_denied, (line, answer.text, note, served.log[-5:])
        # Client certificates and layers are not served, and named.
        known = ("mutualTlsAuthentication", "layers")
        assert [one for one in map(str, served.unread) if not any(name in one for name in known)] == []
        rows = served.check()
    admitted = [row for row in rows if row.is_admitted]
    # Each way is called once with all needs, and each need is once lacking.
    # A function may refuse the values that are made up for it.
    decided = {row.call for row in rows if row.need == "authorizer"}
    assert {row.call for row in admitted} | decided == {row.call for row in rows if row.need != "method"}
    needs = {(row.api, row.call, row.need) for row in rows if row.need not in ("", "address of the API") and row.status}
    assert needs <= {(row.api, row.call, row.need) for row in rows if not row.is_admitted}
    # A refusal has its line, or its reason.
    assert all(row.note for row in rows if not row.is_admitted)


def always(*_: Any, **__: Any) -> None: ...


def pass_anyone(*_: Any, **__: Any) -> Identity:
    return Identity()


def admit_all(*_: Any, **__: Any) -> Any:
    return False, ""


def keep_call(_: Any, call: Any) -> Any:
    return call


def read_token(_: Any, token: str, *__: Any) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def leave_out(claim: str) -> Callable[..., dict[str, Any]]:
    """`verify_token` without the check of one claim."""
    verify = issuer.Issuer.verify_token

    def verify_rest(self: issuer.Issuer, token: str, issuers: Any, audiences: Any) -> dict[str, Any]:
        claims = read_token(self, token)
        own, later = [str(claims.get(claim))], {"exp": 2_000_000_000} if claim == "exp" else {}
        token = self.sign_claims({**claims, **later}) if later else token
        return verify(self, token, own if claim == "iss" else issuers, own if claim == "aud" else audiences)

    return verify_rest


def strip_stage(_: Any, request: Any) -> str:
    return str(request.raw_path).removeprefix("/live")


def take_first(routes: Any, *_: Any, **__: Any) -> Any:
    return routes[0], {}


JWT, FORTRESS, WEBHOOK = "examples/jwt-http.yaml", "examples/fortress.yaml", "examples/webhook.yaml"
PRIVATE = "examples/private-greeter.yaml"
BY = authorization.Authorization
MUTANTS: dict[str, tuple[str, Any, str, Any, str]] = {
    "no key": ("dev", keys.Keys, "check_key", keep_call, "key: no key"),
    "no policy": (FORTRESS, callers.Callers, "_ask_policy", always, "address: 203.0.112.255"),
    "no policy of a webhook": (WEBHOOK, callers.Callers, "_ask_policy", always, "address: 140.82.111.255"),
    "no signature": (FORTRESS, BY, "_check_signature", pass_anyone, "without a signature"),
    "no token": (JWT, BY, "_check_token", pass_anyone, "nobody, without a token"),
    "no signature of a token": (JWT, issuer.Issuer, "verify_token", read_token, "a token with a wrong signature"),
    "no expiry": (JWT, issuer.Issuer, "verify_token", leave_out("exp"), "a token that has expired"),
    "no issuer": (JWT, issuer.Issuer, "verify_token", leave_out("iss"), "a token of another issuer"),
    "no audience": (JWT, issuer.Issuer, "verify_token", leave_out("aud"), "audience: another audience"),
    "no scope": (JWT, authorization, "read_scopes", lambda _: ("orders/read", "orders/write"), "scope: no scope"),
    "every entry": (PRIVATE, callers.Callers, "admit", admit_all, "endpoint: the internet"),
    "every address at an endpoint": (PRIVATE, callers.Callers, "_enter", lambda *_: "", "address: 192.0.2.1"),
    "an open default endpoint": (FORTRESS, gateway, "find_path", strip_stage, "address of the API: its own address"),
    "a forwarder's answer": (WEBHOOK, integrations, "_note_refusal", always, "without a signature"),
    "a route for every method": ("dev", gateway, "match", take_first, "which no way takes"),
}
"""By what the gateway leaves out: a stack, the replaced part, and the row that finds it."""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_check_that_the_gateway_leaves_out_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stack_name, holder, attribute, mutant, said = MUTANTS[name]
    graph = graph_of(stack_name)
    with stack(graph) as served:
        monkeypatch.setattr(holder, attribute, mutant)
        with pytest.raises(DisagreementError, match="is stated to be") as found:
            served.check()
    assert said in str(found.value)


def test_a_check_that_is_too_strict_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise GatewayError("FORBIDDEN", "nobody")

    with stack(graph_of("examples/open-proxy.yaml")) as served:
        monkeypatch.setattr(callers.Callers, "admit", refuse)
        with pytest.raises(DisagreementError, match=r"is refused .*stated to be admitted"):
            served.check()


@pytest.mark.parametrize(("code", "admitted"), [(ADMITS, True), (REFUSES, False)])
def test_what_a_function_decides_is_told_and_its_header_is_needed(code: str, admitted: bool) -> None:
    rows = rows_of(guarded(code, rest=False))
    tried = {row.choice: (row.is_stated, row.is_admitted) for row in rows}
    assert tried["all needs"] == (None, admitted)
    assert tried["without X-Token"] == (False, False)


def test_several_keys_scopes_and_accounts_are_each_enough() -> None:
    route = {"path": "/a", "methods": ["GET"], "authorization": "iam", "keyRequired": True, "includeSubpaths": False}
    api = {"kind": "rest", "routes": [route], "callerAccountIds": ["111122223333"]}
    plans = {"one": {"keys": ["ann", "bob"]}}
    graph = graph_with({"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": {**api, "plans": plans}})
    passed = {row.choice for row in rows_of(graph) if row.is_admitted}
    assert passed == {"all needs", "an IAM user of 111122223333", "bob"}


def test_the_check_takes_nothing_of_throttles_and_quotas() -> None:
    with stack(graph_of("examples/partner-api.yaml")) as served:
        first = served.check()
        assert [row.status for row in served.check()] == [row.status for row in first]
        assert 429 not in {row.status for row in first}


def test_the_command_prints_a_table_with_lines_and_ends_by_its_status(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "evaluate_stack", lambda *_: graph_of("dev"))
    assert command.main(["dev", "--check"]) == 0
    table = capsys.readouterr().out
    key_required = f"api.routes[0].keyRequired in {find_line('keyRequired: true')}"
    assert f"  refused    key: no key (403) by {key_required}\n" in table
    assert "calls tried: each as the components state" in table
    assert command.main(["dev", "--check", "--log", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["checked"]
    assert {row["agrees"] for row in rows} == {True}
    assert f"api.plans in {find_line('plans:')}" in {row["decidedBy"] for row in rows}
    monkeypatch.setattr(keys.Keys, "check_key", keep_call)
    assert command.main(["dev", "--check"]) == 1
    assert "DIFFERS    key: no key: got 200, and the component states that it is refused" in capsys.readouterr().out


def test_a_route_that_is_not_served_is_not_tried() -> None:
    graph = graph_of("dev")
    row = Row("front", "GET /a", "", "", "all needs", True, None, note="its link")
    (head, line, _) = checked.format_rows([row], StackLines(graph, None, Path()))
    assert (head, line) == ("front  GET /a", "  not tried  all needs: its link")
    assert row.agrees

"""The page without a browser: what it answers to whom, and what it says of a call."""

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import quote, quote_plus, urlsplit

import pytest

from review.tests.helpers import plain_http
from review.tests.helpers.stacks import PROGRAM, graph_of
from review.tests.local_gateway.conftest import Backend, listening
from review.tests.local_gateway.paging import Paged, paged
from review.tests.local_gateway.programs import changed, guarded, shop
from review.try_page.masking import MASK, Mask
from review.try_page.stack_lines import StackLines

Pages = Callable[[str], Paged]
FILES = {"dev": "Pulumi.dev.yaml", "prod": "Pulumi.prod.yaml"}


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    """`pages(stack)` serves a stack of the project with its page for all tests here."""
    with ExitStack() as stack:
        yield functools.cache(lambda name: stack.enter_context(paged(graph_of(name), FILES.get(name) or name)))


@pytest.mark.parametrize("write", [str, json.dumps, lambda text: json.dumps(json.dumps(text)), quote, quote_plus])
def test_a_secret_is_hidden_however_it_is_written(write: Callable[[str], str]) -> None:
    secret = 'sharp "ß" & /deep'
    shown = Mask([secret]).hide({"text": [f"a {write(secret)} b"], write(secret): 1})
    assert write(secret).strip('"') not in str(shown)
    assert MASK in str(shown)
    assert Mask(["a"]).hide("a cat") == "a cat"
    assert Mask(()).hide("Bearer eyJhbGciOiJub25l.eyJzdWIiOiJhIn0.x") == f"Bearer {MASK}"


ACTIONS = ("state", "detail", "send", "replay", "edit", "curl", "usage")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_needs_the_token_of_the_page(pages: Pages, action: str) -> None:
    url, token = pages("dev").url + action, pages("dev").token
    as_json = {"content-type": "application/json"}
    before = len(pages("dev").served.traces)
    for headers in (
        as_json,
        as_json | {"x-page-token": "wrong"},
        as_json | {"x-page-token": token, "origin": "http://evil.example"},
        as_json | {"x-page-token": token, "origin": "null"},
        as_json | {"x-page-token": token, "sec-fetch-site": "cross-site"},
        as_json | {"x-page-token": token, "host": "evil.example"},
        {"content-type": "text/plain", "x-page-token": token},
    ):
        assert plain_http.post(url, content=b"{}", headers=headers).status_code == 403, headers
    assert plain_http.get(url, headers={"x-page-token": token}).status_code == 404
    assert len(pages("dev").served.traces) == before


def test_events_need_the_token_and_the_address_of_the_page(pages: Pages) -> None:
    url = f"{pages('dev').url}events"
    for query, headers in (("", {}), ("?token=wrong", {}), (f"?token={pages('dev').token}", {"host": "evil.example"})):
        assert plain_http.get(url + query, headers=headers).status_code in (403, 404)


def test_the_page_names_no_code_of_its_own_in_its_policy(pages: Pages) -> None:
    answer = plain_http.get(pages("dev").url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert plain_http.get(pages("dev").url, headers={"host": "evil.example"}).status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_the_page_has_a_port_of_its_own_on_this_machine_alone(pages: Pages) -> None:
    page, api = urlsplit(pages("dev").url), urlsplit(pages("dev").served.url())
    assert (page.hostname, page.port != api.port) == ("127.0.0.1", True)
    for path in ("page.js", "page.css", "events", *ACTIONS):
        headers = {"x-page-token": pages("dev").token, "content-type": "application/json"}
        answer = plain_http.post(f"{pages('dev').served.url()}/{path}", content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (403, "Forbidden")


def test_a_call_with_a_key_shows_each_hop_and_hides_the_key(pages: Pages) -> None:
    dev = pages("dev")
    call = dev.send("GET /forward", query="size=1")
    (key,) = dev.served.stack.keys.values
    assert (call["status"], call["way"], call["stopped"], call["decides"]) == (
        200,
        ["front", "proxy", "backend"],
        "",
        None,
    )
    titles = [step["title"].partition(" ")[0] for step in call["steps"]]
    assert titles == ["Request", "Event", "Request", "Answer"]
    came, event, backend, answer = call["steps"]
    assert {header["name"].lower(): header["change"] for header in event["headers"]}["x-forwarded-for"] == "added"
    changes = {header["name"].lower(): header["change"] for header in backend["headers"]}
    assert (changes["x-forwarded-prefix"], changes["host"], changes.get("x-api-key")) == ("added", "changed", "")
    assert backend["changed"] == ["path: /live/forward?size=1 → /forward?size=1"]
    assert json.loads(answer["body"]["text"])["query"] == "size=1"
    assert "x-api-key" in {header["name"].lower() for header in came["headers"]}
    assert key not in json.dumps(call)
    assert MASK in str(call)
    assert any('"status": 200' in line for line in call["log"])
    left = {each["limit"]: each["left"] for each in call["allowances"]}
    assert left["quota of 1,000 requests"] < 1000
    assert key in json.dumps(dev.detail(call["id"], reveal=True))
    curl = dev.ask("curl", id=call["id"]).json()["curl"]
    assert (key in curl, key in dev.ask("curl", id=call["id"], reveal=True).json()["curl"]) == (False, True)


WEBHOOK, GREETER = "examples/webhook.yaml", "examples/private-greeter.yaml"
REFUSALS: list[tuple[str, str, dict[str, str], int, str, str, str]] = [
    ("dev", "GET /forward", {"key": "no key"}, 403, "front", "api.routes[0].keyRequired", "keyRequired: true"),
    ("dev", "GET /forward", {"key": "an unknown key"}, 403, "front", "api.plans", "plans:"),
    ("prod", "ANY /", {"token": "nobody, without a token"}, 401, "front", "api.routes[0].authorization",
     "authorization: issuer"),
    (WEBHOOK, "POST /hooks", {"address": "140.82.111.255"}, 403, "front", "api.policy", "policy:"),
    (WEBHOOK, "POST /hooks", {"signature": "a stranger, by a wrong signature"}, 401, "proxy", "proxy.webhook",
     "webhook:"),
    (GREETER, "GET /secure/greeter", {"endpoint": "the internet"}, 403, "front", "topology", "topology: private-api"),
]  # fmt: skip


@pytest.mark.parametrize(("stack", "route", "chosen", "status", "stopped", "key", "text"), REFUSALS)
def test_a_refused_call_names_the_hop_and_the_line_that_decides(
    pages: Pages, stack: str, route: str, chosen: dict[str, str], status: int, stopped: str, key: str, text: str
) -> None:
    call = pages(stack).send(route, chosen)
    assert (call["status"], call["stopped"], call["decides"]["key"]) == (status, stopped, key)
    assert call["note"]
    file = FILES.get(stack, stack)
    assert call["decides"]["file"] == file
    assert text in (PROGRAM / file).read_text().splitlines()[call["decides"]["line"] - 1]


def test_a_path_without_a_route_names_the_routes(pages: Pages) -> None:
    call = pages("dev").send("GET /forward", path="/other")
    assert (call["status"], call["decides"]["key"]) == (403, "api.routes")


def test_a_signed_webhook_arrives_with_any_body(pages: Pages) -> None:
    call = pages("examples/webhook.yaml").send("POST /hooks", body='{"ä": 1}')
    assert (call["status"], call["stopped"], call["steps"][2]["body"]["text"]) == (200, "", '{"ä": 1}')


def test_a_token_is_chosen_and_has_further_claims() -> None:
    with paged(graph_of("examples/jwt-http.yaml"), "examples/jwt-http.yaml") as jwt:
        good = jwt.send("GET /orders", claims='{"role": "admin"}')
        bad = jwt.send("GET /orders", {"scope": "another scope"})
        lacking = jwt.send("GET /orders", {"token": "nobody, without a token", "audience": "another audience"})
        wrong = jwt.ask("send", **{**jwt.form("GET /orders"), "claims": "[]"})
    assert '"role": "admin"' in good["steps"][1]["body"]["text"]
    assert (good["status"], bad["status"], bad["decides"]["key"].partition("].")[2]) == (200, 403, "scopes")
    assert lacking["status"] == 401
    assert (wrong.status_code, "want a JSON object" in wrong.json()["error"]) == (400, True)


def test_a_function_gets_the_header_that_it_decides_about() -> None:
    code = "def handler(event, context):\n    return {'isAuthorized': event['headers'].get('x-token') == 'mine'}\n"
    with paged(guarded(code, rest=False)) as page:
        form = page.form("GET /guarded")
        given = [page.send("GET /guarded", headers=[["X-Token", value]]) for value in ("mine", "x")]
        missing = page.send("GET /guarded", {"authorizer": "without X-Token"}, headers=[["X-Token", "mine"]])
    assert form["headers"] == [["X-Token", ""]]
    assert [call["status"] for call in (*given, missing)] == [200, 403, 401]


def test_a_recorded_call_is_sent_again_edited_or_not(pages: Pages) -> None:
    dev = pages("dev")
    first = dev.send("POST /forward", body="one")
    again = dev.detail(dev.ask("replay", id=first["id"]).json()["id"])
    assert (again["status"], again["number"] > first["number"]) == (200, True)
    assert json.loads(again["steps"][-1]["body"]["text"])["body"] == "one"
    form = dev.ask("edit", id=first["id"]).json()
    assert MASK in dict(form["headers"])["x-api-key"]
    edited = {key: form[key] for key in ("api", "method", "path", "query", "headers", "id")}
    call = dev.detail(dev.ask("send", **edited, body="two").json()["id"])
    assert (call["status"], json.loads(call["steps"][-1]["body"]["text"])["body"]) == (200, "two")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"path": "live"}, "begins with /"),
        ({"headers": [["a b", "c"]]}, "Header"),
        ({"headers": [["a", "b\r\nc: d"]]}, "Header"),
        ({"query": "a b"}, "%20"),
        ({"path": "/x", "place": 99}, "no such API"),
    ],
)
def test_a_form_that_is_no_request_gets_one_sentence(pages: Pages, changed: dict[str, object], words: str) -> None:
    answer = pages("dev").ask("send", **{**pages("dev").form("GET /forward"), **changed})
    assert (answer.status_code, words in answer.json()["error"]) == (400, True)


def test_costs_follow_the_usage(pages: Pages) -> None:
    first = pages("dev").ask("state").json()["report"]
    again = pages("dev").ask("usage", requests="2M").json()
    assert again["sums"]["calls"] == pytest.approx(2 * first["sums"]["calls"], rel=0.01)
    assert again["sums"]["withoutCalls"] == first["sums"]["withoutCalls"]
    wrong = pages("dev").ask("usage", request="1")
    assert (wrong.status_code, "did you mean 'requests'" in wrong.json()["error"]) == (400, True)


def test_the_picture_has_the_reports_ways_open_and_closed(pages: Pages) -> None:
    picture = pages("dev").ask("state").json()["picture"]
    arrows = {(edge["source"], edge["target"]) for edge in picture["edges"]}
    assert {("internet", "front"), ("front", "proxy"), ("proxy", "backend")} <= arrows
    (closed,) = picture["closed"]
    assert (closed["source"], closed["target"]) == ("internet", "backend")
    assert closed["reason"] == "backend admits only proxy"


def test_a_call_that_the_network_stops_ends_at_the_hop_before() -> None:
    graph = shop()
    (backend,) = (one for one in graph if one.kind == "FargateBackend")
    statement = {key: part for key, part in backend.inputs["reach"].items() if key != "admits"}
    with paged(changed(graph, backend.name, reach=statement)) as page:
        call = page.send(page.ask("state").json()["forms"][0]["name"])
    assert call["stopped"] == "backend"
    assert "backend does not admit ingress alb" in call["note"]


def test_text_of_a_backend_stays_text_and_bytes() -> None:
    class Hostile(Backend):
        framing = ("Content-Length", "5")

        def body(self) -> None:
            self.wfile.write(b"<b>\xff\x00")

    with listening(Hostile) as port, paged(shop(), backends=[f"http://127.0.0.1:{port}"]) as page:
        call = page.send(page.ask("state").json()["forms"][0]["name"])
    assert call["steps"][-1]["body"]["text"] == "<b>\ufffd\x00"


def test_the_list_keeps_the_last_calls(pages: Pages) -> None:
    dev = pages("dev")
    first = dev.send("GET /forward", {"key": "no key"})
    for _ in range(200):
        plain_http.get(f"{dev.served.url()}/live/forward")
    assert "no longer in the list" in dev.ask("detail", id=first["id"]).json()["error"]


def test_a_throttle_and_a_quota_name_their_lines() -> None:
    with paged(graph_of("dev"), FILES["dev"], clock=lambda: 0.0) as dev:
        calls = [dev.send("GET /forward") for _ in range(11)]
        plan = graph_of("dev").list_by_type("aws:apigateway/usagePlan:UsagePlan")[0].name
        quota = dev.page._lines.find(f"plan:{plan}.quota")
    assert [call["status"] for call in calls[-2:]] == [200, 429]
    assert calls[-1]["decides"]["key"] == "api.throttle"
    assert quota is not None
    assert quota.key == "api.plans.callers.quota"


def test_no_line_is_named_for_what_a_default_decides() -> None:
    lines = StackLines(graph_of("dev"), PROGRAM / FILES["dev"], PROGRAM)
    assert lines.find("route.timeoutMilliseconds", "GET", "/forward") is None
    assert lines.find("api.policy") is None
    assert lines.find("route.throttle", "GET", "/forward/{proxy+}") == lines.find("api.throttle")

"""Templates, schemas and expressions of a stack's author run no code of their own, and end."""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from review.aws.gateway.listener_rules import Sent
from review.confine import folders
from review.graph import Graph
from review.serve import sandbox, sandboxed
from review.serve.errors import GatewayError
from review.serve.integrations import Integrations
from review.serve.sandbox import Sandbox
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests import parts
from review.tests.graph_builder import Builder
from review.tests.serve.conftest import stopped
from review.tests.serve.test_gateway import body, mock
from tests.helpers import plain_http


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For texts that never end. Any other would be late on a machine that is busy."""
    monkeypatch.setattr(sandbox, "_INPUTS", {**sandbox._INPUTS, "timeout": 1})  # a processor is busy as long


SLOW = "^(a+)+$"
LONG = "a" * 40 + "!"
LOOP = "#foreach($a in [1..9999])#foreach($b in [1..9999])#foreach($c in [1..9999])x#end#end#end"


def rendered(template: str, **context: Any) -> str:
    parameters = {"header": {"X-A": "b"}}
    return sandboxed.mocked('{"statusCode": 200}', {"default": template}, context, parameters, {"colour": "blue"})[2]


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("", '$input.params.__globals__.get("__builtins__")'),
        ("", '$util.escapeJavaScript.__globals__.get("json")'),
        ("", "$input.params.func.__globals__"),
        ("", "$input.__class__"),
        ("", "$input._parameters.header"),
        ("", "$stageVariables.colour.__class__.__mro__"),
        ("", "$stageVariables.colour.__add__('x')"),
        ("", "$context.path.format($input.params)"),
        ("", "$context.path.split.__self__"),
        ("", "$context.responseOverride.__init__.__globals__"),
        ("", "$clear()"),
        ("#set($list = [1])", "$list.__class__"),
        ("#set($list = [1..2])", "$list.__class__"),
        ("#set($n = 1)", "$n.__class__"),
        ("#foreach($i in [1])#end", "$foreach.parent"),
    ],
)
def test_a_template_reads_keys_and_calls_methods_of_aws_and_no_attribute(before: str, name: str) -> None:
    """A name without a value stays as it is written."""
    assert rendered(before + name, path="{0.__globals__}") == name


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("$input.params('X-A') $input.params().header.get('X-A')", "b b"),
        ("$stageVariables.colour.length() $stageVariables.colour.toUpperCase()", "4 BLUE"),
        ("$stageVariables.colour.replaceAll('[bl]', 'x') $stageVariables.colour.contains('lu')", "xxue True"),
        ("#foreach($one in $util.parseJson('{\"a\": [1, 2]}').entrySet())$one.key=$one.value.size()#end", "a=2"),
        ("#set($list = ['a', 'b'])$list[1] $list.get(0) $list.size()", "b a 2"),
        ("#define($said)hello#end$said #macro(twice $x)$x$x#end#twice('n')", "hello nn"),
        ("$context.none.of.it $!context.none", "$context.none.of.it"),
    ],
)
def test_a_template_does_what_it_does_on_aws(template: str, text: str) -> None:
    assert rendered(template) == text


@pytest.mark.parametrize(
    ("writes", "reads", "before"),
    [
        ("#set($util.base64Encode = 'kept')", "$util.base64Encode('a')", "YQ=="),
        ("#set($util.mine = 'kept')", "$util.mine", "$util.mine"),
        ("#set($context.mine = 'kept')", "$context.mine", "$context.mine"),
        (
            "#set($context.requestOverride.path.mine = 'kept')",
            "$context.requestOverride.path.mine",
            "$context.requestOverride.path.mine",
        ),
        ("#set($stageVariables.colour = 'kept')", "$stageVariables.colour", "blue"),
        ("$input.params().header.put('X-A', 'kept')", "$input.params('X-A')", "b"),
        ("#set($input = 'kept')", "$input.params('X-A')", "b"),
        ("#set($mine = 'kept')", "$mine", "$mine"),
        ("#define($mine)kept#end", "$mine", "$mine"),
    ],
)
def test_what_a_template_writes_ends_with_its_request(writes: str, reads: str, before: str) -> None:
    rendered(writes)
    assert rendered(reads) == before


def slow() -> Graph:
    """An API with a template and a schema that never end, and a route of each kind that does."""
    build = Builder()
    paths = {
        "/template": {"get": mock(LOOP)},
        "/schema": {"post": body({"type": "string", "pattern": SLOW})},
        "/selected": {"get": mock(responses={SLOW.replace("a", "2"): {"statusCode": "200"}})},
        "/fine": {"get": mock()},
    }
    parts.rest(build, paths, body={
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True}},
    })  # fmt: skip
    return build.graph()


def test_a_text_that_never_ends_costs_its_own_request_only() -> None:
    with serving(slow(), Options()) as served, ThreadPoolExecutor() as pool:
        url = f"{served.url()}/live"
        assert plain_http.get(f"{url}/fine").text == "fine"
        late = [
            pool.submit(plain_http.get, f"{url}/template"),
            pool.submit(plain_http.post, f"{url}/schema", content=f'"{LONG}"'),
        ]
        time.sleep(0.5)
        assert plain_http.get(f"{url}/fine").text == "fine"
        assert not any(response.done() for response in late)
        assert [response.result().status_code for response in late] == [500, 500]
        notes = [trace.note for trace in served.traces if trace.status == 500]
        assert plain_http.get(f"{url}/fine").text == "fine"
    assert all("cannot be served: Task timed out after 3.00 seconds" in note for note in notes), notes


class _Listener:
    """A network with one listener whose rules have expressions."""

    def behind(self, _api: Any, _call: Any, sent: Sent) -> list[bool]:
        return [sent.fits(SLOW, "aaa"), sent.fits("A", "aaa"), sent.fits("(?i)AAA", "aaa"), sent.fits(SLOW, sent.path)]


@pytest.mark.parametrize(("path", "found"), [("aa", [True, False, True, True]), (LONG, None)])
def test_an_expression_of_a_listener_is_matched_in_the_sandbox(
    path: str, found: Any, request: pytest.FixtureRequest
) -> None:
    async def run() -> Any:
        async with stopped(Sandbox()) as sandbox:
            nothing: Any = None
            network: Any = _Listener()
            integrations = Integrations(network, nothing, {}, {}, {}, nothing, sandbox)
            call: Any = type("Call", (), {"api": type("Api", (), {"api": None}), "route": None, "place": "x"})
            return await integrations._behind(call, Sent("GET", "", path, [], []))

    if found is None:
        request.getfixturevalue("impatient")
        with pytest.raises(GatewayError) as problem:
            asyncio.run(run())
        assert "Task timed out" in problem.value.note
    else:
        assert asyncio.run(run()) == found


def of_the_process(expression: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The value of an expression in the sandbox's process."""
    monkeypatch.setattr(sandbox, "_CODE", tmp_path / "sandboxed.py")
    (tmp_path / "sandboxed.py").write_text(f"import os\ndef handler(*_): return {{'result': {expression}}}\n")

    async def run() -> Any:
        async with stopped(Sandbox()) as made:
            return await made.ask("x", "fits")

    return asyncio.run(run())


def test_the_sandbox_holds_nothing_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GATEHOUSE_TEST_TOKEN", "a")
    assert "GATEHOUSE_TEST_TOKEN" not in of_the_process("[*os.environ]", monkeypatch, tmp_path)


def test_the_sandbox_sees_as_little_as_a_function(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = of_the_process("[*os.listdir('/var'), *os.listdir('/etc')]", monkeypatch, tmp_path)
    if "lib" in seen:
        pytest.skip("this system allows no namespaces")
    assert {"ssl", "passwd"} < {*seen} <= {name.partition("/")[0] for name in folders._SETTINGS.split()}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit what a process maps")
def test_the_sandbox_has_no_more_memory_than_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="cannot be served"):
        of_the_process("len(bytearray(600 << 20))", monkeypatch, tmp_path)


def test_a_template_that_grows_ends_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    # Little, so that the memory ends it, and not its time.
    monkeypatch.setattr(sandbox, "_LIMITS", sandbox._LIMITS._replace(memory=96 << 20))
    grows = "#set($a = 'aaaaaaaa')#foreach($i in [1..40])#set($a = \"$a$a\")#end"
    build = Builder()
    parts.rest(build, {"/grows": {"get": mock(grows)}, "/fine": {"get": mock()}})
    with serving(build.graph(), Options()) as served:
        assert plain_http.get(f"{served.url()}/live/grows").status_code == 500
        assert plain_http.get(f"{served.url()}/live/fine").text == "fine"
        assert "fails" in served.traces[0].note


@pytest.mark.usefixtures("impatient")
def test_calls_of_a_slow_route_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """And those of other routes wait for a process only. What waits too long, or is too much, gets AWS's errors."""
    monkeypatch.setattr(sandbox, "_MOST", 24)
    with serving(slow(), Options()) as served, ThreadPoolExecutor(30) as pool:
        url = f"{served.url()}/live"
        assert plain_http.get(f"{url}/fine").text == "fine"
        late = [pool.submit(plain_http.get, f"{url}/template") for _ in range(30)]
        time.sleep(1)
        assert plain_http.get(f"{url}/fine").text == "fine"
        assert not all(response.done() for response in late)
        assert {response.result().status_code for response in late} == {429, 500, 504}
        assert plain_http.get(f"{url}/fine").text == "fine"

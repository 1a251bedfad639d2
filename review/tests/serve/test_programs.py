"""Programs that are not ours: APIs of separate resources, functions that authorize, Node.js, a backend of one's own."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from review.serve.stack import Options
from review.serve.testing import Served, served, serving
from review.tests.serve.conftest import Backend, listening
from tests.helpers import plain_http
from tests.helpers.stacks import ROOT, graph_of

PROGRAM = ROOT / "review" / "tests" / "programs" / "guarded.py"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if shutil.which("node") is None:
        pytest.skip("the program has a function in Node.js, and there is no node here")
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "Pulumi.yaml").write_text("name: guarded\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    shutil.copy(PROGRAM, folder / "__main__.py")
    with served("dev", project=folder) as stack:
        yield stack


def test_a_token_function_decides_and_its_decision_is_kept(guarded: Served) -> None:
    url = f"{guarded.url('rest')}/live/guarded"
    missing = plain_http.get(url)
    assert (missing.status_code, missing.json()) == (401, {"message": "Unauthorized"})
    denied = plain_http.get(url, headers={"X-Token": "wrong"})
    assert (denied.status_code, denied.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    answers = [plain_http.get(url, headers={"X-Token": "let-me-in"}).json() for _ in range(2)]
    assert answers[0]["principalId"] == "ann"
    assert answers[0]["calls"] == answers[1]["calls"]


def test_a_simple_response_decides_on_an_http_api(guarded: Served) -> None:
    url = f"{guarded.url('web')}/guarded"
    assert plain_http.get(url).status_code == 401
    assert plain_http.get(url, headers={"X-Token": "no"}).status_code == 403
    # Without identity sources, the function decides on every request.
    assert plain_http.get(f"{guarded.url('web')}/asked").status_code == 403
    answer = plain_http.get(url, headers={"X-Token": "yes"})
    assert (answer.status_code, answer.json()) == (200, {"lambda": {"route": "GET /guarded"}})


def test_an_api_with_a_target_has_one_stage_and_one_route(guarded: Served) -> None:
    answer = plain_http.get(f"{guarded.url('quick')}/any/path")
    assert (answer.status_code, answer.text) == (200, "")


def test_a_stream_arrives_as_it_comes() -> None:
    """The backend sends the second part only after the first one is here."""
    arrived = threading.Event()

    class Slow(Backend):
        framing = ("Transfer-Encoding", "chunked")

        def body(self) -> None:
            self.wfile.write(b"3\r\none\r\n")
            # A health check does not wait, and without a stream the wait has to end as well.
            second = b"two" if self.command == "GET" or arrived.wait(5) else b"old"
            self.wfile.write(b"3\r\n" + second + b"\r\n0\r\n\r\n")

    with listening(Slow) as port:
        options = Options(backends=[f"http://127.0.0.1:{port}"])
        with serving(graph_of("examples/streaming.yaml"), options) as stack:
            line = next(stack.routes())
            body = b""
            with httpx.stream("POST", line.url, headers=line.headers, timeout=30) as answer:
                for part in answer.iter_raw():
                    body += part
                    arrived.set()
    assert body == b"onetwo"


def test_a_stream_that_the_backend_cuts_is_named(caplog: pytest.LogCaptureFixture) -> None:
    class Cut(Backend):
        framing = ("Content-Length", "50")

    graph = graph_of("examples/http-cloudmap-fargate.yaml")
    with listening(Cut) as port, serving(graph, Options(backends=[f"http://127.0.0.1:{port}"])) as stack:
        (gateway,) = stack.stack.gateways
        gateway.api.routes = tuple(
            replace(route, authorizer=None, integration=replace(route.integration, streams=True))
            for route in gateway.api.routes
        )
        with pytest.raises(httpx.RemoteProtocolError):
            plain_http.get(next(stack.routes()).url)
        assert "cut its answer" in stack.traces[-1].note
    assert "Traceback" not in caplog.text

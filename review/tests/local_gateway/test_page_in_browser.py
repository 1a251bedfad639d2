"""The page in a real browser: the Chromium of this machine, which Playwright drives."""

import functools
import http.server
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from review.evaluate.runner import run_in_thread
from review.graph import Graph
from review.local_gateway.request import Request, Response, Trace
from review.tests.helpers import plain_http
from review.tests.helpers.fixture_types import Write
from review.tests.helpers.stacks import REVIEW, find_line, graph_of
from review.tests.local_gateway.conftest import Backend, listening
from review.tests.local_gateway.paging import Paged, paged
from review.tests.local_gateway.programs import shop
from review.tests.local_gateway.test_command import running

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the package of axe is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH: apt-get install chromium"),
]
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MILLISECONDS = 120_000
FILES = {"dev": "Pulumi.dev.yaml", "prod": "Pulumi.prod.yaml"}
Open = Callable[..., "Page"]
Pages = Callable[[str], Paged]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with playwright.sync_playwright() as driver:
        # The sandbox needs rights that containers do not give.
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def evaluate(program: Callable[[], Graph]) -> Graph:
    """The graph of a program, which has a loop of its own: Playwright's is this thread's."""
    return run_in_thread(program).result()


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    def serve(name: str) -> Paged:
        return stack.enter_context(paged(evaluate(lambda: graph_of(name)), FILES.get(name) or name))

    with ExitStack() as stack:
        yield functools.cache(serve)


def is_fault(said: Any) -> bool:
    return said.type in ("error", "warning") and "net::ERR_" not in said.text


@pytest.fixture
def show(browser: "Browser") -> Iterator[Open]:
    """`show(url)` opens a page. No script of a page may fail, and its policy may have nothing to refuse."""
    faults: list[str] = []
    contexts = []

    def opened(url: str, **options: Any) -> "Page":
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        context.set_default_timeout(MILLISECONDS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        # A stack that ends closes its stream of events.
        page.on("console", lambda said: faults.append(said.text) if is_fault(said) else None)
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(url)
        page.wait_for_selector(".node")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def press_send(page: "Page") -> str:
    """The status of the call that the form sends, once its way is drawn."""
    page.evaluate("document.getElementById('sent').textContent = ''")
    page.click("#submit")
    page.wait_for_selector("#sent:has-text('Answered')")
    return page.inner_text("#way b")


def choose(page: "Page", need: str, label: str) -> None:
    """Choose a caller for one of the needs."""
    page.select_option(f"[data-need='{need}']", label=label)


def test_a_call_lights_its_way_and_one_without_a_key_stops(show: Open, pages: Pages) -> None:
    page = show(pages("dev").url)
    assert press_send(page) == "200 GET /live/forward"
    assert page.locator(".node.lit b").all_inner_texts() == ["internet", "front", "proxy", "backend"]
    (key,) = pages("dev").served.stack.keys.values
    assert key not in page.content()
    page.click("#reveal")
    page.wait_for_selector("#reveal[aria-pressed=true]")
    page.wait_for_function("key => document.body.textContent.includes(key)", arg=key)
    choose(page, "key", "✗ no key")
    assert press_send(page) == "403 GET /live/forward"
    assert page.locator(".node.stopped b").all_inner_texts() == ["front"]
    told = page.inner_text("#way")
    assert "requires a key" in told
    assert f"api.routes[0].keyRequired in {find_line('keyRequired: true')}" in told


def test_a_call_is_sent_again_edited_and_found_by_the_filters(show: Open, pages: Pages) -> None:
    page = show(pages("dev").url)
    page.select_option("#route", label="front  POST /forward")
    page.fill("#body", "first")
    press_send(page)
    before = page.locator("#list li").count()
    page.click("#again")
    page.wait_for_function("count => document.querySelectorAll('#list li').length > count", arg=before)
    page.click("#edit")
    page.wait_for_selector("#path:visible")
    assert page.input_value("#body") == "first"
    page.fill("#path", "/live/forward/deeper")
    page.check("[name=kind][value=text]")
    page.fill("#body", "second")
    assert press_send(page) == "200 POST /live/forward/deeper"
    page.wait_for_function("document.getElementById('course').textContent.includes('second')")
    page.select_option("#by-status", "4")
    assert page.locator("#list li:visible .s2").count() == 0
    page.select_option("#by-status", "2")
    page.select_option("#by-route", "POST /forward/{proxy+}")
    assert page.locator("#list li:visible .path").all_inner_texts() == ["/live/forward/deeper"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
def test_axe_finds_nothing(show: Open, pages: Pages, scheme: str, width: int) -> None:
    page = show(pages("dev").url, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    page.set_viewport_size({"width": width, "height": 844})
    choose(page, "key", "✗ no key")
    press_send(page)
    for each in page.locator("summary").all():
        each.click()
    found = axe.Axe().run(page)
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_list_keeps_its_place_when_a_call_arrives(show: Open, pages: Pages) -> None:
    page = show(pages("dev").url)
    for _ in range(40):
        plain_http.get(f"{pages('dev').served.url()}/live/forward")
    last = "last => [...rows.values()].pop()?.number === last"
    page.wait_for_function(last, arg=pages("dev").page._calls._count)
    page.evaluate("document.getElementById('list').scrollTop = 300")
    page.evaluate("document.querySelectorAll('#list li')[20].dataset.marked = 'yes'")
    where = "document.querySelector('[data-marked]').getBoundingClientRect().top"
    before = page.evaluate(where)
    plain_http.get(f"{pages('dev').served.url()}/live/forward")
    page.wait_for_function(last, arg=pages("dev").page._calls._count)
    assert abs(page.evaluate(where) - before) <= 2


def test_a_call_is_sent_and_chosen_by_the_keyboard(show: Open, pages: Pages) -> None:
    page = show(pages("dev").url)
    press_send(page)
    page.focus("#submit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sent:has-text('Answered')")
    page.focus("#list button >> nth=-1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#list li:last-child button[aria-current=true]")


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_text_of_a_hostile_backend_is_never_html(show: Open) -> None:
    class Hostile(Backend):
        framing = ("Content-Length", str(len(HOSTILE)))

        def send_response(self, code: int, message: str | None = None) -> None:
            super().send_response(code, message)
            self.send_header("X-Hostile", HOSTILE)
            self.send_header("Content-Type", "text/html")

        def body(self) -> None:
            self.wfile.write(HOSTILE.encode())

    with listening(Hostile) as port, paged(evaluate(shop), backends=[f"http://127.0.0.1:{port}"]) as stack:
        page = show(stack.url)
        page.click("#add-header")
        page.locator("#headers input").nth(-2).fill("X-Mine")
        page.locator("#headers input").nth(-1).fill(HOSTILE)
        page.fill("#query", HOSTILE.replace(" ", "%20"))
        press_send(page)
        page.wait_for_function("text => document.getElementById('course').textContent.includes(text)", arg=HOSTILE)
        assert HOSTILE in page.inner_text("#course")
        assert page.locator("main script, main img, main iframe").count() == 0


@contextmanager
def other_site(text: str) -> Iterator[str]:
    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_page_of_another_origin_can_neither_send_nor_read_nor_frame(browser: "Browser", pages: Pages) -> None:
    target, token = pages("dev").url, pages("dev").token
    sent = len(pages("dev").served.traces)
    with other_site(f'<iframe src="{target}"></iframe>') as site:
        page = browser.new_page()
        page.goto(site)
        script = """async ([url, token]) => {
            const tried = [];
            const headers = { "content-type": "application/json", "x-page-token": token };
            const body = JSON.stringify({ place: 0, method: "GET", path: "/live/forward" });
            for (const [path, options] of [
                ["", {}], ["state", { method: "POST" }], [`events?token=${token}`, {}],
                ["send", { method: "POST", body, headers }],
                ["send", { method: "POST", body, mode: "no-cors" }],
            ]) tried.push(await fetch(url + path, options).then((answer) => answer.type, () => "failed"));
            return tried;
        }"""
        tried = page.evaluate(script, [target, token])
        framed = [frame.url for frame in page.frames if frame.url.startswith(target)]
        page.close()
    # One without CORS is sent, refused, and cannot be read.
    assert tried == ["failed", "failed", "failed", "failed", "opaque"] or tried[:4] == ["failed"] * 4
    assert framed == []
    assert len(pages("dev").served.traces) == sent


def test_the_list_keeps_up_with_200_calls_a_second(show: Open, pages: Pages) -> None:
    dev = pages("dev")
    page = show(dev.url)
    loop_seconds, each = 10.0, 200
    started, behind = time.monotonic(), []

    def feed() -> None:
        for number in range(int(loop_seconds * each)):
            request = Request("GET", f"/live/forward/{number}", "", [("host", "127.0.0.1:1")], b"x" * 200)
            trace = Trace("front", "GET", request.raw_path, "GET /forward/{proxy+}", 200, request=request)
            trace.answer = Response(200, [("content-type", "text/plain")], b"y" * 500)
            # As the gateway does, in the loop of the page.
            dev.page.loop.call_soon_threadsafe(dev.page.add, trace)
            time.sleep(max(0.0, started + (number + 1) / each - time.monotonic()))

    feeding = threading.Thread(target=feed)
    feeding.start()
    while feeding.is_alive():
        page.wait_for_timeout(500)
        shown = page.evaluate("Number([...rows.values()].pop()?.number ?? 0)")
        behind.append(dev.page._calls._count - shown)
    feeding.join()
    last = dev.page._calls._count
    page.wait_for_function("last => [...rows.values()].pop().number === last", arg=last)
    assert page.locator("#list li").count() == 200
    # A second of calls, on a machine that does other things too.
    assert sorted(behind)[len(behind) // 2] <= each, behind


def test_the_page_follows_a_change_of_the_stack(show: Open, tmp_path: Path, write_project: Write) -> None:
    program = (REVIEW / "tests" / "programs" / "served.py").read_text()
    write_project(program)
    with running("dev", "--watch", cwd=tmp_path) as (_, told):
        page = show(told["page"])
        assert press_send(page).startswith("200 ")
        (tmp_path / "__main__.py").write_text("raise SystemExit('broken')\n")
        page.wait_for_selector("#message:has-text('not taken over')")
        (tmp_path / "__main__.py").write_text(program.replace("'one'", "'two'").replace("/hello", "/goodbye"))
        page.wait_for_selector("#changes:visible")
        page.wait_for_selector("#message", state="hidden")
        page.wait_for_selector("#route option:has-text('/goodbye')", state="attached")
        assert "/goodbye" in page.inner_text("#changes")
        assert press_send(page).startswith("200 ")

"""The page of a stack that is served: its picture, its last requests live, forms that send, and the report."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from ..graph.reading import as_text
from ..local_gateway.asgi import HOST, receive_request, send_response
from ..local_gateway.request import Request, Response, Trace
from ..local_gateway.stack import Stack
from .forms import list_forms
from .masking import MASK, list_stack_secrets
from .picture import build_picture, list_node_names
from .recorded_calls import RecordedCall, RecordedCalls, build_detail, build_row, make_mask
from .sending import FormError, Outgoing, build_again, build_from_form, list_form_headers, send
from .stack_lines import StackLines

if TYPE_CHECKING:
    from ..report.report import Report

_FOLDER: Final = Path(__file__).with_name("page_files")
_TYPES: Final = {
    "page.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS: Final = [
    ("content-security-policy", _POLICY),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
]
_TOKEN_HEADER: Final = "x-page-token"  # noqa: S105 # a name
_BATCH_SECONDS: Final = 0.1
"""Rows of this time are sent together: a browser draws no more often."""
_SILENT_SECONDS: Final = 15.0


class Page:
    """The page as an ASGI application. It outlives the versions of a stack, with its requests and its token.

    It answers only requests that name its own address, not pages of other sites (DNS rebinding). All but the files
    needs the token, which only the page itself has.
    """

    def __init__(self, name: str, make_lines: Callable[[Stack], StackLines]) -> None:
        """`make_lines` reads the stack file of a version."""
        self._name, self._make_lines = name, make_lines
        self._token = secrets.token_urlsafe(24)
        self._calls = RecordedCalls()
        self._waiting: set[asyncio.Event] = set()
        self._message, self._version = "", 0
        self._changes: dict[str, Any] | None = None
        self._prepared: asyncio.Task[Report] | None = None
        self._actions: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = {
            "/state": self._describe_state,
            "/detail": self._describe_call,
            "/send": self._send_form,
            "/replay": self._send_again,
            "/edit": self._fill_form,
            "/curl": self._format_curl,
            "/usage": self._estimate,
        }

    def take(self, stack: Stack, replaced: Stack | None = None) -> None:
        """Show a version of the stack from now on, and what differs from the one that it replaces."""
        self._stack, self._replaced = stack, replaced
        self._lines = self._make_lines(stack)
        self._secrets = [*stack.keys.values, *list_stack_secrets(stack.graph)]
        self._prepared = None
        self._names: dict[str, str] = {}
        if replaced is None or replaced.graph is not stack.graph:
            self._message = ""
        self._version += 1

    def add(self, trace: Trace) -> None:
        """Add a request that has ended to the list."""
        if trace.request is None:
            return
        call = self._calls.add(trace, trace.request, self._find_sources(trace))
        call.row = self._build_row(call)
        self._wake()

    def show_message(self, message: str) -> None:
        """Show why a changed file is not taken over."""
        self._message = message
        self._wake()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    def _find_sources(self, trace: Trace) -> tuple[str, ...]:
        routes = (route for api in self._stack.apis if api.name == trace.api for route in api.routes)
        authorizer = next((route.authorizer for route in routes if route.name == trace.route), None)
        return authorizer.sources if authorizer is not None else ()

    def _build_row(self, call: RecordedCall) -> dict[str, Any]:
        mask = make_mask(call, self._secrets)
        assert mask is not None
        return build_row(call, mask, self._names, self._lines)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if (request := await receive_request(scope, receive)) is None:
            return
        if request.path == "/events" and self._is_own(request) and self._has_token(request):
            await self._stream(receive, send)
        else:
            await send_response(send, await self.answer(request))

    async def answer(self, request: Request) -> Response:
        """A file of the page, or the result of an action as JSON."""
        if not self._is_own(request):
            return _refuse("this page answers on its own address only")
        name = request.path.removeprefix("/") or "page.html"
        if request.method in ("GET", "HEAD") and name in _TYPES:
            text = (_FOLDER / name).read_bytes().replace(b"{token}", self._token.encode())
            return Response(200, [("content-type", _TYPES[name]), *_HEADERS], text)
        action = self._actions.get(request.path)
        if action is None or request.method != "POST":
            return Response(404, [("content-type", "text/plain"), *_HEADERS], b"there is no such part of the page\n")
        if not self._has_token(request) or request.media != "application/json":
            return _refuse("only the page itself may do this")
        try:
            fields = json.loads(request.body)
            result = await action(fields if isinstance(fields, dict) else {})
        except FormError as error:
            return _answer({"error": str(error)}, 400)
        except ValueError:
            return _answer({"error": "the request is not JSON"}, 400)
        return _answer(result)

    def _is_own(self, request: Request) -> bool:
        """Whether a request names the page's own address, and comes from no page of another site."""
        origin, site = request.find_header("origin"), request.find_header("sec-fetch-site")
        own = request.host.startswith(f"{HOST}:") and origin in ("", f"http://{request.host}")
        # A link on another site may open the page, and nothing more.
        return own and (site in ("", "same-origin", "none") or request.find_header("sec-fetch-mode") == "navigate")

    def _has_token(self, request: Request) -> bool:
        named = parse_qs(request.raw_query).get("token", [""])[0] if request.path == "/events" else ""
        sent = request.find_header(_TOKEN_HEADER) or named
        return secrets.compare_digest(sent.encode(), self._token.encode())

    async def _stream(self, receive: Any, send: Any) -> None:
        """Server-sent events until the browser leaves: rows as they come, and a message.

        https://html.spec.whatwg.org/multipage/server-sent-events.html
        """
        headers = [("content-type", "text/event-stream"), *_HEADERS]
        fields = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        woken, gone = asyncio.Event(), asyncio.ensure_future(_wait_until_gone(receive))
        self._waiting.add(woken)
        last, message = 0, None
        await _send_event(send, "version", {"version": self._version})
        try:
            while not gone.done():
                rows = [row for row in self._calls.list_rows() if row["number"] > last]
                if rows:
                    last = rows[-1]["number"]
                    await _send_event(send, "calls", rows)
                if message != self._message:
                    message = self._message
                    await _send_event(send, "message", {"text": message})
                waiting = asyncio.ensure_future(woken.wait())
                await asyncio.wait({waiting, gone}, timeout=_SILENT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if not woken.is_set() and not gone.done():
                    await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
                woken.clear()
                await asyncio.sleep(_BATCH_SECONDS)
        finally:
            self._waiting.discard(woken)
            gone.cancel()

    async def _describe_state(self, _: Mapping[str, Any]) -> dict[str, Any]:
        from .page_report import build_report

        report = await self._prepare()
        stack = self._stack
        return {
            "version": self._version,
            "name": self._name,
            "apis": stack.urls,
            "picture": build_picture(report),
            "report": build_report(report),
            "forms": list_forms(stack),
            "different": list(stack.describe_unserved()),
            "changes": self._changes,
        }

    async def _prepare(self) -> Report:
        """The report of this version, which is made when somebody looks."""
        if self._prepared is None:
            self._prepared = asyncio.ensure_future(asyncio.to_thread(self._make_report, self._stack, self._replaced))
        report = await asyncio.shield(self._prepared)
        if not self._names:
            self._names = list_node_names(report, self._stack.statements)
            self._calls.rebuild_rows(self._build_row)
        return report

    def _make_report(self, stack: Stack, replaced: Stack | None) -> Report:
        # Nobody waits for rules and prices before the stack is served.
        from .page_report import compare_versions, review

        self._changes = None if replaced is None else compare_versions(replaced.graph, stack.graph)
        return review(stack.graph)

    def _find_call(self, fields: Mapping[str, Any]) -> RecordedCall:
        call = self._calls.find(as_text(fields.get("id")))
        if call is None:
            raise FormError("This request is no longer in the list, which keeps the last ones.")
        return call

    async def _describe_call(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        call = self._find_call(fields)
        return build_detail(call, make_mask(call, self._secrets, reveal=fields.get("reveal") is True))

    def _build_outgoing(self, fields: Mapping[str, Any]) -> Outgoing:
        edited = self._find_call(fields) if fields.get("id") else None
        return build_from_form(fields, self._stack, edited)

    async def _send_form(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await self._send(self._build_outgoing(fields))

    async def _send_again(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return await self._send(build_again(self._find_call(fields), self._stack))

    async def _send(self, outgoing: Outgoing) -> dict[str, Any]:
        sent = await send(outgoing, self._stack)
        call = self._calls.find(sent["request"])
        return {"status": sent["status"], "id": call.request.request_id if call else ""}

    async def _fill_form(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a form with which a recorded request can be edited, with secrets masked."""
        call = self._find_call(fields)
        mask = make_mask(call, self._secrets)
        assert mask is not None
        request = call.request
        body = mask.hide(request.body.decode(errors="replace"))
        is_text = MASK not in body and "\ufffd" not in body and call.is_whole
        return {
            "id": request.request_id,
            "api": call.trace.api,
            "route": call.trace.route,
            "method": request.method,
            "path": request.raw_path,
            "query": mask.hide(request.raw_query),
            "headers": list_form_headers(call),
            "body": body if is_text else "",
            "isText": is_text,
        }

    async def _format_curl(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The line for a shell, of a form or of a recorded request. Secrets are in it only if they are asked for."""
        call = self._find_call(fields) if fields.get("id") else None
        edited = "path" in fields or call is None
        outgoing = self._build_outgoing(fields) if edited else build_again(self._find_call(fields), self._stack)
        return {"curl": outgoing.format_curl() if fields.get("reveal") is True else outgoing.mask(self._secrets)}

    async def _estimate(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        from ..cost import UsageError
        from .page_report import estimate_again

        try:
            return await asyncio.to_thread(estimate_again, self._stack.graph, fields)
        except UsageError as error:
            raise FormError(str(error)) from None


async def _wait_until_gone(receive: Any) -> None:
    with suppress(Exception):
        while (await receive()).get("type") != "http.disconnect":
            pass


async def _send_event(send: Any, name: str, data: Any) -> None:
    text = f"retry: 300\nevent: {name}\ndata: {json.dumps(data)}\n\n"
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _answer(result: Any, status: int = 200) -> Response:
    return Response(status, [("content-type", "application/json"), *_HEADERS], json.dumps(result).encode())


def _refuse(reason: str) -> Response:
    return Response(403, [("content-type", "text/plain"), *_HEADERS], f"{reason}\n".encode())

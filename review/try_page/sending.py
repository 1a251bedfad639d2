"""Sends what a form of the page describes, or a recorded request again, through the API as any client does."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import h11
import httpx

from ..graph.reading import as_list, as_mapping, as_text
from ..local_gateway.caller_headers import build_headers
from ..local_gateway.needs import Choice, Credentials, Need
from ..local_gateway.printed_calls import route_lines
from ..local_gateway.proxy import NAME
from ..local_gateway.request import Pairs
from ..local_gateway.stack import Stack
from .masking import MASK, Mask, is_secret_header
from .recorded_calls import RecordedCall

_IDS: Final = ("x-amzn-requestid", "apigw-requestid")
_NOT_SENT_AGAIN: Final = ("host", "content-length", "transfer-encoding", "connection")
AS_IT_WAS: Final = -1
"""The choice for a need that an edited request has as it came."""
_SECONDS: Final = 330.0
"""Longer than any API waits."""


class FormError(Exception):
    """A form that describes no request. The text is for its reader."""


@dataclass
class Outgoing:
    """A request to be sent."""

    method: str
    url: str
    headers: Pairs
    body: bytes

    def format_curl(self) -> str:
        """The line for a shell."""
        # curl would read the file of a header that begins with @.
        named = [(name, value) for name, value in self.headers if NAME.fullmatch(name)]
        parts = ["curl", "-g", *(["--head"] if self.method == "HEAD" else ["-X", self.method])]
        parts += [part for name, value in named for part in ("-H", f"{name}: {value}" if value else f"{name};")]
        try:
            parts += ["--data-binary", self.body.decode()] if self.body else []
        except UnicodeDecodeError:
            parts += ["--data-binary", "@body.bin"]
        return shlex.join([*parts, self.url])

    def mask(self, secrets: Iterable[str]) -> str:
        """The line for a shell without secrets."""
        own = [value for name, value in self.headers if is_secret_header(name)]
        hidden = [*secrets, *own, *(value.rpartition(" ")[2] for value in own)]
        return str(Mask(hidden).hide(self.format_curl()))


def build_from_form(form: Mapping[str, Any], stack: Stack, recorded: RecordedCall | None) -> Outgoing:
    """The request of a form. `recorded` is the one that was edited. Raises FormError."""
    lines = [*route_lines(stack)]
    place = form.get("place")
    line = lines[place] if isinstance(place, int) and 0 <= place < len(lines) else None
    api = as_text(form.get("api")) if line is None else line.api
    if api not in stack.urls:
        raise FormError("The stack has no such API now. Choose a route again.")
    target, body = _read_target(form, recorded), _read_body(form, recorded)
    headers = _read_headers(form, recorded)
    caller = _read_caller(form, line.needs if line else [], is_edited=recorded is not None)
    # An edited path has its prefix.
    prefix = "" if recorded is not None else caller.prefix
    sent = Outgoing(as_text(form.get("method")).upper() or "GET", stack.urls[api] + prefix + target, headers, body)
    function = line.route.function if line is not None and line.route is not None else None
    own = build_headers(stack, caller, function, sent.method, sent.url, body)
    missing = [name for name, value in caller.headers.items() if not value]
    if recorded is not None:
        sent.headers = [*_without(headers, *own, *missing), *own.items()]
    else:
        given = [header for header in _without(headers, *missing) if header[1]]
        sent.headers = [*given, *_without([*own.items()], *(name for name, _ in given))]
    return sent


def _read_caller(form: Mapping[str, Any], needs: list[Need], *, is_edited: bool) -> Credentials:
    """The caller by the choice for each need; a right one if the form names none. Raises FormError."""
    given, right, wrong = as_mapping(form.get("choices")), list[Choice](), list[Choice]()
    for need in needs:
        place = given.get(need.name, AS_IT_WAS if is_edited else 0)
        chosen = need.choices[place] if isinstance(place, int) and 0 <= place < len(need.choices) else None
        # A wrong token is a right one with something changed.
        right += [chosen] if chosen and chosen.is_right else [] if is_edited else [need.choices[0]]
        wrong += [chosen] if chosen and not chosen.is_right else []
    caller = Credentials()
    # Of a token that is not sent, nothing else is wrong.
    for choice in (*right, *sorted(wrong, key=lambda one: one.changes.get("claims", 0) is None)):
        caller = caller.change(choice.changes)
    if caller.claims is not None and (text := as_text(form.get("claims")).strip()):
        try:
            claims = json.loads(text)
        except ValueError:
            claims = None
        if not isinstance(claims, dict):
            raise FormError('Claims: want a JSON object, such as {"sub": "ann"}.')
        caller = caller.change({"claims": claims})
    return caller


def _read_target(form: Mapping[str, Any], recorded: RecordedCall | None) -> str:
    """The path with its variables filled in, and the query."""
    variables = as_mapping(form.get("variables"))

    def fill(match: re.Match[str]) -> str:
        value = as_text(variables.get(match[1]))
        # A variable of the rest of the path keeps its slashes.
        return quote(value, safe="/:@!$&'()*+,;=~" if match[2] else ":@!$&'()*+,;=~")

    path = as_text(form.get("path")) or "/"
    path = re.sub(r"\{([^}+]+)(\+?)\}", fill, path) if variables else path
    query = as_text(form.get("query")).removeprefix("?")
    if recorded is not None and MASK in query:
        query = recorded.request.raw_query
    if not path.startswith("/"):
        raise FormError(f"Path: got {path!r}; want a path that begins with /.")
    target = path + (f"?{query}" if query else "")
    if re.search(r"[\s#]", target):
        raise FormError("Path and query: write spaces as %20, and # as %23.")
    return quote(target, safe="/?%:@!$&'()*+,;=~[]{}|^`\"<>\\")


def _read_headers(form: Mapping[str, Any], recorded: RecordedCall | None) -> Pairs:
    """The headers of the form; values that it shows masked are those of the recorded request. Raises FormError."""
    hidden = dict(recorded.request.headers) | dict(recorded.request.assumed) if recorded else {}
    headers = []
    for pair in as_list(form.get("headers")):
        name, value = (as_text(part).strip() for part in (*as_list(pair), "", "")[:2])
        if not name:
            continue
        if not NAME.fullmatch(name) or re.search(r"[\r\n\0]", value):
            raise FormError(f"Header {name[:40]!r}: want a name of HTTP, and a value on one line.")
        headers.append((name, hidden.get(name.lower(), value) if MASK in value else value))
    return headers


def _read_body(form: Mapping[str, Any], recorded: RecordedCall | None) -> bytes:
    if recorded is not None and form.get("sameBody") is True:
        return recorded.request.body
    if encoded := as_text(form.get("bodyBase64")):
        return base64.b64decode(encoded)
    return as_text(form.get("body")).encode()


def _without(headers: Pairs, *names: str) -> Pairs:
    lower = {name.lower() for name in names}
    return [header for header in headers if header[0].lower() not in lower]


def build_again(recorded: RecordedCall, stack: Stack) -> Outgoing:
    """A recorded request as it came, with its own signature and token. Raises FormError."""
    request = recorded.request
    if not recorded.is_whole:
        raise FormError("The body of this request is too large to be kept. Send it from the form.")
    if recorded.trace.api not in stack.urls:
        raise FormError(f"The stack has no API {recorded.trace.api} any more.")
    came = [(request.spelled.get(name, name), value) for name, value in request.headers if name not in _NOT_SENT_AGAIN]
    own = stack.urls[recorded.trace.api].partition("://")[2]
    host = [] if request.host in ("", own) else [("Host", request.host)]
    target = request.raw_path + (f"?{request.raw_query}" if request.raw_query else "")
    assumed = [(name.title(), value) for name, value in request.assumed.items()]
    return Outgoing(request.method, f"http://{own}{target}", [*host, *came, *assumed], request.body)


async def send(outgoing: Outgoing, stack: Stack) -> dict[str, Any]:
    """Sends a request. Returns its status, and the ID by which the page lists it. Raises FormError."""
    try:
        async with stack.make_client(_SECONDS) as client:
            request = httpx.Request(outgoing.method, outgoing.url, content=outgoing.body or None)
            host = [("Host", request.url.netloc.decode())]
            length = [("Content-Length", str(len(outgoing.body)))] if outgoing.body else []
            named = any(name.lower() == "host" for name, _ in outgoing.headers)
            fields = [*([] if named else host), *_without(outgoing.headers, "content-length"), *length]
            request.headers = httpx.Headers([(name.encode("latin-1"), value.encode("utf-8")) for name, value in fields])
            answer = await client.send(request)
    except (httpx.HTTPError, httpx.InvalidURL, h11.ProtocolError, UnicodeError) as problem:
        raise FormError(f"The request cannot be sent: {problem}") from None
    ids = [value for name, value in answer.headers.multi_items() if name.lower() in _IDS]
    return {"status": answer.status_code, "request": ids[-1] if ids else ""}


def list_form_headers(recorded: RecordedCall) -> list[tuple[str, str]]:
    """The headers of a recorded request for a form, with secrets masked."""
    request, sources = recorded.request, recorded.sources
    came = [(name, value) for name, value in request.headers if name not in _NOT_SENT_AGAIN]
    shown = [
        (request.spelled.get(name, name), MASK if is_secret_header(name, sources) else value) for name, value in came
    ]
    return [*shown, *((name.title(), value) for name, value in request.assumed.items())]

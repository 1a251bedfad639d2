"""The calls that both answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .lists import HTTP_SOURCES

JSON: Final = {"Content-Type": "application/json"}
PAGE: Final = {"Origin": "https://app.example.com"}
PREFLIGHT: Final = {**PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-token"}
ANSWERS: Final = (
    "text", "number", "mapping", "nothing", "created", "status-as-text", "several", "cookies", "binary", "empty",
    "typed", "bad-status", "body-is-no-text", "raise",
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One request."""

    api: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        sent = [*(f"{name}: {value}" for name, value in self.headers.items()), self.body.decode("latin-1")]
        return " ".join((self.api, self.method, self.path, *filter(None, sent)))


def _of_rest() -> list[Call]:
    get = [
        "/echo", "/echo?a=1&a=2&b=", "/echo/", "/items/7", "/items/a%20b", "/items/7/x", "/items/7/x/y%2Fz", "/keyed",
        "/decided", "/signed", "/mock", "/nowhere", "/items", *(f"/echo?answer={name}" for name in ANSWERS),
    ]  # fmt: skip
    return [
        *(Call("rest", "GET", f"/live{path}") for path in get),
        Call("rest", "GET", "/other/echo"),
        Call("rest", "PUT", "/live/items/7"),
        Call("rest", "HEAD", "/live/echo"),
        Call("rest", "POST", "/live/echo", JSON, b'{"a": 1}'),
        Call("rest", "POST", "/live/echo", {"Content-Type": "image/png"}, b"\x00\xff"),
        Call("rest", "GET", "/live/echo?answer=binary", {"Accept": "image/png"}),
        Call("rest", "GET", "/live/keyed", {"x-api-key": "0123456789abcdef0123456789abcdef"}),
        Call("rest", "GET", "/live/keyed", {"x-api-key": "wrong"}),
        Call("rest", "GET", "/live/decided", {"X-Token": "yes"}),
        Call("rest", "GET", "/live/decided", {"X-Token": "no"}),
        Call("rest", "POST", "/live/checked?size=1", JSON, b'{"a": 1}'),
        Call("rest", "POST", "/live/checked?size=1", JSON, b'{"a": "1"}'),
        Call("rest", "POST", "/live/checked?size=1", JSON, b"no json"),
        Call("rest", "POST", "/live/checked", JSON, b'{"a": 1}'),
    ]


def _of_web() -> list[Call]:
    get = [
        "/echo", "/echo?a=1&a=2&b=", "/echo/", "/items/7", "/items/a%20b", "/items/7/x", "/one/7", "/one/7?a=1&a=2",
        "/decided", "/nowhere", *(f"/echo?answer={name}" for name in ANSWERS),
        *(f"/one/7?answer={name}" for name in ANSWERS),
    ]  # fmt: skip
    return [
        *(Call("web", "GET", path) for path in get),
        Call("web", "PUT", "/items/7"),
        Call("web", "DELETE", "/decided"),
        Call("web", "HEAD", "/echo"),
        Call("web", "GET", "/echo", {"Cookie": "a=1; b=2"}),
        Call("web", "POST", "/echo", JSON, b'{"a": 1}'),
        Call("web", "POST", "/echo", {"Content-Type": "image/png"}, b"\x00\xff"),
        Call("web", "GET", "/decided", {"x-token": "yes"}),
        Call("web", "GET", "/decided", {"x-token": "no"}),
        Call("web", "GET", "/echo", PAGE),
        Call("web", "GET", "/echo", {"Origin": "https://other.example.com"}),
        Call("web", "OPTIONS", "/echo", PREFLIGHT),
        Call("web", "OPTIONS", "/echo", {**PREFLIGHT, "Origin": "https://other.example.com"}),
        Call("web", "OPTIONS", "/nowhere", PREFLIGHT),
    ]


def _of_words() -> list[Call]:
    """Calls for what AWS lists: each gateway response that a call can bring about, and each variable of `$context`."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    key = {"x-api-key": "0123456789abcdef0123456789abcdef"}
    at = "/live/{}".format
    sent = [
        (at("context"), {}, b"{}"), (at("strict"), form, b"a=1"), (at("keyed"), {}, b"{}"), (at("keyed"), key, b"{}"),
        (at("signed"), {}, b"{}"), (at("decided"), {}, b"{}"), (at("decided"), {"X-Token": "no"}, b"{}"),
        (at("decided"), {"X-Token": "yes"}, b"{}"), (at("checked?size=1"), {}, b"{}"), (at("checked"), {}, b'{"a": 1}'),
        (at("checked?size=1"), {}, b'{"a": 1}'), (at("nowhere"), {}, b"{}"),
    ]  # fmt: skip
    return [Call("words", "POST", path, {**JSON, **PAGE, **headers}, body) for path, headers, body in sent]


def _of_mappings() -> list[Call]:
    """Calls for each source and each place of AWS's lists of parameter mappings."""
    headers, body = {**JSON, "X-Token": "t1"}, b'{"a": {"b": 1}}'
    web = [f"/map{number}/7?q=1&q=2&r=3" for number in range(len(HTTP_SOURCES))]
    return [
        Call("maps", "POST", "/live/7?q=1&q=2", headers, body),
        Call("maps", "POST", "/live/7", JSON, b"{}"),
        *(Call("web", "POST", path, headers, body) for path in web),
    ]


CALLS: Final = (*_of_rest(), *_of_web(), *_of_words(), *_of_mappings())

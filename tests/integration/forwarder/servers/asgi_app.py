"""An ASGI application that shows what it received, and redirects."""

import json
from collections.abc import Awaitable, Callable
from typing import Any


async def app(scope: dict[str, Any], receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    assert scope["type"] == "http"
    status, fields, body = 302, [(b"location", b"/login")], b""
    if not scope["path"].endswith("/go"):
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        said = {"path": scope["path"], "query": scope["query_string"].decode(), "headers": headers}
        status, fields, body = 200, [(b"content-type", b"application/json")], json.dumps(said).encode()
    fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})

"""The two halves of an ASGI exchange that every server of this folder needs."""

from __future__ import annotations

from typing import Any

Fields = list[tuple[bytes, bytes]]


async def body_of(receive: Any) -> bytes:
    """The whole body of a request."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def respond(send: Any, status: int, fields: Fields, body: bytes, *, head: bool = False) -> None:
    """Send a whole response with its length; of one to HEAD, the head only."""
    fields = [*fields, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if head else body})

"""CloudWatch's newer protocol (Smithy RPC v2, CBOR), which the provider speaks, in front of the JSON that moto reads.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import cbor2

_PATH: Final = re.compile(r"^/service/(?P<service>\w+)/operation/(?P<operation>\w+)$")
_EPOCH_SECONDS: Final = 1

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class CborBridge:
    """An application that turns CBOR calls into JSON calls of another."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        found = _PATH.match(environ["PATH_INFO"])
        if found is None:
            return self._inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = json.dumps(_for_json(cbor2.loads(body) if body else {})).encode()
        answered: list[str] = []
        parts = self._inner(
            {
                **environ,
                "PATH_INFO": "/",
                "RAW_URI": "/",
                "REQUEST_URI": "/",
                "CONTENT_TYPE": "application/x-amz-json-1.0",
                "CONTENT_LENGTH": str(len(asked)),
                "HTTP_X_AMZ_TARGET": f"{found['service']}.{found['operation']}",
                "wsgi.input": io.BytesIO(asked),
            },
            lambda status, headers, trace=None: answered.append(status),
        )
        text = b"".join(parts)
        packed = cbor2.dumps(_for_cbor(json.loads(text) if text.strip() else {}))
        start_response(
            answered[0],
            [
                ("Content-Type", "application/cbor"),
                ("smithy-protocol", "rpc-v2-cbor"),
                ("Content-Length", str(len(packed))),
            ],
        )
        return [packed]


def _for_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {key: _for_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_for_json(item) for item in value]
    return value


def _for_cbor(value: Any, key: str = "") -> Any:
    """JSON has no type for a moment; the members of these answers are named after it."""
    if key.endswith(("Timestamp", "Date", "Since")) and isinstance(value, int | float):
        return cbor2.CBORTag(_EPOCH_SECONDS, float(value))
    if isinstance(value, Mapping):
        return {at: _for_cbor(item, at) for at, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_for_cbor(item) for item in value]
    return value

"""A WSGI application that shows what it received, and redirects."""

import json
from collections.abc import Callable, Iterable
from typing import Any


def app(environ: dict[str, Any], start: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
    if environ["PATH_INFO"].endswith("/go"):
        start("302 Found", [("Location", "/login"), ("Content-Length", "0")])
        return [b""]
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    said = {"path": environ["PATH_INFO"], "query": environ["QUERY_STRING"], "headers": headers}
    body = json.dumps(said).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]

"""Requests that HTTP integrations receive, with the stack's mappings of parameters.

https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit

from .apis import AuthorizerKind
from .call import Call
from .request import HEADERS, Pairs, Request

_NAME: Final = r"(?:context|request)(?:\.[A-Za-z0-9_\-]+)+"
_REFERENCE: Final = re.compile(rf"\$(?:\{{({_NAME})\}}|({_NAME}))")
"""`$context.name` and `${context.name}`. A brace that ends the text around belongs to the text."""
_SAFE: Final = "/:@!$&'()*+,;=-._~%"
_WITH_BODY: Final = ("PATCH", "POST", "PUT")


def map_request(call: Call) -> tuple[str, Pairs]:
    """Path with query, and headers of the request that an HTTP integration receives."""
    path, query, headers = _map_rest_request(call) if call.api.is_rest else _map_http_request(call)
    if call.request.body or (call.api.is_rest and call.sent_method in _WITH_BODY):
        headers.append(("Content-Length", str(len(call.request.body))))
    # A variable that begins the path would be a part of the address.
    path = path if path.startswith("/") else f"/{path}"
    return path + ("?" + "&".join(part for _, part in query) if query else ""), headers


def _map_rest_request(call: Call) -> tuple[str, Pairs, Pairs]:
    """Path, query and headers, where each name of the query has its encoded part."""
    uri = urlsplit(call.route.uri)
    path = uri.path or "/"
    query = [(key, _format_parameter(key, value)) for key, value in call.request.query]
    signed = ["authorization"] if call.route.authorizer_kind is AuthorizerKind.IAM else []
    headers = [
        ("Host", uri.netloc),
        *_list_passed_headers(call, [*HEADERS["withheldByRest"], *HEADERS["withheldByRestFromHttp"], *signed]),
        ("x-amzn-apigateway-api-id", call.api.id),
    ]
    for place, source in call.route.parameters.items():
        value = source[1:-1] if source.startswith("'") else call.find_value(source)
        kind, _, name = place.removeprefix("integration.request.").partition(".")
        if kind == "path":
            path = path.replace(f"{{{name}}}", quote(value or "", safe=_SAFE))
        elif value is not None:
            # REST APIs are case-sensitive: a caller's own header in another spelling stays beside it.
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
            headers = [*(header for header in headers if header[0] != name), (name, value)]
    return path, query, headers


def _map_http_request(call: Call) -> tuple[str, Pairs, Pairs]:
    """Path, query and headers for an HTTP API. The path has the stage unless it is overwritten."""
    request = call.request
    path, query = request.raw_path, _split_query(request.raw_query)
    headers = [
        ("Host", request.host),
        *_list_passed_headers(call, HEADERS["translated"]),
        ("Forwarded", ", ".join(_list_forwarded_hops(request))),
        ("Via", "HTTP/1.1 AmazonAPIGateway"),
    ]
    for place, template in call.route.parameters.items():
        action, _, where = place.partition(":")
        kind, _, name = where.partition(".")
        value = _REFERENCE.sub(lambda match: call.find_value(match[1] or match[2]) or "", template)
        if kind == "path":
            path = value if value.startswith("/") else f"/{value}"
        # AWS does not say what an empty value leaves. The caller's own header stays here, the worst for a backend.
        elif kind == "header" and (value or action == "remove"):
            headers = [header for header in headers if header[0].lower() != name.lower()]
            headers += [(name, value)] if action == "overwrite" else []
    return path, query, headers


def _list_passed_headers(call: Call, more: list[str]) -> Pairs:
    seen, withheld = call.request.list_passed_headers(spelled=call.api.is_rest), {*HEADERS["withheld"], *more}
    return [header for header in seen if header[0].lower() not in withheld]


def _list_forwarded_hops(request: Request) -> Iterator[str]:
    """The hops of a request to an HTTP API, which writes the caller's X-Forwarded-* headers in this form.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    yield from request.list_values("forwarded")
    fields = {name: request.find_header(f"x-forwarded-{name}") for name in ("for", "host", "proto")}
    hops = [f"for={hop.strip()}" for hop in fields.pop("for").split(",") if hop.strip()]
    parameters = [f"{name}={value}" for name, value in fields.items() if value]
    if hops or parameters:
        yield ";".join([*hops[:1], *parameters])
    yield from hops[1:]
    yield f"by=127.0.0.1;for={request.source_ip};host={request.host};proto=https"


def _split_query(query: str) -> Pairs:
    return [(part.partition("=")[0], part) for part in query.split("&")] if query else []


def _format_parameter(name: str, value: str) -> str:
    return f"{quote(name)}={quote(value)}"

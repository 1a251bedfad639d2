"""CORS of HTTP APIs, which the gateway answers by itself.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from dataclasses import replace

from ..graph.reading import as_list
from .apis import ServedApi
from .request import Pairs, Request, Response

_OWN = "access-control-"


def answer_preflight(api: ServedApi, request: Request) -> Response | None:
    """The answer to a preflight request. None for any other request, or without a CORS configuration."""
    method = request.find_header("access-control-request-method")
    if api.is_rest or not api.cors or request.method != "OPTIONS" or not request.find_header("origin") or not method:
        return None
    return Response(204, _build_headers(api, request, preflight=True))


def replace_cors_headers(api: ServedApi, request: Request, response: Response) -> Response:
    """The response with the headers of the API's configuration in place of the integration's."""
    if api.is_rest or not api.cors or request.method == "OPTIONS" or not request.find_header("origin"):
        return response
    kept = [(name, value) for name, value in response.headers if not name.lower().startswith(_OWN)]
    return replace(response, headers=kept + _build_headers(api, request, preflight=False))


def _build_headers(api: ServedApi, request: Request, *, preflight: bool) -> Pairs:
    origin, cors = request.find_header("origin"), api.cors
    origins = [str(allowed) for allowed in as_list(cors.get("allowOrigins"))]
    anyone = "*" in origins
    if not anyone and not any(_is_allowed(origin, allowed) for allowed in origins):
        return []
    headers = [("access-control-allow-origin", "*" if anyone else origin)]
    if cors.get("allowCredentials") is True:
        headers.append(("access-control-allow-credentials", "true"))
    lists = {"expose-headers": "exposeHeaders"}
    if preflight:
        lists = {"allow-methods": "allowMethods", "allow-headers": "allowHeaders"}
        headers.append(("access-control-max-age", f"{cors.get('maxAge') or 0:g}"))
    for name, key in lists.items():
        if values := as_list(cors.get(key)):
            headers.append((f"access-control-{name}", ",".join(map(str, values))))
    return headers


def _is_allowed(origin: str, allowed: str) -> bool:
    """Whether an origin is the allowed one, or begins as `https://*` demands."""
    return origin == allowed or (allowed.endswith("://*") and origin.startswith(allowed[:-1]))

"""Rules of calls from web pages."""

from collections.abc import Iterator

from ....facts.limits import ANY
from ..api import Api
from ..mistakes import Mistake
from ..pages import CONTENT_TYPE, list_called_methods, list_headers
from .rule import make_mistake, register


@register
def check_cors(api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html"""
    cors = api.cors
    if cors is None:
        return
    for index, route in enumerate(api.routes):
        guarded = route.authorization != "none"
        # ANY was spread already.
        # An HTTP API sends a preflight request to a route that takes OPTIONS, whose authorizer then answers 401.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
        if "OPTIONS" in route.methods and (api.kind == "rest" or guarded):
            allowed = "methods without OPTIONS where api.cors answers OPTIONS itself"
            yield make_mistake(f"api.routes[{index}].methods", ", ".join(route.methods), allowed, "take out OPTIONS")
    if api.kind == "rest" and not cors.preflight_only:
        allowed = (
            "a REST API with cors.preflightOnly: true: pages read the headers that the backend sends, and no others"
        )
        remedy = "let the backend send Access-Control-Allow-Origin and set it, or use api.kind: http"
        yield make_mistake("api.cors", ", ".join(cors.origins), allowed, remedy)
    if api.kind == "http" and cors.preflight_only:
        allowed = "only with api.kind: rest: an HTTP API adds the headers"
        yield make_mistake("api.cors.preflightOnly", True, allowed, "take it out")


@register
def check_cors_headers(api: Api) -> Iterator[Mistake]:
    """https://fetch.spec.whatwg.org/#cors-preflight-fetch"""
    cors = api.cors
    if cors is None:
        return
    named = {header.lower() for header in cors.headers}
    # `*` covers every header but Authorization.
    needed = [header for header in list_headers(api.routes, api.authorizers) if header != CONTENT_TYPE]
    without = [
        header
        for header in needed
        if header.lower() not in named and not ("*" in named and header.lower() != "authorization")
    ]
    if without:
        allowed = f"with {', '.join(without)}, which the routes need: the browser would refuse to send it"
        remedy = "add it, or take out headers, whose default has it"
        yield make_mistake("api.cors.headers", ", ".join(cors.headers), allowed, remedy)
    called = list_called_methods(api.routes)
    if ANY not in cors.methods and not set(called) & set(cors.methods):
        allowed = f"methods of the routes: {', '.join(called)}"
        yield make_mistake(
            "api.cors.methods", ", ".join(cors.methods), allowed, "take out methods, whose default has them"
        )

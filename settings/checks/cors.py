"""Rules of calls from web pages."""

from collections.abc import Iterator

from facts.limits import ANY, METHODS

from ..api import Api
from ..mistakes import Mistake
from .rule import mistake, rule


@rule
def cors_is_possible(api: Api) -> Iterator[Mistake]:
    if api.cors is None:
        return
    for index, route in enumerate(api.routes):
        guarded = route.authorization != "none"
        # An HTTP API sends a preflight request to a route that takes OPTIONS, whose authorizer then answers 401.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
        if {"OPTIONS", ANY} & set(route.methods) and (api.kind == "rest" or guarded):
            yield mistake(
                f"api.routes[{index}].methods",
                ", ".join(route.methods),
                "methods without OPTIONS and ANY where api.cors answers OPTIONS itself",
                f"name them: {', '.join(method for method in METHODS if method != 'OPTIONS')}",
            )


@rule
def rest_apis_answer_preflight_requests_alone(api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html"""
    cors = api.cors
    if cors is None:
        return
    if api.kind == "rest" and not cors.preflight_only:
        yield mistake(
            "api.cors",
            ", ".join(cors.origins),
            "a REST API with cors.preflightOnly: true: pages read the headers that the backend sends, and no others",
            "let the backend send Access-Control-Allow-Origin and set it, or use api.kind: http",
        )
    if api.kind == "http" and cors.preflight_only:
        yield mistake(
            "api.cors.preflightOnly", True, "only with api.kind: rest: an HTTP API adds the headers", "take it out"
        )
    if api.kind == "rest" and cors.expose_headers:
        yield mistake(
            "api.cors.exposeHeaders",
            ", ".join(cors.expose_headers),
            "only with api.kind: http: a REST API's real answers are the backend's",
            "let the backend send Access-Control-Expose-Headers",
        )

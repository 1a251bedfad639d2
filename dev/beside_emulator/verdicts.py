"""Who is right where the local gateway and the emulator differ, by AWS's documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .calls import Call

_REST: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html"
_HTTP: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"
_ERRORS: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"
_TEMPLATES: Final = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html"
)
_ANSWERED: Final = r'/context|x-api-key: 0|X-Token: yes|size=1 .*"a"'
"""Calls of the API `words` that a mock answers."""
_SOURCES: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html"
_MAPPING: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html"
_CORS: Final = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"


@dataclass(frozen=True)
class Verdict:
    """One kind of difference."""

    place: str
    """Regular expression of the whole place."""
    right: str
    """`ours`, `emulator`, `either`, or `not documented`."""
    why: str
    api: str = "rest|web"
    call: str = ""
    """Regular expression that the first call contains."""

    def fits(self, api: str, place: str, call: Call) -> bool:
        """Whether a difference is of this kind."""
        return bool(re.fullmatch(self.api, api) and re.fullmatch(self.place, place) and re.search(self.call, str(call)))


# The first that fits counts.
VERDICTS: Final = (
    Verdict(
        r"body\.(headers\.h\d|query(\.q\d.*)?|path)",
        "ours",
        f"the emulator maps no source but a path's variable and static values: {_SOURCES}",
        "maps",
    ),
    Verdict(r"body\.headers\.connection", "either", "the connection to the backend is kept or not", "maps"),
    Verdict(
        r"body\.path",
        "ours",
        f"the URI's variables are the path's, and a path is overwritten: {_MAPPING}",
        "web",
        "/map",
    ),
    Verdict(
        r"body\.headers\.(forwarded|via)",
        "ours",
        "HTTP APIs fold X-Forwarded-* into Forwarded, and add Via",
        "web",
        "/map",
    ),
    Verdict(
        r"body\.(headers|query)\.[ao][34].*",
        "ours",
        f"the body and the path are sources of mappings: {_MAPPING}",
        "web",
        "/map[34]",
    ),
    Verdict(".*", "ours", "the emulator does not encode the white space of a path", "web", "/map9"),
    Verdict(".*", "ours", f"the emulator sends every event in version 2.0: {_HTTP}", "web", r"/one/7(\?a=|$)"),
    Verdict(
        ".*",
        "ours",
        f"a result of version 1.0 without statusCode gets 500: {_HTTP}",
        "web",
        r"/one/7\?answer=(text|number|mapping)",
    ),
    Verdict(".*", "ours", f"version 1.0 has multiValueHeaders: {_HTTP}", "web", r"/one/7\?answer=several"),
    Verdict(".*", "not documented", "what version 1.0 makes of a body that is no text", "web", r"/one/7\?answer=body"),
    Verdict(".*", "not documented", "whether an HTTP API passes over a slash at the end", "web", "/echo/$"),
    Verdict(
        r"body\.(multiValueH|h)eaders\.(x-.*|connection(\.0)?)",
        "ours",
        f"API Gateway adds X-Forwarded-* and the trace: {_REST}",
        "rest|web|maps",
    ),
    Verdict(
        r"body\.requestContext\.(deploymentId|domain.*|identity\..*)",
        "ours",
        f"the fields are in AWS's sample event: {_REST}",
    ),
    Verdict(r"body\.version", "ours", f"the event of a REST API has no version: {_REST}", "rest"),
    Verdict(
        r"header x-amz-apigw-id",
        "ours",
        f"it is the gateway's second identifier, extendedRequestId: {_REST}",
        "rest|words|maps",
    ),
    Verdict(
        r"body\.queryStringParameters\.a",
        "not documented",
        "which of several values the single-value field has",
        "rest",
    ),
    Verdict(
        r"body\.(requestContext\.)?path", "not documented", "whether a REST API decodes the event's path", "rest", "%"
    ),
    Verdict(r"header x-amzn-errortype", "ours", f"errors have x-amzn-ErrorType: {_ERRORS}", "rest|words"),
    Verdict(r"body\.[A-Za-z.]+", "ours", f"a mock's templates have the variables: {_TEMPLATES}", "words", _ANSWERED),
    Verdict(
        ".*",
        "ours",
        f"a malformed result gets 502: {_REST}",
        "rest",
        "answer=(text|number|mapping|nothing|cookies|bad-status|body)",
    ),
    Verdict(".*", "ours", f"a function's failure gets 502 without its text: {_REST}", "rest", "answer=raise"),
    Verdict(".*", "either", "an empty answer may be without Content-Length", call="answer=(empty|nothing)"),
    Verdict(r".*integrationLatency", "ours", f"the authorizer's context has it: {_REST}", "rest"),
    Verdict(
        r"body\.[Mm]essage|header content-length",
        "not documented",
        "the words of a denial",
        "rest|words",
        "X-Token: no",
    ),
    Verdict(
        r"header content-length", "either", "white space in the same JSON", "rest|web|words", "checked|x-token: no"
    ),
    Verdict(r"body\.pathParameters", "ours", f"version 2.0 leaves out what is empty: {_HTTP}", "web"),
    Verdict(r"body\.stageVariables\..*", "ours", f"version 2.0 has the stage's variables: {_HTTP}", "web"),
    Verdict(
        r"header content-type",
        "ours",
        f"only a result without statusCode is taken for JSON: {_HTTP}",
        "web",
        "answer=(created|cookies)",
    ),
    Verdict(
        ".*", "ours", f"a failed function and a malformed result get 500: {_HTTP}", "web", "answer=(raise|bad-status)"
    ),
    Verdict(
        r"body\.cookies.*|body\.headers\.cookie",
        "ours",
        f"version 2.0 has cookies in a list of their own: {_HTTP}",
        "web",
    ),
    Verdict(r"header vary", "not documented", "whether answers have Vary", "web"),
    Verdict(".*", "not documented", f"a preflight's headers for this origin: {_CORS}", "web", "^web OPTIONS"),
)

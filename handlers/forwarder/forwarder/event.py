"""Events of API Gateway: payload 1.0 of REST and HTTP APIs, and payload 2.0 of HTTP APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from .headers import checked, is_token, values
from .percent import UNRESERVED, decode, encode
from .refusal import Refused
from .target import strip

# Request IDs of AWS have 36 characters.
_MOST_ID_CHARACTERS = 128
# RFC 3986 3.2.2, without the comma, which would join two hosts.
_HOST = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~%!$&'()*+;=:[]")
_ADDRESS = frozenset("0123456789abcdefABCDEF.:")
# The source IP of tests in the console and of `aws apigateway test-invoke-method`.
_CONSOLE = "test-invoke-source-ip"
# https://docs.aws.amazon.com/apigateway/latest/api/API_CreateBasePathMapping.html
_BASE_PATH = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$-_.+!*'()/")
_MOST_BASE_CHARACTERS = 300

_Pairs = list[tuple[str, str]]


class Incoming:
    """The caller's request, as far as the event has it.

    - `path`: the route's path, without stage and base path. It must be encoded again if `decoded` is true.
    - `mount`: stage and base path, as far as the caller's URL had them.
    - `depth`: number of the path's first segments that belong to the route, before a greedy variable; 0 if unknown.
    - `query`: encoded.
    - `host`: the authority that the caller used. May be empty.
    - `source`: the caller's address as API Gateway saw it. May be empty.
    - `identity`: header lines that identify the caller, if they are requested.
    """

    __slots__ = (
        "body",
        "decoded",
        "depth",
        "headers",
        "host",
        "identity",
        "method",
        "mount",
        "path",
        "query",
        "request_id",
        "source",
    )

    def __init__(self, event: object, request_id: str, *, identity: bool = False) -> None:
        """Raises Refused if the event is not from API Gateway or has no valid request."""
        given = Given(event)
        around = given.below("requestContext")
        if isinstance(event, dict) and _is_load_balancers(event):
            raise Refused(400, "this is an event of a load balancer; the forwarder serves events of API Gateway")
        self.request_id = request_id
        if is_version_2(event):
            called = around.below("http")
            self.method, self.source = called.text("method"), called.text("sourceIp")
            declared = given.text("routeKey").partition(" ")[2]
            placed = _route_apart(given.text("rawPath"), declared, given)
            self.path, self.mount = placed or _stage_apart(given.text("rawPath"), around)
            self.decoded = True
            self.query = given.text("rawQueryString")
            headers = given.pairs("headers")
            if cookies := given.texts("cookies"):
                # RFC 6265 5.4: one field for all cookies.
                headers.append(("Cookie", "; ".join(cookies)))
        else:
            self.method, self.source = given.text("httpMethod"), around.below("identity").text("sourceIp")
            self.decoded = given.text("version") == "1.0"
            declared = given.text("resource")
            self.path, self.mount = _version_1_path(given, around)
            self.query = _query(given.pairs("queryStringParameters", "multiValueQueryStringParameters"))
            headers = given.pairs("headers", "multiValueHeaders")
        if self.source == _CONSOLE:
            self.source = ""
        if not is_token(self.method) or self.method == "CONNECT" or not _ADDRESS.issuperset(self.source):
            raise Refused(400, "the method is malformed, or the event")
        self.depth = _depth(declared)
        found = checked(headers)
        if found is None:
            raise Refused(400, "a header is malformed")
        self.headers = found
        self.host = _host(values(self.headers, "host") or [around.text("domainName")])
        self.body = _body(given)
        self.identity: list[str] = []
        if identity:
            # Many APIs have no authorizer.
            from .identity import lines

            self.identity = lines(given, around, self.source)


class Given:
    """A mapping from outside, whose values can have wrong types."""

    __slots__ = ("_given",)

    def __init__(self, given: object) -> None:
        self._given = given if isinstance(given, dict) else {}

    def text(self, key: str) -> str:
        """Returns the text, or an empty string if it is absent. Raises Refused for any other type."""
        return _text(self._given.get(key) or "")

    def get(self, key: str) -> object:
        """Returns the value, of any type. None if it is absent."""
        return self._given.get(key)

    def copy(self) -> dict[str, object]:
        """Returns a shallow copy."""
        return dict(self._given)

    def below(self, key: str) -> "Given":
        """Returns a nested mapping. It is empty if it is absent."""
        return Given(self._given.get(key))

    def pairs(self, single: str, many: str | None = None) -> _Pairs:
        """Returns each name with each of its values, from the mapping of lists or, if that is absent, of single values.

        Null counts as absent: consoles and test tools write it for a header or a parameter without a value.
        """
        lists = self._given.get(many)
        if isinstance(lists, dict) and lists:
            return [
                (_text(name), _text(value))
                for name, found in lists.items()
                if found is not None
                for value in _list(found)
                if value is not None
            ]
        singles = self._given.get(single)
        given = singles.items() if isinstance(singles, dict) else ()
        return [(_text(name), _text(value)) for name, value in given if value is not None]

    def texts(self, key: str) -> list[str]:
        """Returns a list of texts. It is empty if it is absent."""
        return [_text(value) for value in _list(self._given.get(key) or [])]

    def flag(self, key: str) -> bool:
        """True if the value is true."""
        return self._given.get(key) is True


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused(400, "the event is malformed")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Refused(400, "the event is malformed")
    return value


def is_version_2(event: object) -> bool:
    """True if the event, and so the result, has payload version 2.0."""
    return isinstance(event, dict) and event.get("version") == "2.0"


def joins_headers(event: object) -> bool:
    """True if the result has each header once: payload 2.0, and load balancers without multi-value headers."""
    return is_version_2(event) or (isinstance(event, dict) and _is_load_balancers(event) and "headers" in event)


def _is_load_balancers(event: dict[str, object]) -> bool:
    context = event.get("requestContext")
    return isinstance(context, dict) and "elb" in context


def request_id(event: object, context: object) -> str:
    """Returns API Gateway's request ID, or Lambda's, or an empty string. Accepts any event."""
    given = event.get("requestContext") if isinstance(event, dict) else None
    found = given.get("requestId") if isinstance(given, dict) else None
    found = found or getattr(context, "aws_request_id", None)
    return found[:_MOST_ID_CHARACTERS] if isinstance(found, str) else ""


def route(event: object) -> str:
    """Returns the route as the API declares it. It contains nothing that the caller chose."""
    given = event.get("requestContext") if isinstance(event, dict) else None
    found = (given.get("routeKey") or given.get("resourcePath")) if isinstance(given, dict) else None
    return found if isinstance(found, str) else ""


def _depth(declared: str) -> int:
    """Returns the number of segments before a greedy variable."""
    return declared.rstrip("/").count("/") - declared.endswith("+}")


def _route_apart(path: str, declared: str, given: Given) -> tuple[str, str] | None:
    """Returns the route's part of `path`, and the part in front of it.

    In front are the base path of a custom domain (REST APIs) or the stage (HTTP APIs). Returns None if `path` does not
    end with the route's path with its parameters filled in.
    """
    if not declared.startswith("/"):
        return None
    parts = declared.rstrip("/").split("/")
    below = given.below("pathParameters")
    wanted = "/".join([below.text(part.strip("{+}")) if part[:1] == "{" else part for part in parts]).rstrip("/")
    end = path.rstrip("/")
    start = 0
    while 0 <= start <= _MOST_BASE_CHARACTERS:
        rest = end[start:]
        if rest == wanted or ("%" in rest and decode(rest) == wanted):
            return (path[start:], path[:start]) if _is_base_path(path[:start]) else None
        following = end.find("/", start + 1)
        start = following if following >= 0 or start == len(end) else len(end)
    return None


def _is_base_path(path: str) -> bool:
    return _BASE_PATH.issuperset(path) and all(part.strip(".") for part in path.split("/")[1:])


def _stage_apart(path: str, around: Given) -> tuple[str, str]:
    """Splits off a named stage, which HTTP APIs put in front of the path."""
    stage = around.text("stage")
    rest = None if stage == "$default" else strip(path, f"/{stage}")
    return (path, "") if rest is None else (rest, f"/{stage}")


def _version_1_path(given: Given, around: Given) -> tuple[str, str]:
    path, public = given.text("path"), around.text("path")
    placed = _route_apart(path, given.text("resource"), given)
    # Only HTTP APIs write the version.
    if given.text("version") == "1.0":
        return placed or (_stage_apart(path, around) if path == public else (path, ""))
    # A REST API's `path` has no stage. `requestContext.path` has it, unless the call came through a custom domain.
    end, whole = path.rstrip("/"), public.rstrip("/")
    stage = whole[: len(whole) - len(end)] if whole.endswith(end) else ""
    found, base = placed or (path, "")
    return found, stage + base


def _query(pairs: _Pairs) -> str:
    """Payload 1.0 has decoded names and values. It does not keep the order across names."""
    return "&".join(f"{encode(name, UNRESERVED)}={encode(value, UNRESERVED)}" for name, value in pairs)


def _body(given: Given) -> bytes:
    body = given.text("body")
    if not given.flag("isBase64Encoded"):
        return body.encode()
    # Requests without a body need no base64.
    from binascii import a2b_base64

    try:
        return a2b_base64(body, strict_mode=True)
    except ValueError:
        raise Refused(400, "the body is not base64") from None


def _host(found: list[str]) -> str:
    """RFC 9112 3.2: a request has one Host, and a proper one."""
    if len(found) > 1 or not _HOST.issuperset("".join(found)):
        raise Refused(400, "the request has no proper Host, or more than one")
    return found[0]

"""Events of API Gateway: payload 1.0 of REST and HTTP APIs, and payload 2.0 of HTTP APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from binascii import Error, a2b_base64

from .headers import checked, is_token, values
from .percent import UNRESERVED, decode, encode
from .refusal import Refused
from .target import strip

# Ids of AWS have 36.
_MOST_ID_CHARACTERS = 128
# RFC 3986 3.2.2, without the comma that joins two of them to one.
_HOST = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~%!$&'()*+;=:[]")
_ADDRESS = frozenset("0123456789abcdefABCDEF.:")
# The source of a test in the console and of `aws apigateway test-invoke-method`, which has no address.
_CONSOLE = "test-invoke-source-ip"
# https://docs.aws.amazon.com/apigateway/latest/api/API_CreateBasePathMapping.html
_BASE_PATH = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$-_.+!*'()/")
_MOST_BASE_CHARACTERS = 300

_Pairs = list[tuple[str, str]]


class Incoming:
    """A request as the caller sent it, as far as the event still has it.

    `path` is the route's own, without stage and base path: these are `mount`, as far as the caller's URL had them. It
    must be encoded again if the gateway has `decoded` it. Its first `depth` segments are the route's, before a greedy
    variable; 0 if that is not known. `query` is encoded. `host` is the authority that was asked, `source` the
    caller's address as the gateway saw it; either may be empty. `identity` are header lines that say who called, if
    they are wanted.
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
        """Raises Refused for what is no event of API Gateway, or no request."""
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
                # RFC 6265 5.4: one field, whatever number of cookies.
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
        self.headers = checked(headers)
        self.host = _host(values(self.headers, "host") or [around.text("domainName")])
        self.body = _body(given)
        self.identity: list[str] = []
        if identity:
            # Many APIs have no authorizer.
            from .identity import lines

            self.identity = lines(given, around, self.source)


class Given:
    """A mapping from outside, whose values need not be what they should be."""

    __slots__ = ("_given",)

    def __init__(self, given: object) -> None:
        self._given = given if isinstance(given, dict) else {}

    def text(self, key: str) -> str:
        """Text, or nothing when it is absent. Raises Refused for anything else."""
        return _text(self._given.get(key) or "")

    def get(self, key: str) -> object:
        """The value, of any type; None when it is absent."""
        return self._given.get(key)

    def copy(self) -> dict[str, object]:
        """The mapping, for changes at its top."""
        return dict(self._given)

    def below(self, key: str) -> "Given":
        """A mapping below, empty when it is absent."""
        return Given(self._given.get(key))

    def pairs(self, single: str, many: str | None = None) -> _Pairs:
        """Each name with each of its values, of a mapping of lists, or else of one of single values.

        Null is absent: consoles and test tools write it for a header or a parameter without a value.
        """
        lists = self._given.get(many)
        if isinstance(lists, dict) and lists:
            present = [(name, value) for name, found in lists.items() if found is not None for value in _list(found)]
        else:
            singles = self._given.get(single)
            present = list(singles.items()) if isinstance(singles, dict) else []
        return [(_text(name), _text(value)) for name, value in present if value is not None]

    def texts(self, key: str) -> list[str]:
        """A list of texts, empty when it is absent."""
        return [_text(value) for value in _list(self._given.get(key) or [])]

    def flag(self, key: str) -> bool:
        """Whether it is set."""
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
    """Whether the event, and so the result, has payload version 2.0."""
    return isinstance(event, dict) and event.get("version") == "2.0"


def joins_headers(event: object) -> bool:
    """Whether the result has each header once: payload 2.0, and load balancers unless they are set otherwise."""
    return is_version_2(event) or (isinstance(event, dict) and _is_load_balancers(event) and "headers" in event)


def _is_load_balancers(event: dict[str, object]) -> bool:
    context = event.get("requestContext")
    return isinstance(context, dict) and "elb" in context


def request_id(event: object, context: object) -> str:
    """The gateway's id of the request, else Lambda's, else nothing; whatever the event looks like."""
    given = event.get("requestContext") if isinstance(event, dict) else None
    found = given.get("requestId") if isinstance(given, dict) else None
    found = found or getattr(context, "aws_request_id", None)
    return found[:_MOST_ID_CHARACTERS] if isinstance(found, str) else ""


def route(event: object) -> str:
    """The route as the API declares it, which holds nothing that the caller made up."""
    given = event.get("requestContext") if isinstance(event, dict) else None
    found = (given.get("routeKey") or given.get("resourcePath")) if isinstance(given, dict) else None
    return found if isinstance(found, str) else ""


def _depth(declared: str) -> int:
    """How many segments a route has before a greedy variable."""
    return declared.rstrip("/").count("/") - declared.endswith("+}")


def _route_apart(path: str, declared: str, given: Given) -> tuple[str, str] | None:
    """The path that the route declares, and all before it.

    A REST API's `path` has the base path of a custom domain in front, an HTTP API's its stage. The path must
    end with the route's own path, its parameters filled in. Returns None otherwise.
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
    """HTTP APIs put a named stage in front of the path."""
    stage = around.text("stage")
    rest = None if stage == "$default" else strip(path, f"/{stage}")
    return (path, "") if rest is None else (rest, f"/{stage}")


def _version_1_path(given: Given, around: Given) -> tuple[str, str]:
    path, public = given.text("path"), around.text("path")
    placed = _route_apart(path, given.text("resource"), given)
    # Only HTTP APIs name the version.
    if given.text("version") == "1.0":
        return placed or (_stage_apart(path, around) if path == public else (path, ""))
    # A REST API's `path` has no stage; `requestContext.path` has it, unless a custom domain leads straight to it.
    end, whole = path.rstrip("/"), public.rstrip("/")
    stage = whole[: len(whole) - len(end)] if whole.endswith(end) else ""
    found, base = placed or (path, "")
    return found, stage + base


def _query(pairs: _Pairs) -> str:
    """Payload 1.0 has names and values decoded; what of the order across names is lost was lost before."""
    return "&".join(f"{encode(name, UNRESERVED)}={encode(value, UNRESERVED)}" for name, value in pairs)


def _body(given: Given) -> bytes:
    body = given.text("body")
    if not given.flag("isBase64Encoded"):
        return body.encode()
    try:
        return a2b_base64(body, strict_mode=True)
    except (Error, ValueError):
        raise Refused(400, "the body is not base64") from None


def _host(found: list[str]) -> str:
    """RFC 9112 3.2: a request has one Host, and a proper one."""
    if len(found) > 1 or not _HOST.issuperset("".join(found)):
        raise Refused(400, "the request has no proper Host, or more than one")
    return found[0]

"""Events of API Gateway: payload 1.0 of REST and HTTP APIs, and payload 2.0 of HTTP APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

# Saves loading the file of `collections.abc`.
from _collections_abc import Iterable

from .configuration import Domain
from .headers import checked, controls, is_token, values
from .percent import UNRESERVED, consists_of, decode, encode
from .refusal import Refused
from .target import strip

# Request IDs of AWS have 36 characters.
_MOST_ID_CHARACTERS = 128
# RFC 3986 3.2.2, without the comma, which would join two hosts.
_HOST = UNRESERVED + b"%!$&'()*+;=:[]"
_ADDRESS = b"0123456789abcdefABCDEF.:"
# The source IP of tests in the console and of `aws apigateway test-invoke-method`.
_CONSOLE = "test-invoke-source-ip"
# https://docs.aws.amazon.com/apigateway/latest/api/API_CreateBasePathMapping.html
_BASE_PATH = UNRESERVED.replace(b"~", b"") + b"$+!*'()/"
_MOST_BASE_CHARACTERS = 300
_LISTS = frozenset((list, type(None)))
_MALFORMED = "the event is malformed"

_Mapping = dict[str, object]
# Names, and a value of each.
_Pairs = tuple[list[str], list[str]]


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

    def __init__(self, event: object, request_id: str, *, identity: bool = False, domain: Domain | None = None) -> None:
        """Raises Refused if the event is not from API Gateway or has no valid request.

        `domain`: the custom domain whose base path events of payload 2.0 leave out.
        """
        given = mapping(event)
        around = mapping(given.get("requestContext"))
        if "elb" in around:
            raise Refused(400, "this is an event of a load balancer; the forwarder serves events of API Gateway")
        self.request_id = request_id
        self.mount = ""
        second = given.get("version") == "2.0"
        read = self._version_2 if second else self._version_1
        source, declared, body, names, found = read(given, around)
        (called,) = _texts(around.get("domainName"))
        if domain is not None and second:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html:
            # `rawPath` has no API mapping value.
            self.mount = domain.base_at(called) or self.mount
        self.source = source = "" if source == _CONSOLE else source
        if not is_token(self.method) or self.method == "CONNECT" or not consists_of(source, _ADDRESS):
            raise Refused(400, "the method is malformed, or the event")
        # Of these segments, the last can be a greedy variable.
        self.depth = declared.rstrip("/").count("/") - declared.endswith("+}")
        # Also the headers that are not sent.
        texts = _joined("", found)
        fields = checked(names, found)
        if fields is None or controls(texts.encode()):
            raise Refused(400, "a header is malformed")
        self.headers = fields
        # RFC 9112 3.2: a request has one Host, and a proper one.
        hosts = values(fields, "host") or [called]
        self.host = hosts[0]
        if len(hosts) > 1 or not consists_of(self.host, _HOST):
            raise Refused(400, "the request has no proper Host, or more than one")
        self.body = _decoded(body) if given.get("isBase64Encoded") is True else body.encode()
        self.identity: list[str] = []
        if identity:
            # Many APIs have no authorizer.
            from .identity import lines

            key = mapping(around.get("identity")).get("apiKeyId")
            self.identity = lines(around, mapping(around.get("authorizer")), key, accepted(given), source)

    def _version_1(self, given: _Mapping, around: _Mapping) -> tuple[str, str, str, list[str], list[str]]:
        """Returns source, route, body, and names and values of the headers."""
        version, self.method, source, path, declared, stage, whole, body = _texts(
            given.get("version"),
            given.get("httpMethod"),
            mapping(around.get("identity")).get("sourceIp"),
            given.get("path"),
            given.get("resource"),
            around.get("stage"),
            around.get("path"),
            given.get("body"),
        )
        placed = _route_apart(path, declared, given)
        # Only HTTP APIs write the version.
        self.decoded = version == "1.0"
        if self.decoded:
            # The path of an HTTP API can begin with the stage.
            self.path, self.mount = placed or (_stage_apart(path, stage) if path == whole else (path, ""))
        else:
            # A REST API's `path` has no stage. `requestContext.path` has it, unless the call came through a custom
            # domain.
            self.path, base = placed or (path, "")
            whole, end = whole.rstrip("/"), path.rstrip("/")
            self.mount = (whole[: len(whole) - len(end)] if whole.endswith(end) else "") + base
        # Names and values are decoded. Their order across names is not kept.
        names, found = _pairs(given, "queryStringParameters", "multiValueQueryStringParameters")
        _joined("", found)
        queried = zip(names, found, strict=True)
        self.query = "&".join([f"{encode(name, UNRESERVED)}={encode(value, UNRESERVED)}" for name, value in queried])
        return source, declared, body, *_pairs(given, "headers", "multiValueHeaders")

    def _version_2(self, given: _Mapping, around: _Mapping) -> tuple[str, str, str, list[str], list[str]]:
        """Returns source, route, body, and names and values of the headers."""
        called = mapping(around.get("http"))
        self.method, source, path, route, stage, self.query, body = _texts(
            called.get("method"),
            called.get("sourceIp"),
            given.get("rawPath"),
            given.get("routeKey"),
            around.get("stage"),
            given.get("rawQueryString"),
            given.get("body"),
        )
        declared = route.partition(" ")[2]
        self.decoded = True
        self.path, self.mount = _route_apart(path, declared, given) or _stage_apart(path, stage)
        names, found = _pairs(given, "headers")
        cookies = given.get("cookies") or []
        if not isinstance(cookies, list):
            raise Refused(400, _MALFORMED)
        if cookies:
            # RFC 6265 5.4: one field for all cookies.
            names.append("Cookie")
            found.append(_joined("; ", cookies))
        return source, declared, body, names, found


def signed_in(event: object) -> bool:
    """True if API Gateway has accepted an AWS signature or a token for this very request.

    Callers cannot write this. A Lambda authorizer and the context that it returns do not count, because a sender of
    webhooks can pass one.
    """
    claims, caller = accepted(mapping(event))
    return bool(claims or caller)


def accepted(given: _Mapping) -> tuple[_Mapping, object]:
    """Returns the claims of the token, and the ARN of the identity that signed, each as far as there is one.

    Payload 1.0 of an HTTP API has the context of a Lambda authorizer where it has a token's claims, so claims count
    only in events of REST APIs, which have no version, and in payload 2.0.
    """
    around = context_of(given)
    authorizer, version = mapping(around.get("authorizer")), given.get("version")
    if version == "2.0":
        return mapping(mapping(authorizer.get("jwt")).get("claims")), mapping(authorizer.get("iam")).get("userArn")
    claims = mapping(authorizer.get("claims")) if version is None else {}
    return claims, mapping(around.get("identity")).get("userArn")


def context_of(event: object) -> _Mapping:
    """Returns the event's requestContext. Accepts any event."""
    return mapping(mapping(event).get("requestContext"))


def mapping(given: object) -> _Mapping:
    """Returns a mapping from outside, whose values can have any type. It is empty if it is absent."""
    return given if isinstance(given, dict) else {}


def _joined(separator: str, parts: Iterable[object]) -> str:
    """Joins parts from outside. Raises Refused if one is not a text."""
    try:
        return separator.join(parts)  # type: ignore[arg-type] # this is what is checked
    except TypeError:
        raise Refused(400, _MALFORMED) from None


def _texts(*found: object) -> list[str]:
    """Returns texts from outside, and an empty text for each that is absent. Raises Refused for any other type."""
    texts = [text or "" for text in found]
    _joined("", texts)
    return texts  # type: ignore[return-value] # otherwise they could not be joined


def _pairs(given: _Mapping, single: str, many: str = "") -> _Pairs:
    """Returns names and their values, from the mapping of lists or, if that is absent, of single values.

    Null counts as absent: consoles and test tools write it for a header or a parameter without a value.
    """
    lists, singles = given.get(many), given.get(single)
    if isinstance(lists, dict) and lists:
        if not _LISTS.issuperset(map(type, lists.values())):
            raise Refused(400, _MALFORMED)
        names = [name for name, found in lists.items() if found for _ in found]
        values = [value for found in lists.values() if found for value in found]
    else:
        names, values = ([*singles], [*singles.values()]) if isinstance(singles, dict) else ([], [])
    if None in values:
        names = [name for name, value in zip(names, values, strict=True) if value is not None]
        values = [value for value in values if value is not None]
    return names, values


def joins_headers(event: object, around: _Mapping) -> bool:
    """True if the result has each header once: payload 2.0, and load balancers without multi-value headers."""
    return isinstance(event, dict) and (event.get("version") == "2.0" or ("elb" in around and "headers" in event))


def request_id(around: _Mapping, context: object) -> str:
    """Returns API Gateway's request ID, or Lambda's, or an empty string."""
    identifier = around.get("requestId") or getattr(context, "aws_request_id", None)
    return identifier[:_MOST_ID_CHARACTERS] if isinstance(identifier, str) else ""


def route(around: _Mapping) -> str:
    """Returns the route as the API declares it. It contains nothing that the caller chose."""
    key = around.get("routeKey") or around.get("resourcePath")
    return key if isinstance(key, str) else ""


def _route_apart(path: str, declared: str, given: _Mapping) -> tuple[str, str] | None:
    """Returns the route's part of `path`, and the part in front of it.

    In front are the base path of a custom domain (REST APIs) or the stage (HTTP APIs). Returns None if `path` does not
    end with the route's path with its parameters filled in.
    """
    if path and path[0] != "/":
        raise Refused(400, "the path must begin with one slash")
    if declared[:1] != "/":
        return None
    parts = declared.rstrip("/").split("/")
    below = mapping(given.get("pathParameters"))
    filled = [below.get(part.strip("{+}")) if part[:1] == "{" else part for part in parts]
    if path == "/" and len(parts) == 2 and parts[1].endswith("+}"):
        return path, ""
    if not all(filled[1:]):
        # API Gateway takes no empty variable, and without its value the route could be read as a base path.
        raise Refused(400, "the event has no value for a variable of its path")
    wanted = _joined("/", filled).rstrip("/")
    end = path.rstrip("/")
    start = 0
    while 0 <= start <= _MOST_BASE_CHARACTERS:
        rest = end[start:]
        if rest == wanted or ("%" in rest and decode(rest) == wanted):
            return (path[start:], path[:start]) if not start or _is_base_path(path[:start]) else None
        following = end.find("/", start + 1)
        start = following if following >= 0 or start == len(end) else len(end)
    return None


def _is_base_path(path: str) -> bool:
    return consists_of(path, _BASE_PATH) and all(part.strip(".") for part in path.split("/")[1:])


def _stage_apart(path: str, stage: str) -> tuple[str, str]:
    """Splits off a named stage, which HTTP APIs put in front of the path."""
    rest = None if stage == "$default" else strip(path, f"/{stage}")
    return (path, "") if rest is None else (rest, f"/{stage}")


def _decoded(body: str) -> bytes:
    # Requests without a body need no base64.
    from binascii import a2b_base64

    try:
        return a2b_base64(body, strict_mode=True)
    except ValueError:
        raise Refused(400, "the body is not base64") from None

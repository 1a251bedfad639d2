"""The caller's request in an event of API Gateway. The module `formats` describes how the formats differ."""

# Saves loading the file of `collections.abc`.
from _collections_abc import Iterable

from .configuration import Domain
from .formats import Format, format_of
from .headers import build_fields, count_controls, is_token, list_values
from .percent import UNRESERVED, consists_of, decode, encode
from .refusal import Refused
from .target import strip

# Request IDs of AWS have 36 characters. Longer ones are cut.
_MOST_ID_CHARACTERS = 128
# RFC 3986 3.2.2, without the comma, which would join two hosts.
_HOST = UNRESERVED + b"%!$&'()*+;=:[]"
_ADDRESS = b"0123456789abcdefABCDEF.:"
# The source IP of tests in the console and of `aws apigateway test-invoke-method`.
_CONSOLE = "test-invoke-source-ip"
# https://docs.aws.amazon.com/apigateway/latest/api/API_CreateBasePathMapping.html
_BASE_PATH = UNRESERVED.replace(b"~", b"") + b"$+!*'()/"
_MOST_BASE_CHARACTERS = 300
_LIST_OR_NONE = frozenset((list, type(None)))
_MALFORMED = "the event is malformed: a field that API Gateway writes as text is none"
_LONGEST_QUOTE = 80

_Mapping = dict[str, object]
# Names, and a value of each.
_Pairs = tuple[list[str], list[str]]


class Incoming:
    """The caller's request, as far as the event has it.

    - `path`: the route's path, without stage and base path. It must be encoded again if `decoded` is true.
    - `mount`: stage and base path, as far as the caller's URL had them.
    - `depth`: number of path segments in the declared route, without a greedy variable at its end; 0 if unknown.
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

        `domain`: the custom domain. Events of payload 2.0 do not contain its base path.
        """
        event_fields = as_mapping(event)
        request_context = as_mapping(event_fields.get("requestContext"))
        if "elb" in request_context:
            raise Refused(400, "this is an event of a load balancer; the forwarder serves events of API Gateway")
        self.request_id = request_id
        self.mount = ""
        kind = format_of(event_fields, request_context)
        self.decoded = kind.decoded
        read = self._read_version_2 if kind.is_payload_2 else self._read_version_1
        source, declared, body, names, values = read(event_fields, request_context, kind)
        (domain_name,) = _read_texts(request_context.get("domainName"))
        if domain is not None and kind.mapped:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html:
            # `rawPath` has no API mapping value.
            self.mount = domain.find_base(domain_name) or self.mount
        self.source = source = "" if source == _CONSOLE else source
        if not is_token(self.method) or self.method == "CONNECT":
            raise _wrong_field("method", self.method, "an HTTP method, except CONNECT")
        if not consists_of(source, _ADDRESS):
            raise _wrong_field("sourceIp", source, "an IP address without a prefix length, such as 203.0.113.9")
        # Only the last segment can be a greedy variable, which does not count.
        self.depth = declared.rstrip("/").count("/") - declared.endswith("+}")
        # This checks all headers, also those that are not sent to the backend.
        texts = _join_texts("", values)
        fields = build_fields(names, values)
        if fields is None or count_controls(texts.encode()):
            raise Refused(400, "a header is malformed")
        self.headers = fields
        # RFC 9112 3.2: a request has one Host, and a proper one.
        hosts = list_values(fields, "host") or [domain_name]
        self.host = hosts[0]
        if len(hosts) > 1 or not consists_of(self.host, _HOST):
            raise _wrong_field("Host", ", ".join(hosts), "one host name")
        self.body = _decode_body(body) if event_fields.get("isBase64Encoded") is True else body.encode()
        self.identity: list[str] = []
        if identity:
            # Imported here, because most stacks do not set `identity`: their cold start is shorter.
            from .identity import build_lines

            key = as_mapping(request_context.get("identity")).get("apiKeyId")
            self.identity = build_lines(
                request_context, as_mapping(request_context.get("authorizer")), key, read_identity(event_fields), source
            )

    def _read_version_1(
        self, event_fields: _Mapping, request_context: _Mapping, kind: Format
    ) -> tuple[str, str, str, list[str], list[str]]:
        """Returns source, route, body, and names and values of the headers."""
        self.method, source, path, declared, stage, full_path, body = _read_texts(
            event_fields.get("httpMethod"),
            as_mapping(request_context.get("identity")).get("sourceIp"),
            event_fields.get("path"),
            event_fields.get("resource"),
            request_context.get("stage"),
            request_context.get("path"),
            event_fields.get("body"),
        )
        path_and_base = _split_route(path, declared, event_fields)
        if kind.staged:
            self.path, self.mount = path_and_base or (_split_stage(path, stage) if path == full_path else (path, ""))
        else:
            # `requestContext.path` has the stage, unless the call came through a custom domain.
            self.path, base = path_and_base or (path, "")
            full_path, trimmed_path = full_path.rstrip("/"), path.rstrip("/")
            has_stage = path and full_path.endswith(trimmed_path)
            self.mount = (full_path[: len(full_path) - len(trimmed_path)] if has_stage else "") + base
        # Names and values are decoded. Their order across names is not kept.
        names, values = _read_pairs(event_fields, "queryStringParameters", "multiValueQueryStringParameters")
        _check_texts(values)
        queried = zip(names, values, strict=True)
        self.query = "&".join([f"{encode(name, UNRESERVED)}={encode(value, UNRESERVED)}" for name, value in queried])
        return source, declared, body, *_read_pairs(event_fields, "headers", "multiValueHeaders")

    def _read_version_2(
        self, event_fields: _Mapping, request_context: _Mapping, kind: Format
    ) -> tuple[str, str, str, list[str], list[str]]:
        """Returns source, route, body, and names and values of the headers."""
        http = as_mapping(request_context.get("http"))
        self.method, source, path, route, stage, self.query, body = _read_texts(
            http.get("method"),
            http.get("sourceIp"),
            event_fields.get("rawPath"),
            event_fields.get("routeKey"),
            request_context.get("stage"),
            event_fields.get("rawQueryString"),
            event_fields.get("body"),
        )
        declared = route.partition(" ")[2]
        path_and_base = _split_route(path, declared, event_fields)
        self.path, self.mount = path_and_base or (_split_stage(path, stage) if kind.staged else (path, ""))
        names, values = _read_pairs(event_fields, "headers")
        cookies = event_fields.get("cookies") or []
        if not isinstance(cookies, list):
            raise _wrong_field("cookies", cookies, "a list of texts")
        if kind.repeats_cookies and any(name.lower() == "cookie" for name in names):
            cookies = []
        if cookies:
            # RFC 6265 5.4: one field for all cookies.
            names.append("Cookie")
            values.append(_join_texts("; ", cookies))
        return source, declared, body, names, values


def is_signed_in(event: object) -> bool:
    """True if API Gateway has accepted an AWS signature or a token for this very request.

    A caller cannot forge these fields of the event. A Lambda authorizer and the context that it returns do not count:
    a webhook's route can have one too, and its requests still need a signature.
    """
    claims, caller = read_identity(as_mapping(event))
    return bool(claims or caller)


def read_identity(event_fields: _Mapping) -> tuple[_Mapping, object]:
    """Returns the claims of the token and the ARN of the identity that signed: `{}` and None without them.

    In payload 1.0 of an HTTP API, claims are ignored: a Lambda authorizer can write the same field.
    """
    request_context = read_context(event_fields)
    authorizer, kind = as_mapping(request_context.get("authorizer")), format_of(event_fields, request_context)
    if kind.is_payload_2:
        return as_mapping(as_mapping(authorizer.get("jwt")).get("claims")), as_mapping(authorizer.get("iam")).get(
            "userArn"
        )
    claims = as_mapping(authorizer.get("claims")) if kind.has_claims else {}
    return claims, as_mapping(request_context.get("identity")).get("userArn")


def read_context(event: object) -> _Mapping:
    """Returns the event's requestContext. Accepts any event."""
    return as_mapping(as_mapping(event).get("requestContext"))


def as_mapping(value: object) -> _Mapping:
    """Returns a mapping from outside, whose values can have any type. Returns an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def _wrong_field(field: str, value: object, want: str) -> Refused:
    """The event's field has a value that API Gateway does not write. Sample events often have one."""
    return Refused(400, f"the event's {field} is {repr(value)[:_LONGEST_QUOTE]}; want {want}")


def _join_texts(separator: str, parts: Iterable[object]) -> str:
    """Joins parts from outside. Raises Refused if one is not a text."""
    try:
        return separator.join(parts)  # type: ignore[arg-type] # this is what is checked
    except TypeError:
        raise Refused(400, _MALFORMED) from None


def _check_texts(parts: Iterable[object]) -> None:
    """Raises Refused if one of the parts is not a text."""
    _join_texts("", parts)


def _read_texts(*found: object) -> list[str]:
    """Returns texts from outside, and an empty text for each that is absent. Raises Refused for any other type."""
    texts = [text or "" for text in found]
    _check_texts(texts)
    return texts  # type: ignore[return-value] # otherwise they could not be joined


def _read_pairs(event_fields: _Mapping, single: str, many: str = "") -> _Pairs:
    """Returns names and their values: those in the mapping of lists, and then those that only `single` has.

    Null counts as absent: consoles and test tools write it for a header or a parameter without a value.
    """
    lists, singles = as_mapping(event_fields.get(many)), as_mapping(event_fields.get(single))
    if not _LIST_OR_NONE.issuperset(map(type, lists.values())):
        raise _wrong_field(many, lists, "a list of texts for each name")
    several: dict[str, list[str] | None] = lists  # type: ignore[assignment] # checked above
    names = [name for name, found in several.items() if found for _ in found]
    values = [value for found in several.values() if found for value in found]
    if not singles.keys() <= set(names):
        _add_missing(names, values, singles, fold=single == "headers")
    if None in values:
        names = [name for name, value in zip(names, values, strict=True) if value is not None]
        values = [value for value in values if value is not None]
    return names, values


def _add_missing(names: list[str], values: list[str], singles: _Mapping, *, fold: bool) -> None:
    """Adds the names that have no list. `fold`: names are case-insensitive."""
    known = {name.lower() if fold else name for name in names}
    for name, value in singles.items():
        if (name.lower() if fold else name) not in known:
            names.append(name)
            values.append(value)  # type: ignore[arg-type] # the caller checks the types


def joins_headers(event: object, request_context: _Mapping) -> bool:
    """True if the function's result must have each header only once.

    This holds for payload 2.0, and for load balancers without multi-value headers: the forwarder refuses their events,
    and they must be able to read the refusal.
    """
    return isinstance(event, dict) and (
        format_of(event, request_context).is_payload_2 or ("elb" in request_context and "headers" in event)
    )


def request_id(request_context: _Mapping, context: object) -> str:
    """Returns API Gateway's request ID, or Lambda's, or an empty string."""
    identifier = request_context.get("requestId") or getattr(context, "aws_request_id", None)
    return identifier[:_MOST_ID_CHARACTERS] if isinstance(identifier, str) else ""


def route(request_context: _Mapping) -> str:
    """Returns the route as the API declares it. It contains nothing that the caller chose."""
    key = request_context.get("routeKey") or request_context.get("resourcePath")
    return key if isinstance(key, str) else ""


def _split_route(path: str, declared: str, event_fields: _Mapping) -> tuple[str, str] | None:
    """Returns the route's part of `path`, and the part in front of it.

    In front are the base path of a custom domain (REST APIs) or the stage (HTTP APIs). Returns None if `path` does not
    end with the route's path with its parameters filled in.
    """
    if path and path[0] != "/":
        raise Refused(400, "the path must begin with one slash")
    if declared[:1] != "/":
        return None
    parts = declared.rstrip("/").split("/")
    path_parameters = as_mapping(event_fields.get("pathParameters"))
    filled = [path_parameters.get(part.strip("{+}")) if part[:1] == "{" else part for part in parts]
    if path == "/" and len(parts) == 2 and parts[1].endswith("+}"):
        return path, ""
    if not all(filled[1:]):
        # API Gateway never sends an empty variable. If we accepted one, a part of the route could be taken for the
        # base path in front of it.
        raise Refused(400, "the event has no value for a variable of its path")
    wanted = _join_texts("/", filled).rstrip("/")
    trimmed_path = path.rstrip("/")
    start = 0
    while 0 <= start <= _MOST_BASE_CHARACTERS:
        rest = trimmed_path[start:]
        if rest == wanted or ("%" in rest and decode(rest) == wanted):
            return (path[start:], path[:start]) if not start or _is_base_path(path[:start]) else None
        following = trimmed_path.find("/", start + 1)
        start = following if following >= 0 or start == len(trimmed_path) else len(trimmed_path)
    return None


def _is_base_path(path: str) -> bool:
    return consists_of(path, _BASE_PATH) and all(part.strip(".") for part in path.split("/")[1:])


def _split_stage(path: str, stage: str) -> tuple[str, str]:
    """Splits off a named stage, which HTTP APIs put in front of the path. Events of test tools have none."""
    rest = None if stage in ("", "$default") else strip(path, f"/{stage}")
    return (path, "") if rest is None else (rest, f"/{stage}")


def _decode_body(body: str) -> bytes:
    # Requests without a body need no base64.
    from binascii import a2b_base64

    try:
        return a2b_base64(body, strict_mode=True)
    except ValueError:
        raise Refused(400, "the body is not base64") from None

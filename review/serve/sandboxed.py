"""Evaluates templates, schemas and regular expressions of a stack's author, in the process that `sandbox.py` starts."""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

import airspeed
import jsonschema
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT4

_OVERRIDE: Final = re.compile(r"\$context\.responseOverride\.header\.[A-Za-z0-9-]+")
_HYPHEN: Final = "_HYPHEN_"
_SINGLE_QUOTED: Final = re.compile(r"'([^'\"]*)'")
_BARE_KEY: Final = re.compile(r"([{,]\s*)([A-Za-z_]\w*)\s*:")
_UTIL: Final = {
    "base64Decode": lambda text: base64.b64decode(text).decode(),
    "base64Encode": lambda text: base64.b64encode(text.encode()).decode(),
    "escapeJavaScript": lambda text: json.dumps(text)[1:-1].replace("'", "\\'"),
    "parseJson": json.loads,
    "urlDecode": unquote_plus,
    "urlEncode": quote_plus,
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html"""


class _FailedError(Exception):
    """What the author's text does not do, as a sentence for the reader."""


class _Input:
    """`$input` of mapping templates."""

    def __init__(self, parameters: Mapping[str, Mapping[str, str]]) -> None:
        self._parameters = parameters

    def params(self, name: str = "") -> Any:
        if not name:
            return self._parameters
        return next((parameter[name] for parameter in self._parameters.values() if name in parameter), "")


def _set(values: list[Any], index: int, value: Any) -> Any:
    before, values[index] = values[index], value
    return before


_METHODS: Final[Iterable[tuple[Any, Mapping[str, Callable[..., Any]]]]] = (
    (_Input, {"params": _Input.params}),
    (
        str,
        {
            "concat": str.__add__,
            "contains": str.__contains__,
            "endsWith": str.endswith,
            "equals": str.__eq__,
            "equalsIgnoreCase": lambda text, other: text.casefold() == str(other).casefold(),
            "indexOf": str.find,
            "isEmpty": lambda text: not text,
            "length": len,
            "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
            "replace": str.replace,
            "replaceAll": lambda text, pattern, new: re.sub(pattern, new, text),
            "split": lambda text, pattern: re.split(pattern, text),
            "startsWith": str.startswith,
            "substring": lambda text, start, end=None: text[start:end],
            "toLowerCase": str.lower,
            "toString": str,
            "toUpperCase": str.upper,
            "trim": str.strip,
        },
    ),
    (
        list | range,
        {
            "add": lambda values, value: values.append(value) or True,
            "contains": lambda values, value: value in values,
            "get": lambda values, index: values[index],
            "isEmpty": lambda values: not values,
            "set": _set,
            "size": len,
        },
    ),
    (
        dict,
        {
            "containsKey": dict.__contains__,
            "entrySet": lambda values: [{"key": key, "value": value} for key, value in values.items()],
            "get": dict.get,
            "isEmpty": lambda values: not values,
            "keySet": lambda values: [*values],
            "put": lambda values, key, value: values.update({key: value}),
            "putAll": dict.update,
            "remove": lambda values, key: values.pop(key, None),
            "size": len,
            "toString": airspeed.dict_to_string,
            "values": lambda values: [*values.values()],
        },
    ),
)
"""The methods of templates, by the Java names that AWS's have."""


def _calculate(self: Any, current: Any, loader: Any, top: Any) -> Any:
    """The value of a name: of a key, or of one of the methods above. airspeed itself takes any attribute in Python."""
    is_scope, value = isinstance(current, airspeed.LocalNamespace), None
    if isinstance(current, Mapping):
        with suppress(KeyError):
            value = current[self.name]
    if value is None and not is_scope:
        methods = next((methods for kind, methods in _METHODS if isinstance(current, kind)), {})
        value = partial(methods[self.name], current) if self.name in methods else None
    if value is None:
        return None
    if isinstance(value, airspeed.DefineDefinition):
        stream = airspeed.StoppableStream()
        value.execute_function(stream, top, self.parameters.calculate(top, loader) if self.parameters else [], loader)
        return stream.getvalue()
    if self.parameters is not None:
        return value(*self.parameters.calculate(top, loader))
    if self.index is not None:
        try:
            return value[self.index.calculate(top, loader)]
        except (LookupError, TypeError):
            return None
    return value


airspeed.NameOrCall.calculate = _calculate


def _rendered(template: str, scope: dict[str, Any]) -> str:
    """The template's text. airspeed takes no hyphen in a name, and names of headers have them."""
    plain = _OVERRIDE.sub(lambda match: match[0].replace("-", _HYPHEN), template)
    try:
        return str(airspeed.Template(plain).merge(scope))
    except airspeed.TemplateError as problem:
        raise _FailedError(f"the mock's template fails: {' '.join(str(problem).split())}") from None


def _lenient(text: str) -> Any:
    """JSON as API Gateway reads it: keys without quotes, and single quotes, as the CDK writes them for CORS."""
    try:
        return json.loads(text)
    except ValueError:
        quoted = _SINGLE_QUOTED.sub(lambda match: json.dumps(match[1]), text)
        return json.loads(_BARE_KEY.sub(r'\1"\2":', quoted))


def mocked(
    request: str, responses: Mapping[str, str], context: Any, parameters: Any, variables: Any
) -> tuple[int, str, str, dict[str, str], Any]:
    """The status, the response for it, its body, and the headers and the status that the templates override."""
    overrides: dict[str, Any] = {"header": {}, "status": None}
    scope = {
        # What a mock's request template writes here, the response's template can read.
        "context": {**context, "responseOverride": overrides, "requestOverride": defaultdict(dict)},
        "input": _Input(parameters),
        "util": dict(_UTIL),  # a template may set its keys
        "stageVariables": variables,
    }
    written = _rendered(request, scope)
    try:
        status = int(_lenient(written).get("statusCode", 200))
    except (ValueError, AttributeError, RecursionError):
        raise _FailedError("the mock's request template makes no JSON object") from None
    patterns = (response for response in responses if response != "default" and re.fullmatch(response, str(status)))
    if (chosen := next(patterns, "default")) not in responses:
        raise _FailedError(f"no integration response of the mock is for status {status}")
    body = _rendered(responses[chosen], scope).strip()
    headers = {name.replace(_HYPHEN, "-"): str(value) for name, value in overrides["header"].items()}
    return status, chosen, body, headers, overrides["status"]


def validated(schema: Any, models: Mapping[str, Any], body: str) -> str:
    """How a body in base64 does not fit a JSON schema, and empty if it does.

    Models refer to others by `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`.
    """

    def retrieve(uri: str) -> Resource[Any]:
        name = uri.rpartition("/models/")[2]
        if name not in models:
            raise NoSuchResource(ref=uri)  # type: ignore[call-arg] # attrs makes it
        return DRAFT4.create_resource(models[name])

    try:
        value = json.loads(base64.b64decode(body))
        registry = Registry(retrieve=retrieve)  # type: ignore[call-arg] # attrs makes it
        error = next(jsonschema.Draft4Validator(schema, registry=registry).iter_errors(value), None)
    except (ValueError, RecursionError) as problem:
        deep = isinstance(problem, RecursionError)
        return f"the body is {'nested too deeply' if deep else 'not JSON'}"
    return "" if error is None else f"the body does not fit the route's schema: {error.message}"


def fits(pairs: Iterable[tuple[str, str]], *, whole: bool) -> list[bool]:
    """Whether each expression fits its text from the first character on. One that is malformed fits none."""
    answers = []
    for expression, text in pairs:
        try:
            answers.append((re.fullmatch if whole else re.match)(expression, text) is not None)
        except re.error:
            answers.append(False)
    return answers


_KINDS: Final[Mapping[str, Callable[..., Any]]] = {"mocked": mocked, "validated": validated, "fits": fits}


def handler(event: Mapping[str, Any], _: Any) -> dict[str, Any]:
    """The result of one of them, or what failed."""
    try:
        return {"result": _KINDS[event["kind"]](**event["given"])}
    except _FailedError as problem:
        return {"failed": str(problem)}
    except MemoryError:
        return {"failed": "this declaration cannot be served: it takes too much memory"}

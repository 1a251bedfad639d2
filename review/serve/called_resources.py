"""The resources that a call of AWS's API is about, and its action if the protocol names none: by path and body."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from ..facts import aws_permissions
from ..graph.json_text import parsed
from ..graph.reading import items, text
from .request import Request

_IN_BODY: Final = {
    "dynamodb": ("table", "TableName"),
    "sqs": ("queue", "QueueUrl"),
    "sns": ("topic", "TopicArn"),
    "kms": ("key", "KeyId"),
    "states": ("state-machine", "stateMachineArn"),
}
"""By the service, the kind of resource and the key of a call's body that names it."""
_FUNCTION: Final = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_MODEL: Final = re.compile(r"/model/([^/]+)/(invoke|converse|invoke-with-response-stream|converse-stream)")
_OBJECT: Final = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_PLAIN: Final = frozenset(("x-id", "partNumber", "uploadId"))
"""Parameters with which a call of S3 is about an object itself, and not about its tags or versions."""


def rest_operation(service: str, request: Request) -> str:
    """The operation, as policies name it, of a call to a service with a REST protocol; empty if it is not known."""
    if service == "lambda" and _FUNCTION.fullmatch(request.raw_path):
        return "InvokeFunction"
    if service == "bedrock" and (model := _MODEL.fullmatch(request.raw_path)):
        return "InvokeModelWithResponseStream" if model[2].endswith("stream") else "InvokeModel"
    if service != "s3" or request.header("x-amz-copy-source"):
        return ""
    bucket, _, key = request.raw_path.lstrip("/").partition("/")
    asked = {name for name, _ in request.query}
    if bucket and not key:
        return "ListBucket" if request.method == "GET" and "list-type" in asked else ""
    known = asked <= (_PLAIN if request.method == "PUT" else {"x-id"})
    return _OBJECT.get(request.method, "") if key and known else ""


def called_arns(service: str, request: Request, place: aws_permissions.Place) -> list[str]:
    """ARNs of the resources, as far as they are known."""
    if service == "s3":
        bucket, _, key = unquote(request.raw_path).lstrip("/").partition("/")
        return [aws_permissions.arn("bucket", bucket, place) + (f"/{key}" if key else "")] if bucket else []
    if service == "lambda" and (function := _FUNCTION.fullmatch(request.raw_path)):
        qualifier = next((f":{value}" for name, value in request.query if name == "Qualifier"), "")
        return [aws_permissions.arn("function", unquote(function[1]), place) + qualifier]
    if service == "bedrock" and (model := _MODEL.fullmatch(request.raw_path)):
        name = unquote(model[1])
        # `eu.amazon.nova-lite-v1:0` is a profile, `amazon.nova-lite-v1:0` a model.
        kind = "inference-profile" if re.match(r"[a-z-]+\.[a-z0-9-]+\.", name) else "model"
        return [aws_permissions.arn(kind, name, place)]
    return [*_by_body(service, _body(request), place)]


def _by_body(service: str, body: Mapping[str, Any], place: aws_permissions.Place) -> Iterator[str]:
    if service == "events":
        buses = [text(entry.get("EventBusName")) for entry in items(body.get("Entries")) if isinstance(entry, Mapping)]
        yield from (aws_permissions.arn("event-bus", name or "default", place) for name in dict.fromkeys(buses))
        return
    kind, key = _IN_BODY.get(service, ("", ""))
    if name := text(body.get(key)):
        if kind == "queue":
            name = urlsplit(name).path.rpartition("/")[2]
        index = text(body.get("IndexName"))
        yield aws_permissions.arn(kind, name, place) + (f"/index/{index}" if index else "")
    several = body.get("RequestItems") if kind == "table" else None
    yield from (aws_permissions.arn("table", name, place) for name in several) if isinstance(several, Mapping) else ()


def _body(request: Request) -> Mapping[str, Any]:
    if request.media == "application/x-www-form-urlencoded":
        return {key: values[0] for key, values in parse_qs(request.body.decode(errors="replace")).items()}
    try:
        document = parsed(request.body)
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}

"""AWS's API as functions and backends see it: secrets and parameters of the graph, and the user's own emulator."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

import httpx

from ..facts import aws_permissions
from ..graph import Graph, Resource, reveal
from ..graph.json_text import parsed
from ..graph.reading import items, peek, pointed, text
from .asgi import Application, received, send_response
from .aws_calls import AwsCall, AwsCaller
from .called_resources import called_arns
from .request import Request, Response, Say

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 # a type token
_SECRET_VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 # a type token
_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_MADE_UP: Final = "made-up-by-try"

_SERVED: Final = ("secretsmanager.getsecretvalue", "amazonssm.getparameter", "amazonssm.getparameters")
_OF_THE_CONNECTION: Final = ("connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding")
"""Headers of an emulator's answer that do not hold for ours."""


class AwsEndpoint:
    """The service behind AWS_ENDPOINT_URL."""

    def __init__(self, graph: Graph, emulator: str, answers: Mapping[str, Any], say: Say) -> None:
        """`answers` are secrets of the project's answers by name. `emulator` takes other calls; it may be empty."""
        self._graph, self._emulator, self._answers, self._say = graph, emulator.rstrip("/"), answers, say

    def for_caller(self, caller: AwsCaller) -> Application:
        """The service as one function sees it. A call that the network blocks gets no answer."""

        async def called(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
            request = await received(scope, receive)
            if request is None:
                return
            if (answer := await self.answer(request, caller)) is not None:
                await send_response(send, answer)
            # A packet that a security group drops has no answer: the function waits until its own time-out.
            while answer is None and (await receive())["type"] != "http.disconnect":
                pass

        return called

    async def answer(self, request: Request, caller: AwsCaller) -> Response | None:
        """The answer to a call of AWS's API. None if the function's network blocks it."""
        try:
            action = request.header("x-amz-target").lower()
            wanted = _object(request.body) if action in _SERVED else {}
            call = AwsCall.of(request)
            place = aws_permissions.Place("aws", self._graph.region, self._graph.account)
            arns = [*self._arns(action, wanted, place)] or called_arns(call.service, request, place)
            blocked, lacking = caller.judge(call, tuple(arns))
            if blocked or lacking:
                self._say(caller.verdict.blocked_by)
            if blocked:
                return None
            if lacking:
                return _refused(call.service, request, f"User is not authorized: {lacking}")
            return await self._answered(request, action, wanted, caller.function.name)
        except (ValueError, AttributeError, TypeError):
            return _json(400, {"__type": "SerializationException", "message": "the call has no form of AWS"})

    async def _answered(self, request: Request, action: str, wanted: Mapping[str, Any], caller: str) -> Response:
        call = request.header("x-amz-target") or f"{request.method} {request.path}"
        called = f"{caller} called AWS ({call})"
        match action:
            case "secretsmanager.getsecretvalue":
                told: Any = self._secret(str(wanted.get("SecretId", "")))
            case "amazonssm.getparameter":
                told = {"Parameter": self._parameter(text(wanted.get("Name")))}
            case "amazonssm.getparameters":
                parameters = [self._parameter(str(name)) for name in items(wanted.get("Names"))]
                told = {"Parameters": parameters, "InvalidParameters": []}
            case _ if self._emulator:
                return await self._emulated(request, called)
            case _:
                self._say(f"{called}: try answers secrets and parameters; name an emulator by --aws-endpoint")
                return _json(503, {"__type": "ServiceUnavailable", "message": f"gatehouse try does not serve {call}"})
        return _json(200, told)

    def _arns(self, action: str, wanted: Mapping[str, Any], place: aws_permissions.Place) -> Iterator[str]:
        """ARNs of the secrets and parameters that a call is about."""
        token, kind = (_SECRET, "secret") if action.startswith("secrets") else (_PARAMETER, "parameter")
        for name in map(str, filter(None, (wanted.get("SecretId"), wanted.get("Name"), *items(wanted.get("Names"))))):
            resource = self._declared(name, token)
            known = text(reveal(resource.state.get("arn"))) if resource is not None else ""
            yield known or aws_permissions.arn(kind, name, place)

    def _declared(self, name: str, kind: str) -> Resource | None:
        """The secret or parameter of the graph with this name, ID or ARN."""
        return next((resource for resource in self._graph.of_type(kind) if name in _names(resource)), None)

    async def _emulated(self, request: Request, called: str) -> Response:
        """The emulator's answer to a call."""
        url = f"{self._emulator}{request.raw_path}?{request.raw_query}"
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=None) as client:  # noqa: S113 # the function has its own
                answer = await client.request(request.method, url, headers=request.headers, content=request.body)
        except httpx.HTTPError as problem:
            why = f"{self._emulator}: {str(problem) or type(problem).__name__}"
            self._say(f"{called}: {why}")
            return _json(503, {"__type": "ServiceUnavailable", "message": why})
        fields = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_CONNECTION]
        return Response(answer.status_code, fields, answer.content)

    def _secret(self, name: str) -> dict[str, Any]:
        return {"Name": name, "ARN": name, "SecretString": self._value(name, _SECRET, "secretString")}

    def _parameter(self, name: str) -> dict[str, Any]:
        value = self._value(name, _PARAMETER, "value")
        return {"Name": name, "Type": "SecureString", "Value": value, "ARN": name, "Version": 1}

    def _value(self, name: str, kind: str, key: str) -> str:
        """The value of a secret or parameter: the answers', the graph's, or one made up, which is said."""
        plain = name.rpartition(":")[2].removeprefix("parameter")
        for known in (name, plain, plain.rpartition("/")[2]):
            if known in self._answers:
                return str(self._answers[known])
        if (resource := self._declared(name, kind)) is not None:
            holders = [resource]
            if kind == _SECRET:
                versions = self._graph.of_type(_SECRET_VERSION)
                holders = [version for version in versions if resource in pointed(self._graph, version, "secretId")]
            if value := next((text(peek(holder, key)) for holder in holders if text(peek(holder, key))), ""):
                return value
        self._say(f"{name}: no value is known, so it is {_MADE_UP!r}; review.answers.yaml can hold one")
        return _MADE_UP


def _object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a call. Raises ValueError."""
    document = parsed(body)
    if not isinstance(document, Mapping):
        raise ValueError("the body is no object")  # noqa: TRY004 # every malformed body is the same
    return document


def _names(resource: Resource) -> tuple[str, ...]:
    return text(resource.id), text(peek(resource, "name")), text(reveal(resource.state.get("arn")))


def _refused(service: str, request: Request, message: str) -> Response:
    """A refusal that the SDKs read: S3 and the services with forms answer in XML, the others in JSON."""
    form = request.media == "application/x-www-form-urlencoded"
    if service != "s3" and not form:
        return _json(400, {"__type": "AccessDeniedException", "message": message})
    error = f"<Error><Code>AccessDenied</Code><Message>{escape(message)}</Message></Error>"
    body = f"<ErrorResponse>{error}</ErrorResponse>" if form else error
    return Response(403, [("content-type", "application/xml")], body.encode())


def _json(status: int, told: Mapping[str, Any]) -> Response:
    return Response(status, [("content-type", "application/x-amz-json-1.1")], json.dumps(told).encode())

"""The calls of AWS's API in a run, beside the policies that the review writes for the stack.

The emulator checks no rights. So each call is noted, and must be one that the policies of `--permissions` allow.
"""

from __future__ import annotations

import functools
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from review.aws.identity.iam import glob

from .cli import ROOT

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_SIGNED: Final = re.compile(r"Credential=[^/]+/\d+/[\w-]+/([\w-]+)/")
_CBOR: Final = re.compile(r"/service/\w+/operation/(\w+)")
_FIELD: Final = re.compile(r"\\\{(\w+?)(\\\+)?\\\}")
_LAMBDA_VERSION: Final = re.compile(r"\d{8}(v\d)?$")
# The emulator's provider skips its check of credentials, and then asks for its account in other ways.
_OF_THE_RUN: Final = ("iam:GetUser",)


class Noted:
    """An application whose calls are noted in a file, a JSON line each: service, operation, path."""

    def __init__(self, inner: Application, file: Path) -> None:
        self._inner, self._file = inner, file

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Note a signed request, and answer it."""
        signed = _SIGNED.search(environ.get("HTTP_AUTHORIZATION", ""))
        if signed is not None:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            line = json.dumps([signed[1], _operation(signed[1], environ, body), environ["PATH_INFO"]])
            with self._file.open("a") as notes:
                notes.write(f"{line}\n")
        return self._inner(environ, start_response)


def denied(project: Path, stack: str, file: Path) -> list[str]:
    """The calls of a run that the policies of the stack do not allow."""
    folder = file.with_name("policies")
    # In a process of its own: other cases run in this one.
    command = [sys.executable, "-m", "review", stack, "--project", str(project), "--permissions", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"the review wrote no policies: {done.stderr.strip()}"]
    policies = [json.loads(path.read_text()) for path in folder.glob(f"{stack}-up-*.json")]
    return unpermitted(policies, file)


def unpermitted(policies: Iterable[Mapping[str, Any]], file: Path) -> list[str]:
    """The calls of a file of notes that policies do not allow."""
    allowed: dict[str, list[str]] = {}
    for statement in (statement for policy in policies for statement in policy["Statement"]):
        for action in statement["Action"]:
            allowed.setdefault(action, []).extend(statement["Resource"])
    calls = {tuple(json.loads(line)) for line in file.read_text().splitlines()}
    return sorted({f"not in the policies: {call}" for call in map(_named, calls) if not _allows(allowed, *call)})


def _allows(allowed: Mapping[str, list[str]], action: str, path: str) -> bool:
    """By action, and for API Gateway, whose paths are its resources, by path."""
    resources = [arn.split(":", 5)[-1] for arn in allowed.get(action, ())]
    return action in _OF_THE_RUN or any(not path or glob(resource, path) for resource in resources)


def _named(call: tuple[str, str, str]) -> tuple[str, str]:
    """The action of IAM for a call, and the path that a policy names."""
    service, operation, path = call
    match service:
        case "apigateway":
            return f"apigateway:{operation}", path.removeprefix("/v2")
        case "monitoring":
            return f"cloudwatch:{operation}", ""
        case "budgets" if "Tag" not in operation:
            return f"budgets:{'ViewBudget' if operation.startswith('Describe') else 'ModifyBudget'}", ""
    return f"{service}:{_LAMBDA_VERSION.sub('', operation)}", ""


def _operation(service: str, environ: Environ, body: bytes) -> str:
    if match := _CBOR.fullmatch(environ["PATH_INFO"]):
        return match[1]
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    if body.startswith(b"Action=") or b"&Action=" in body:
        return parse_qs(body.decode())["Action"][0]
    method = str(environ["REQUEST_METHOD"])
    if service == "apigateway":
        return method
    matching = (name for verb, path, name in _rest(service) if verb == method and path.fullmatch(environ["PATH_INFO"]))
    return next(matching, f"{method} {environ['PATH_INFO']}")


@functools.cache
def _rest(service: str) -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path and name of the operations of a service of REST; paths with fewer variables first."""
    return [(verb, path, name) for _, verb, path, name in sorted(_operations(service), key=lambda row: row[0])]


def _operations(service: str) -> Iterator[tuple[int, str, re.Pattern[str], str]]:
    import botocore.session

    model = botocore.session.Session().get_service_model(service)
    for name in model.operation_names:
        asked = model.operation_model(name).http
        # Route 53 takes its paths without their last slash too.
        uri = re.escape(asked["requestUri"].partition("?")[0].rstrip("/"))
        path = _FIELD.sub(lambda match: ".+" if match[2] else "[^/]+", uri) + "/?"
        yield asked["requestUri"].count("{"), asked["method"], re.compile(path), name

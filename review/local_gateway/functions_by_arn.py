"""Functions that an API calls by their ARN, which the stack does not declare: run from folders of this machine."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..aws.catalog import types
from ..graph import Asset, Resource
from ..graph.reading import as_text
from .apis import ServedApi
from .backends import BackendError

_NAME: Final = re.compile(r":function:([A-Za-z0-9_-]+)")
_HANDLERS: Final = {
    "handler.py": ("python3", "handler.handler"),
    "lambda_function.py": ("python3", "lambda_function.lambda_handler"),
    "index.mjs": ("nodejs", "index.handler"),
    "index.js": ("nodejs", "index.handler"),
    "index.cjs": ("nodejs", "index.handler"),
}
"""Runtime and handler by the file that the folder holds, in this order."""
_SECONDS: Final = 900


def name_in(uri: Any) -> str:
    """The name of the function that an integration URI or ARN names. Empty if it names none."""
    match = _NAME.search(as_text(uri))
    return match[1] if match else ""


def list_undeclared(apis: Iterable[ServedApi]) -> dict[str, list[str]]:
    """Functions that the stack does not declare, each with the routes that call it."""
    routes: dict[str, list[str]] = {}
    for api in apis:
        for route in api.routes:
            authorizer = route.authorizer
            called = [route.uri] if route.function is None and route.kind == "AWS_PROXY" else []
            if authorizer is not None and authorizer.function is None:
                called.append(authorizer.uri)
            for name in filter(None, map(name_in, called)):
                routes.setdefault(name, []).append(f"{route.method} {route.path}")
    return routes


def read_folders(options: Sequence[str], known: Mapping[str, Sequence[str]], region: str) -> dict[str, Resource]:
    """The functions of `--function NAME=FOLDER`, by name. Raises BackendError."""
    resources: dict[str, Resource] = {}
    for option in options:
        name, equals, folder = option.partition("=")
        if not equals or name not in known:
            called = f"functions that the stack names by ARN: {', '.join(known) or 'none'}"
            raise BackendError(f"--function {option}: give NAME=FOLDER; {called}")
        resources[name] = _read_folder(name, Path(folder).absolute(), region)
    return resources


def _read_folder(name: str, folder: Path, region: str) -> Resource:
    file = next((file for file in _HANDLERS if (folder / file).is_file()), None)
    if file is None:
        raise BackendError(f"--function {name}={folder}: the folder has none of {', '.join(_HANDLERS)}")
    runtime, handler = _HANDLERS[file]
    # Its memory and time-out are in AWS. The route's time-out ends a call.
    code = Asset(path=str(folder), archive=True)
    inputs = {"handler": handler, "runtime": runtime, "timeout": _SECONDS, "code": code}
    urn = f"urn:gatehouse:try::by-arn::{types.FUNCTION[0]}::{name}"
    return Resource(
        urn=urn, type=types.FUNCTION[0], name=name, parent=None, custom=True, inputs=inputs, state=inputs, region=region
    )


def list_differences(known: Mapping[str, Sequence[str]], served: Mapping[str, Resource]) -> Iterator[str]:
    """Sentences on functions that the stack does not declare, for the start."""
    for name, routes in known.items():
        if name in served:
            yield f"{name} runs without its variables and with other limits: only AWS has its configuration."
        else:
            yield (
                f"The stack names the function {name} by ARN and does not have its code: {', '.join(routes)} get 500. "
                f"Serve it with --function {name}=./folder."
            )

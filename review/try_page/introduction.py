"""The first lines of `gatehouse try`: how to call the stack, and what differs from AWS."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.compute.functions import read_environment
from ..evaluate.host.stand_in import TEXT
from ..facts import limits
from ..graph.reading import as_text
from ..local_gateway.issuer import VALID_SECONDS
from ..local_gateway.printed_calls import RouteLine, make_any_token, name_token_variables, route_lines
from ..local_gateway.stack import Stack

_SECRET: Final = "WEBHOOK_SECRET"  # noqa: S105 # a name
_SLASH_LOST: Final = (
    "a slash at the end of a path does not reach the backend: /orders/ arrives as /orders. A backend that redirects to"
    " the path with the slash does so endlessly"
)


def _list_made_up_secrets(stack: Stack) -> Iterator[tuple[str, str]]:
    """Secrets of webhooks by the function that checks them. One that a person wrote is not printed."""
    called = [(api, route) for api in stack.apis for route in api.routes if stack.network.find_checks(api, route)]
    functions = {route.function.name: route.function for _, route in called if route.function is not None}
    for name, function in sorted(functions.items()):
        secret = as_text(read_environment(function).get(_SECRET))
        if TEXT in secret:
            yield name, secret


def introduce_stack(name: str, stack: Stack, claims: Mapping[str, Any] | None = None) -> Iterator[str]:
    """The first lines for a stack that is served, one by one: names may hold the end of a line, which begins none.

    `claims` add a token that has them.
    """
    yield from ("", f"{name} on this machine: Ctrl-C ends it.", "")
    if stack.page_url:
        yield from (f"Its page, which sends calls and shows the way of each: {stack.page_url}", "")
    lines = sorted(route_lines(stack), key=_order_key)
    if variables := name_token_variables(lines):
        until = time.strftime("%H:%M UTC", time.gmtime(time.time() + VALID_SECONDS))
        yield f"The calls below use these variables; their tokens are valid until {until}. Paste them first:"
        yield from (f"  {variable}={token}" for token, variable in variables.items())
        yield ""
    keys = stack.keys.values
    if len(keys) > 1:
        yield "Keys of this run, each with the limits of its usage plan:"
        yield from (f"  {key.name}  {value}" for value, key in keys.items())
        yield ""
    if secrets := list(_list_made_up_secrets(stack)):
        yield "Webhook secrets that the review made up, to sign other bodies with:"
        yield from (f"  {name}  {secret}" for name, secret in secrets)
        yield ""
    for api in stack.apis:
        yield f"{api.name}  {stack.urls[api.name]}"
        for line in (line for line in lines if line.api == api.name):
            yield from (f"  {line.method} {line.path}", f"    {line.call(variables)}")
    if claims is not None:
        yield from ("", f"token  {make_any_token(stack, claims) or '(no route of this stack takes one)'}")
    if notes := list(stack.describe_unserved()):
        yield from ("", "Different from AWS:", *(f"  {note}" for note in notes), "")
    for api in stack.apis:
        if api.is_rest and any(route.kind == "HTTP_PROXY" for route in api.routes):
            yield f"As on AWS, {api.name}: {_SLASH_LOST}."


def _order_key(line: RouteLine) -> tuple[str, int]:
    """Place of a line in the order of a reader, who expects GET before DELETE."""
    return line.path, limits.METHODS.index(line.method) if line.method in limits.METHODS else -1

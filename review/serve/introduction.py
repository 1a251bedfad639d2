"""The first lines that `gatehouse try` prints: addresses, and for each route a call that can be pasted into a shell."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from ..facts import limits
from .issuer import VALID_SECONDS
from .request import VPC
from .route_line import RouteLine, other_vpcs, variables_of
from .stack import Stack


def introduction(name: str, stack: Stack, claims: Sequence[str] | None = None) -> Iterator[str]:
    """The lines for a stack that is served. `claims`, such as `scope=orders/read`, add a token that has them."""
    yield f"\n{name} on this machine: Ctrl-C ends it. The page with the picture: {stack.page_url}\n"
    routes = sorted(stack.routes(), key=_place)
    variables = variables_of(routes)
    if variables:
        until = time.strftime("%H:%M UTC", time.gmtime(time.time() + VALID_SECONDS))
        yield f"The calls below use these variables; their tokens are valid until {until}. Paste them first:"
        yield from (f"  {variable}={token}" for token, variable in variables.items())
        yield ""
    keys = stack.keys.values
    if len(keys) > 1:
        yield "Keys of this run, each with the limits of its usage plan:"
        yield from (f"  {key.name}  {value}" for value, key in keys.items())
        yield ""
    for api in stack.apis:
        yield f"{api.name}  {stack.urls[api.name]}"
        for line in routes:
            if line.api == api.name:
                yield f"  {line.method} {line.path}\n    {line.call(variables)}"
        for vpc in other_vpcs(api, stack.model):
            yield f"  from {vpc}, through an execute-api endpoint of its own: add -H '{VPC.title()}: {vpc}'"
    if claims is not None:
        yield f"\ntoken  {stack.any_token(dict(one.partition('=')[::2] for one in claims))}"
    yield from (f"  not served: {note}" for note in stack.not_served())
    yield ""


def _place(line: RouteLine) -> tuple[str, int]:
    """Place of a line in the order of a reader, who expects GET before DELETE."""
    return line.path, limits.METHODS.index(line.method) if line.method in limits.METHODS else -1

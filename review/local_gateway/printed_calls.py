"""Calls that can be pasted into a shell: one for each route, with the key, token or signature that it requires."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .apis import AuthorizerKind, Route, ServedApi
from .caller_headers import build_headers
from .callers import list_endpoints
from .matching import fill_path
from .needs import Need, choose_right, list_needs
from .proxy import NAME
from .signing import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from .stack import Stack


@dataclass
class RouteLine:
    """One route with a call that it answers."""

    api: str
    method: str
    path: str
    url: str
    headers: dict[str, str]
    signed: str = ""
    """Region of the signature that the route requires; empty if it requires none."""
    token: str = ""
    """The token among the headers."""
    token_header: str = "Authorization"  # noqa: S105 # a name
    route: Route | None = None
    needs: list[Need] = field(default_factory=list)
    prefix: str = ""
    """The stage's part of the path, `/live`, or a base path."""

    @property
    def curl(self) -> str:
        """A line for a shell. It answers while the stack is served, or as long as its token is valid."""
        return self.call({})

    def call(self, variables: Mapping[str, str]) -> str:
        """A line for a shell with variables in place of tokens: `variables` has their names by token."""
        # With `-X HEAD`, curl waits for the body that the answer's length announces.
        method = {"GET": "", "ANY": "", "HEAD": " --head"}.get(self.method, f" -X {shlex.quote(self.method)}")
        # The stack names headers: curl would read the file of one that begins with @.
        named = ((name, value) for name, value in self.headers.items() if NAME.fullmatch(name))
        quoted = {name: shlex.quote(f"{name}: {value}") for name, value in named}
        if self.token in variables:
            quoted[self.token_header] = f'"{self.token_header}: Bearer ${variables[self.token]}"'
        headers = "".join(f" -H {header}" for header in quoted.values())
        signed = ""
        if "authorization" not in map(str.lower, self.headers) and self.signed:
            scope = shlex.quote(f"aws:amz:{self.signed}:execute-api")
            signed = f" --aws-sigv4 {scope} -u {ACCESS_KEY_ID}:{SECRET_ACCESS_KEY}"
        literal = " -g" if {*"[]{}"} & {*self.url} else ""
        return f"curl{literal}{method}{headers}{signed} {shlex.quote(self.url)}"


def list_called(stack: Stack) -> Iterator[tuple[ServedApi, Route, list[Need]]]:
    """Each served route but the mocks, with the needs of its callers."""
    for api in stack.apis:
        for route in api.routes:
            if route.kind != "MOCK" and not route.unserved:
                yield api, route, list_needs(stack, api, route)


def route_lines(stack: Stack) -> Iterator[RouteLine]:
    """A call of each of these routes, which it answers. Headers that a function decides about hold placeholders."""
    # Each token is signed once, which takes several milliseconds.
    tokens: dict[str, str] = {}
    has_endpoint = any(list_endpoints(stack.statements))
    for api, route, needs in list_called(stack):
        chosen = choose_right(
            needs, principal="", **({"endpoint": "", "address": ""} if api.is_private and has_endpoint else {})
        )
        url = stack.urls[api.name] + chosen.prefix + fill_path(route.path)
        headers = build_headers(stack, chosen, route.function, route.method, url)
        token = headers.get(chosen.token_header, "").removeprefix("Bearer ") if chosen.claims else ""
        if token:
            token = tokens.setdefault(repr(chosen.claims), token)
            headers[chosen.token_header] = f"Bearer {token}"
        yield RouteLine(
            api=api.name,
            method=route.method,
            path=route.path,
            url=url,
            headers=headers,
            signed=stack.graph.region if route.authorizer_kind is AuthorizerKind.IAM else "",
            token=token,
            token_header=chosen.token_header,
            route=route,
            needs=needs,
            prefix=chosen.prefix,
        )


def make_any_token(stack: Stack, claims: Mapping[str, Any]) -> str:
    """A token with these claims for the first route that takes tokens. Empty if none does."""
    chosen = (choose_right(needs) for _, _, needs in list_called(stack))
    made = (stack.issuer.sign_claims({**one.claims, **claims}) for one in chosen if one.claims is not None)
    return next(made, "")


def name_token_variables(lines: Iterable[RouteLine]) -> dict[str, str]:
    """A name of a shell variable for each token of the lines."""
    tokens = dict.fromkeys(line.token for line in lines if line.token)
    return {token: f"TOKEN_{place}" if place > 1 else "TOKEN" for place, token in enumerate(tokens, 1)}

"""A route with a call that it answers, as data and as a line for a shell."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..aws import access
from ..aws.model import AwsModel
from .authorization import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from .request import SOURCE_IP, VPC, VPC_ENDPOINT
from .served_api import AuthorizerKind, Route, ServedApi
from .webhooks import Webhook


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
    webhook: Webhook | None = None
    """The sender's signature that the route requires."""

    @property
    def curl(self) -> str:
        """A line for a shell. It answers while the stack is served, or as long as its token is valid."""
        return self.call({})

    def call(self, variables: Mapping[str, str]) -> str:
        """The same line with shell variables in place of tokens, whose names `variables` has by token."""
        # With `-X HEAD`, curl waits for the body that the answer's length announces.
        method = {"GET": "", "ANY": "", "HEAD": " --head"}.get(self.method, f" -X {self.method}")
        # The shell signs when the line is pasted: senders sign the time.
        made = self.webhook.headers(b"", 0) if self.webhook else {}
        headers = "".join(
            f" -H {self._written(name, value, variables)}" for name, value in self.headers.items() if name not in made
        )
        signed = ""
        if "authorization" not in map(str.lower, self.headers) and self.signed:
            signed = f" --aws-sigv4 aws:amz:{self.signed}:execute-api -u {ACCESS_KEY_ID}:{SECRET_ACCESS_KEY}"
        before, after = (self.webhook.prepared(), self.webhook.arguments()) if self.webhook else ("", "")
        return f"{before}curl{method}{headers}{after}{signed} {shlex.quote(self.url)}"

    def _written(self, name: str, value: str, variables: Mapping[str, str]) -> str:
        if self.token and self.token in variables and value.endswith(self.token):
            return f'"{name}: {value.removesuffix(self.token)}${variables[self.token]}"'
        return shlex.quote(f"{name}: {value}")


def route_lines(
    api: ServedApi,
    model: AwsModel,
    url: str,
    key_of: Callable[[str, str], str],
    token_of: Callable[[Route], str],
) -> Iterator[RouteLine]:
    """The routes of an API at a URL. `key_of` gives a key for an API and a stage, `token_of` a token for a route."""
    for stage in api.stages:
        host = next(iter(stage.domains), "") if api.api.default_endpoint_closed else ""
        prefix = stage.domains[host] if host else stage.name.removeprefix("$default")
        for route in api.routes:
            if route.integration.kind == "MOCK":
                continue
            token, webhook, kind = token_of(route), Webhook.of(route.integration.function), route.kind
            headers = {}
            if route.key_required:
                headers["x-api-key"] = key_of(api.id, stage.name)
            if token:
                headers["Authorization"] = f"Bearer {token}"
            elif route.authorizer is not None and kind is not AuthorizerKind.IAM:
                sources = route.authorizer.sources
                headers |= {source.rpartition(".")[2]: "…" for source in sources if ".header." in source}
            headers |= _pose(api, model, route)
            headers |= webhook.headers(b"", int(time.time())) if webhook else {}
            headers |= {"Host": host} if host else {}
            # `/orders/{id}` is called as `/orders/id`.
            path = "/" if route.path == "$default" else re.sub(r"\{([^}+]+)\+?\}", r"\1", route.path)
            yield RouteLine(
                api=api.name,
                method=route.method,
                path=route.path,
                url=f"{url}/{prefix}".rstrip("/") + path,
                headers=headers,
                signed=model.graph.region if kind is AuthorizerKind.IAM else "",
                token=token,
                webhook=webhook,
            )


def _pose(api: ServedApi, model: AwsModel, route: Route) -> dict[str, str]:
    """Headers by which a caller is at a place that the route admits."""
    found: dict[str, str] = {}
    if api.is_private and not model.api_endpoints:
        endpoint, vpc = next(access.named_endpoints(api.api), ("", ""))
        found = {VPC_ENDPOINT: endpoint, VPC: vpc}
    elif not api.is_private and api.api.policies:
        audience = access.audience(api.api, route)
        admitted = () if audience.anyone else audience.ranges
        found = {SOURCE_IP: next((one for one in admitted if ":" not in one), "").partition("/")[0]}
    return {name.title(): value for name, value in found.items() if value}


def other_vpcs(api: ServedApi, model: AwsModel) -> list[str]:
    """VPCs without an endpoint in the stack, whose endpoints a private API's policy names."""
    own = {endpoint.vpc for endpoint in model.api_endpoints}
    named = access.named_endpoints(api.api) if api.is_private else ()
    return list(dict.fromkeys(vpc for _, vpc in named if vpc and vpc not in own))


def variables_of(lines: Iterable[RouteLine]) -> dict[str, str]:
    """A name of a shell variable for each token of the lines."""
    found = dict.fromkeys(line.token for line in lines if line.token)
    return {token: f"TOKEN_{place}" if place > 1 else "TOKEN" for place, token in enumerate(found, 1)}

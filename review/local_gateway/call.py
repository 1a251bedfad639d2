"""A request with its route, and the values that the stack's mappings, policies and logs take from it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

import base64
import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from .apis import Route, ServedApi
from .request import Request

_NOBODY: Final = (
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey",
    "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user",
)  # fmt: skip
"""Fields of a caller's identity without a signature."""


@dataclass
class Identity:
    """The caller as the authorizer knows it."""

    user_arn: str = ""
    user_id: str = ""
    access_key: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    """`$context.authorizer`, and the same in events with payload version 1.0."""
    context_2: Mapping[str, Any] = field(default_factory=dict)
    """The same in events with payload version 2.0."""


@dataclass(frozen=True)
class Call:
    """A request with the route that it got."""

    request: Request
    api: ServedApi
    route: Route
    variables: Mapping[str, str]
    path: str
    """Encoded path without stage and base path. The request's own has them."""
    account: str
    identity: Identity = field(default_factory=Identity)
    api_key: str = ""
    api_key_id: str = ""

    @property
    def arn(self) -> str:
        """The ARN by which policies name this very request."""
        return f"{self.api.arn}/{self.api.stage}/{self.request.method}{self.path}"

    @property
    def signer(self) -> str:
        """ARN of the identity that signs the request: the posed one, or a user of the API's account."""
        return self.request.principal or f"arn:aws:iam::{self.account}:user/try-user"

    @property
    def sent_method(self) -> str:
        """The method by which the integration is called."""
        return self.request.method if self.route.sent_method == "ANY" else self.route.sent_method

    @functools.cached_property
    def context(self) -> dict[str, Any]:
        """`$context`, as events with payload version 1.0 have it, and `routeKey`."""
        context = build_context(self.request, self.api)
        caller = context["identity"]
        if arn := self.identity.user_arn:
            caller |= {"userArn": arn, "user": self.identity.user_id, "caller": self.identity.user_id}
            caller |= {"accountId": parse_account(arn) or self.account, "accessKey": self.identity.access_key}
        if self.api_key:
            caller |= {"apiKey": self.api_key, "apiKeyId": self.api_key_id}
        context |= {
            # A stand-in, the same for the same path.
            "resourceId": base64.b32encode(self.route.path.encode())[:6].decode().lower(),
            "resourcePath": self.route.path,
            "routeKey": self.route.name,
            "accountId": self.account,
            "stage": self.api.stage,
            **({"deploymentId": "try"} if self.api.is_rest else {}),
        }
        return context | ({"authorizer": self.identity.context} if self.identity.context else {})

    def find_value(self, reference: str) -> str | None:
        """The value of `context.X`, `method.request.header.X`, `request.path` and the like.

        None if the request has none.
        """
        name = reference.removeprefix("$").removeprefix("method.").removeprefix("request.")
        place, _, key = name.partition(".")
        match place:
            case "context":
                return dict(flatten(self.context)).get(key)
            case "path":
                return self.variables.get(key) if key else self.path
            case "header":
                return self.request.find_header(key) or None
        return None


def build_context(request: Request, api: ServedApi) -> dict[str, Any]:
    """Values of `$context` that need no route."""
    endpoint = {"vpcId": request.vpc, "vpceId": request.vpc_endpoint}
    return {
        # HTTP APIs have one ID, which is the header's.
        "requestId": request.request_id if api.is_rest else request.extended_id,
        "extendedRequestId": request.extended_id,
        "requestTime": f"{datetime.fromtimestamp(request.received, UTC):%d/%b/%Y:%H:%M:%S} +0000",
        "requestTimeEpoch": int(request.received * 1000),
        "domainName": request.host,
        "domainPrefix": request.host.partition(".")[0].partition(":")[0],
        "httpMethod": request.method,
        "path": f"/{request.raw_path.lstrip('/')}" if api.is_rest else request.raw_path,
        "protocol": "HTTP/1.1",
        "apiId": api.id,
        "identity": {
            **dict.fromkeys(_NOBODY),
            "sourceIp": request.source_ip,
            "userAgent": request.find_header("user-agent") or None,
            **{name: value for name, value in endpoint.items() if value},
        },
    }


def flatten(context: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The values by their whole names, `identity.sourceIp`."""
    for name, value in context.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{below}", leaf) for below, leaf in flatten(value))
        elif value not in (None, ""):
            yield name, as_text(value)


def as_text(value: Any) -> str:
    """A value as mappings and events write it."""
    return value if isinstance(value, str) else json.dumps(value)


def parse_account(arn: str) -> str:
    """The account that an ARN names. Empty if it names none."""
    return arn.split(":")[4] if arn.count(":") > 4 else ""

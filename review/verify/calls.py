"""Checks that call the stack from here: each route without and with credentials, and addresses that must not answer."""

import os
import re
import socket
from collections import Counter
from collections.abc import Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.httpsession import URLLib3Session

from ..aws import types
from ..aws.api import Api, ApiKind, Call, Requirement
from ..aws.model import AwsModel
from ..aws.throttle import Throttle, loosest
from ..graph import Graph, Resource
from ..graph.given import held
from ..graph.graph import dns_suffix, partition_of
from ..graph.reading import CannotTell, items, peek, text, within
from ..reach import Reach
from ..reach.anyone import checks_signature
from .check import Check, failed, not_read, passed

_SECONDS: Final = 35
"""API Gateway answers within 29 seconds, unless its quota was raised."""
_CONNECT_SECONDS: Final = 3
_MOST: Final = 500
"""Calls of `--load` on one route."""
_VARIABLE: Final = re.compile(r"\{[^{}]*\}")
_REQUEST_LINE: Final = re.compile(rb"^GET (\S+) HTTP/1", re.MULTILINE)
"""The line by which an echo backend such as traefik/whoami shows what it got."""
_REFUSED: Final = (401, 403)
_SAFE: Final = ("GET", "HEAD")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """What this machine can call with."""

    credentials: Any = None
    """Of AWS, for routes with IAM authorization."""
    key: str = ""
    token: str = ""
    load: bool = False
    url: str = ""
    """Base address to call in place of those of the state."""


def caller(credentials: Any, *, load: bool, url: str) -> Caller:
    """The caller of the environment: `API_KEY`, and `TOKEN` without `Bearer`."""
    key, token = os.environ.get("API_KEY", ""), os.environ.get("TOKEN", "")
    return Caller(credentials=credentials, key=key, token=token, load=load, url=url)


def checks(model: AwsModel, by: Caller, confirmed: Container[str]) -> Iterator[Check]:
    """Calls of each route, at addresses that AWS confirmed: a state can name any host. `confirmed` has URNs."""
    for api in model.apis.all:
        if api.resource.existing:
            continue
        addresses = [by.url] if by.url else [*urls(model.graph, api, confirmed)]
        if not addresses:
            yield not_read(api.resource.name, "the state has no address that AWS confirmed", "give it with --url")
        for url in addresses:
            with ThreadPoolExecutor(4) as pool:
                for found in pool.map(lambda call, url=url, api=api: [*_route(api, call, url, by)], api.calls):
                    yield from found
        if api.default_endpoint_closed and not by.url:
            yield from _closed(model.graph, api, confirmed)


def _closed(graph: Graph, api: Api, confirmed: Container[str]) -> Iterator[Check]:
    """The default address of an API that has been disabled."""
    for url in () if api.kind is ApiKind.WEBSOCKET else _default_urls(graph, api, confirmed):
        status, body = _send("GET", url, {}, None)
        if not status:
            yield not_read(f"GET {url}", f"the disabled address does not answer ({body.decode()})")
        elif status in (*_REFUSED, 404):
            yield passed(f"GET {url}", f"the disabled address refuses ({status})")
        else:
            yield failed(f"GET {url}", f"the disabled address answers {status}", "run `pulumi up --refresh`")


def urls(graph: Graph, api: Api, confirmed: Container[str]) -> Iterator[str]:
    """Addresses of an API: its stages', unless they are closed, and its domains' with their base paths.

    Only those that AWS confirmed: credentials are sent to them.
    """
    if not api.default_endpoint_closed:
        yield from _default_urls(graph, api, confirmed)
    for mapping in graph.of_type(*types.BASE_PATH_MAPPING, *types.API_MAPPING):
        if mapping.urn in confirmed and api.resource.id in (mapping.state.get("restApi"), mapping.state.get("apiId")):
            base = text(mapping.state.get("basePath") or mapping.state.get("apiMappingKey"))
            yield f"https://{text(mapping.state.get('domainName'))}/{base}".rstrip("/")


def _default_urls(graph: Graph, api: Api, confirmed: Container[str]) -> Iterator[str]:
    """Addresses of the stages, on the host that API Gateway gave the API."""
    region = api.resource.region or graph.region
    host = f"{text(api.resource.id)}.execute-api.{region}.{dns_suffix(partition_of(region))}/"
    for url in (text(one.state.get("invokeUrl")) for one in api.stages):
        if api.resource.urn in confirmed and url.startswith((f"https://{host}", f"wss://{host}")):
            yield url.rstrip("/")


def _route(api: Api, call: Call, url: str, by: Caller) -> Iterator[Check]:
    """The checks of one route at one address."""
    method = "GET" if call.method == "ANY" else call.method
    path = _VARIABLE.sub("probe", "/" if call.path == "$default" else call.path)
    about = f"{method} {url}{path}"
    if not call.is_known or call.method == "OPTIONS" or Requirement.UNKNOWN in call.requires:
        yield not_read(about, "the route is not known, or answers by CORS")
        return
    if api.kind is ApiKind.WEBSOCKET:
        yield not_read(about, "a WebSocket API is not called")
        return
    guarded = bool(call.requires) or _is_signed(call) or api.kind is ApiKind.PRIVATE or _needs_certificate(api, url)
    if guarded:
        yield _without(about, url + path, method)
    if api.kind is ApiKind.PRIVATE or _needs_certificate(api, url) or _is_signed(call):
        return
    if method not in _SAFE:
        yield not_read(about, f"{method} would reach the backend", "call it yourself, with `pulumi stack output curl`")
        return
    if missing := _missing(call, by):
        yield not_read(about, f"not called with credentials: {missing}")
        return
    status, body = _send(method, url + path, _headers(call, by), _signer(api, call, by))
    yield _with(api, call, about, status, body)
    if 200 <= status < 300:
        yield from _path(call, about, path, body)
        throttle = loosest(api, call)
        if by.load and throttle is not None:
            yield _throttled(api, call, about, url + path, throttle, by)


def _without(about: str, url: str, method: str) -> Check:
    """A call without any credentials, which must not get through."""
    status, body = _send(method, url, {}, None)
    if status in _REFUSED:
        return passed(about, f"refuses a call without credentials ({status})")
    if body == b"ConnectionClosedError" and not status:
        # Mutual TLS ends the connection. A machine that cannot reach the API gets another error.
        return passed(about, "closes a connection without credentials")
    if not status:
        return not_read(about, f"does not answer without credentials ({body.decode()})")
    if status in (404, 429):
        return not_read(about, f"answers {status}, so it is not known whether it requires credentials")
    remedy = "read the route's authorization in AWS, and run `pulumi up --refresh`"
    return failed(about, f"answers {status} to a call without credentials", remedy)


def _with(api: Api, call: Call, about: str, status: int, body: bytes) -> Check:
    what = "with credentials" if call.requires else "without credentials, as declared"
    if not status:
        return not_read(about, f"does not answer ({body.decode()})")
    if status in _REFUSED and (api.policies or api.acl or Requirement.IAM in call.requires):
        return not_read(about, f"{status} {what}: a policy or a web ACL may refuse this caller")
    if status in _REFUSED or status >= 500:
        return failed(about, f"answers {status} {what}", "see the status codes in docs/troubleshooting.md")
    return passed(about, f"answers {status} {what}")


def _path(call: Call, about: str, path: str, body: bytes) -> Iterator[Check]:
    """The path that an echo backend got: the client's, without stage and base path, and without a stripped prefix."""
    if not (found := _REQUEST_LINE.search(body)):
        yield not_read(about, "the path that the backend got: it is no echo backend", "deploy traefik/whoami once")
        return
    function = call.integration.function
    prefix = text(within(held(function, "environment", "variables"), "STRIP_PREFIX")) if function else ""
    rewritten = text(within(call.integration.parameters, "overwrite:path")) or "$request.path"
    wanted = path.removeprefix(prefix) or "/"
    seen = found[1].decode(errors="replace").partition("?")[0]
    if rewritten != "$request.path":
        yield not_read(about, f"the backend got {seen}; the integration rewrites the path")
    elif seen == wanted:
        yield passed(about, f"the backend got {seen}")
    else:
        yield failed(about, f"the backend got {seen}, and {wanted} is documented", "please report it")


def _throttled(api: Api, call: Call, about: str, url: str, throttle: Throttle, by: Caller) -> Check:
    calls = int(3 * (throttle.rate + (throttle.burst or 0))) + 1
    if calls > _MOST:
        return not_read(about, f"{throttle} would need {calls:,} calls; --load makes up to {_MOST}")
    signer = _signer(api, call, by)
    with ThreadPoolExecutor(32) as pool:
        found = Counter(pool.map(lambda _: _send("GET", url, _headers(call, by), signer)[0], range(calls)))
    if found[429]:
        return passed(about, f"{found[429]} of {calls} calls were refused with 429 ({throttle})")
    return failed(about, f"none of {calls} calls was refused with 429 ({throttle})", "read the stage's settings in AWS")


def _is_signed(call: Call) -> bool:
    try:
        return checks_signature(call)
    except CannotTell:
        return False


def _needs_certificate(api: Api, url: str) -> bool:
    return any(
        f"//{text(one.state.get('domainName'))}" in url and peek(one, "mutualTlsAuthentication") is not None
        for one in api.domains
    )


def _missing(call: Call, by: Caller) -> str:
    """What a call with credentials lacks."""
    wants = (
        (Requirement.KEY, by.key, "set API_KEY"),
        (Requirement.JWT, by.token, "set TOKEN"),
        (Requirement.COGNITO, by.token, "set TOKEN"),
        (Requirement.IAM, by.credentials, "no AWS credentials"),
        (Requirement.AUTHORIZER, "", "a Lambda authorizer has credentials of its own"),
    )
    return ", ".join(words for requirement, has, words in wants if requirement in call.requires and not has)


def _headers(call: Call, by: Caller) -> dict[str, str]:
    found = {"x-api-key": by.key} if Requirement.KEY in call.requires else {}
    if {Requirement.JWT, Requirement.COGNITO} & call.requires:
        found["authorization"] = by.token if Requirement.COGNITO in call.requires else f"Bearer {by.token}"
    return found


def _signer(api: Api, call: Call, by: Caller) -> Any:
    return SigV4Auth(by.credentials, "execute-api", api.resource.region) if Requirement.IAM in call.requires else None


def _send(method: str, url: str, headers: dict[str, str], signer: Any) -> tuple[int, bytes]:
    """Status and body. 0 with the kind of the error if nothing answers. Redirects are not followed."""
    request = AWSRequest(method=method, url=url, headers=headers)
    try:
        if signer is not None:
            signer.add_auth(request)
        answer = URLLib3Session(timeout=_SECONDS).send(request.prepare())
    except (BotoCoreError, HTTPClientError) as error:
        return 0, type(error).__name__.encode()
    return answer.status_code, answer.content


def signed_routes(model: AwsModel) -> Iterator[str]:
    """ARNs that a signed call of these checks needs `execute-api:Invoke` on."""
    for api in model.apis.all:
        for call in api.calls:
            if Requirement.IAM in call.requires and call.method in ("ANY", *_SAFE) and api.kind is not ApiKind.PRIVATE:
                method = "GET" if call.method == "ANY" else call.method
                yield f"{api.arn}/*/{method}{_VARIABLE.sub('*', call.path)}"


def unreachable(graph: Graph, reach: Reach, confirmed: Container[str]) -> Iterator[Check]:
    """Machines and load balancers that the review lists as closed must not answer from here. `confirmed` has URNs."""
    ports = sorted({int(port) for one in graph for port in _ports(one)})
    owned = (one for one in graph.of_type(*types.INSTANCE, *types.LOAD_BALANCER) if one.urn in confirmed)
    for one in owned:
        for host, private in () if one.urn in reach.public or one.existing or not ports else sorted(_hosts(one)):
            about, answering = f"{one.name} at {host}", [port for port in ports if _answers(host, port)]
            said = f"from here on {', '.join(map(str, answering or ports))}"
            if not answering:
                yield passed(about, f"does not answer {said}")
            elif private:
                # A machine of this network may have the same address.
                yield not_read(about, f"a private address, and something answers {said}", "run it outside of the VPC")
            else:
                yield failed(about, f"answers {said}", "close the security group to addresses outside of the VPC")


def _hosts(one: Resource) -> Iterator[tuple[str, bool]]:
    """Its addresses, and whether each is private."""
    yield from ((text(one.state[key]), False) for key in ("publicIp",) if one.state.get(key))
    yield from ((text(each), False) for each in items(one.state.get("ipv6Addresses")))
    yield from ((text(one.state[key]), True) for key in ("privateIp",) if one.state.get(key))
    if one.state.get("dnsName"):
        yield text(one.state["dnsName"]), peek(one, "internal") is True


def _ports(one: Resource) -> Iterator[int]:
    """Ports that the stack's own parts call it on."""
    keys = ("port",) if one.type in (*types.TARGET_GROUP, *types.LISTENER) else ("fromPort", "toPort")
    found = {peek(one, key) for key in keys if one.type not in types.EGRESS_RULE}
    yield from (port for port in found if isinstance(port, int) and port > 0 and len(found) == 1)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _CONNECT_SECONDS).close()
    except (OSError, UnicodeError):
        return False
    return True

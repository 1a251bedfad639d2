"""Checks that call the stack from here: each route without and with credentials, and addresses that must not answer."""

import re
import socket
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import islice
from threading import Thread
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError

from ..aws.catalog import types
from ..aws.gateway.api import Api, ApiKind, Call, Requirement
from ..aws.gateway.throttle import loosest
from ..aws.model.model import AwsModel
from ..graph import Graph, Resource
from ..graph.answers import any_of
from ..graph.given import held
from ..graph.graph import dns_suffix, partition_of
from ..graph.prose import few
from ..graph.reading import CannotTell, peek, text, within
from ..reach import Reach
from ..reach.anyone import checks_signature
from ..reach.exposure import INTERNET
from ..reach.path import Path
from .check import Check, failed, not_read, passed

_SECONDS: Final = 35
"""API Gateway answers within 29 seconds, unless its quota was raised."""
_CONNECT_SECONDS: Final = 3
_LAST_PORT: Final = 65_535
_CONNECTIONS: Final = 1_000
"""Connections to addresses that must not answer, over all of them. They take up to a minute."""
_AT_ONCE: Final = 64
_CONTROL: Final = {socket.AF_INET: "sts.amazonaws.com", socket.AF_INET6: "ec2.us-east-1.api.aws"}
"""Hosts of AWS that answer everybody. https://docs.aws.amazon.com/general/latest/gr/ec2-service.html for IPv6."""
LONGEST: Final = 65_536
"""Bytes of an answer that are read. An echo backend shows the path in its first lines."""
_MOST: Final = 500
"""Calls of `--load` on one route."""
_VARIABLE: Final = re.compile(r"\{[^{}]*\}")
_REQUEST_LINE: Final = re.compile(rb"^GET (\S+) HTTP/1", re.MULTILINE)
"""The line by which an echo backend such as traefik/whoami shows what it got."""
_REFUSED: Final = (401, 403)
_SAFE: Final = ("GET", "HEAD")
_CREDENTIALS: Final = {
    Requirement.KEY: ("key", {"x-api-key": "{}"}, "set API_KEY"),
    Requirement.JWT: ("token", {"authorization": "Bearer {}"}, "set TOKEN"),
    Requirement.COGNITO: ("token", {"authorization": "{}"}, "set TOKEN"),
    Requirement.IAM: ("credentials", {}, "no AWS credentials"),
    Requirement.AUTHORIZER: ("", {}, "a Lambda authorizer has credentials of its own"),
}
"""For what a route requires: the caller's value, its header, and where it comes from."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """What this machine can call with."""

    credentials: Any = None
    """Of AWS, for routes with IAM authorization."""
    key: str = ""
    token: str = ""
    """Without `Bearer`."""
    load: bool = False
    url: str = ""
    """Base address to call in place of those of the state."""


def checks(model: AwsModel, by: Caller, confirmed: Container[str]) -> Iterator[Check]:
    """Calls of each route, at addresses that AWS confirmed: a state can name any host. `confirmed` has URNs."""
    with ThreadPoolExecutor(4) as pool:
        for api in model.apis.all:
            if api.resource.existing:
                continue
            if api.kind is ApiKind.WEBSOCKET:
                yield not_read(api.resource.name, "a WebSocket API is not called")
                continue
            addresses = [by.url] if by.url else [*urls(model.graph, api, confirmed)]
            if not addresses:
                yield not_read(api.resource.name, "the state has no address that AWS confirmed", "give it with --url")
            routes = [_Route(api, call, url, by) for url in addresses for call in api.calls]
            for found in pool.map(lambda route: [*route.checks()], routes):
                yield from found
            for url in _default_urls(model.graph, api, confirmed) if api.default_endpoint_closed and not by.url else ():
                yield _without("GET", url, f"GET {url}, which is disabled", (*_REFUSED, 404))


def urls(graph: Graph, api: Api, confirmed: Container[str]) -> Iterator[str]:
    """Addresses of an API: its stages', unless they are closed, and its domains' with their base paths.

    Only those that AWS confirmed: credentials are sent to them.
    """
    if not api.default_endpoint_closed:
        yield from _default_urls(graph, api, confirmed)
    for mapping in graph.of_type(*types.BASE_PATH_MAPPING, *types.API_MAPPING):
        state = mapping.state
        if mapping.urn in confirmed and api.resource.id in (state.get("restApi"), state.get("apiId")):
            base = text(state.get("basePath") or state.get("apiMappingKey"))
            yield f"https://{text(state.get('domainName'))}/{base}".rstrip("/")


def _default_urls(graph: Graph, api: Api, confirmed: Container[str]) -> Iterator[str]:
    """Addresses of the stages, on the host that API Gateway gave the API."""
    region = api.resource.region or graph.region
    host = f"{text(api.resource.id)}.execute-api.{region}.{dns_suffix(partition_of(region))}/"
    for url in (text(stage.state.get("invokeUrl")) for stage in api.stages):
        if api.resource.urn in confirmed and url.startswith(f"https://{host}"):
            yield url.rstrip("/")


@dataclass(frozen=True)
class _Route:
    """A route at one address."""

    api: Api
    call: Call
    base: str
    by: Caller

    @property
    def path(self) -> str:
        return _VARIABLE.sub("probe", "/" if self.call.path == "$default" else self.call.path)

    @property
    def about(self) -> str:
        return f"{self.call.one_method} {self.base}{self.path}"

    def checks(self) -> Iterator[Check]:
        requires = self.call.requires
        if not self.call.is_known or self.call.method == "OPTIONS" or Requirement.UNKNOWN in requires:
            yield not_read(self.about, "the route is not known, or answers by CORS")
            return
        if not self.path.startswith("/"):
            # After an address without a path it would be a part of the host.
            yield not_read(self.about, "the route's path does not begin with /")
            return
        certificate = self._needs_certificate()
        closed = self.api.kind is ApiKind.PRIVATE or certificate or _is_signed(self.call)
        if closed or requires:
            yield _without(self.call.one_method, self.base + self.path, self.about, closes=certificate)
        if closed:
            return
        missing = ", ".join(source for name, _, source in self._credentials() if not getattr(self.by, name, ""))
        if self.call.one_method not in _SAFE:
            remedy = "call it yourself, with `pulumi stack output curl`"
            yield not_read(self.about, f"{self.call.one_method} would reach the backend", remedy)
        elif missing:
            yield not_read(self.about, f"not called with credentials: {missing}")
        else:
            yield from self._with()

    def _needs_certificate(self) -> bool:
        secured = (domain for domain in self.api.domains if peek(domain, "mutualTlsAuthentication") is not None)
        return any(f"//{text(resource.state.get('domainName'))}" in self.base for resource in secured)

    def _credentials(self) -> list[tuple[str, Mapping[str, str], str]]:
        return [row for requirement, row in _CREDENTIALS.items() if requirement in self.call.requires]

    def _send(self) -> tuple[int, bytes]:
        """Call it with all of its credentials."""
        headers: dict[str, str] = {}
        for name, forms, _ in self._credentials():
            headers |= {header: form.format(getattr(self.by, name)) for header, form in forms.items()}
        signs = Requirement.IAM in self.call.requires
        signer = SigV4Auth(self.by.credentials, "execute-api", self.api.resource.region) if signs else None
        return _send(self.call.one_method, self.base + self.path, headers, signer)

    def _with(self) -> Iterator[Check]:
        """A call that must get through."""
        status, body = self._send()
        what = "with credentials" if self.call.requires else "without credentials, as declared"
        if not status:
            yield not_read(self.about, f"does not answer ({body.decode()})")
        elif status in _REFUSED and (self.api.policies or self.api.acl or Requirement.IAM in self.call.requires):
            yield not_read(self.about, f"{status} {what}: a policy or a web ACL may refuse this caller")
        elif status in _REFUSED or status >= 500:
            yield failed(self.about, f"answers {status} {what}", "see the status codes in docs/troubleshooting.md")
        else:
            yield passed(self.about, f"answers {status} {what}")
        if 200 <= status < 300:
            yield self._seen(body)
            yield from self._throttled() if self.by.load else ()

    def _seen(self, body: bytes) -> Check:
        """The path that an echo backend got: the client's, without stage, base path and stripped prefix."""
        if not (match := _REQUEST_LINE.search(body)):
            remedy = "deploy traefik/whoami once"
            return not_read(self.about, "the path that the backend got: it is no echo backend", remedy)
        seen = match[1].decode(errors="replace").partition("?")[0]
        if text(within(self.call.integration.parameters, "overwrite:path")) not in ("", "$request.path"):
            return not_read(self.about, f"the backend got {seen}; the integration rewrites the path")
        function = self.call.integration.function
        prefix = text(within(held(function, "environment", "variables"), "STRIP_PREFIX")) if function else ""
        wanted = self.path.removeprefix(prefix) or "/"
        if seen == wanted:
            return passed(self.about, f"the backend got {seen}")
        return failed(self.about, f"the backend got {seen}, and {wanted} is documented", "please report it")

    def _throttled(self) -> Iterator[Check]:
        """More calls than the throttle allows, of which it must refuse one."""
        if (throttle := loosest(self.api, self.call)) is None:
            return
        calls = int(3 * (throttle.rate + (throttle.burst or 0))) + 1
        if calls > _MOST:
            yield not_read(self.about, f"{throttle} would need {calls:,} calls; --load makes up to {_MOST}")
            return
        with ThreadPoolExecutor(32) as pool:
            refused = [*pool.map(lambda _: self._send()[0], range(calls))].count(429)
        if refused:
            yield passed(self.about, f"{refused} of {calls} calls were refused with 429 ({throttle})")
        else:
            message = f"none of {calls} calls was refused with 429 ({throttle})"
            yield failed(self.about, message, "read the stage's settings in AWS")


def _without(method: str, url: str, about: str, refusals: Sequence[int] = _REFUSED, *, closes: bool = False) -> Check:
    """A call without any credentials, which must not get through. With `closes`, mutual TLS ends the connection."""
    status, body = _send(method, url, {}, None)
    if status in refusals:
        return passed(about, f"refuses a call without credentials ({status})")
    if closes and body == b"ConnectionClosedError" and not status:
        # A machine that cannot reach the API gets another error.
        return passed(about, "closes a connection without credentials")
    if not status:
        return not_read(about, f"does not answer without credentials ({body.decode()})")
    if status in (404, 429):
        return not_read(about, f"answers {status}, so it is not known whether it requires credentials")
    remedy = "compare it with AWS, and run `pulumi up --refresh`"
    return failed(about, f"answers {status} to a call without credentials", remedy)


def _is_signed(call: Call) -> bool:
    try:
        return checks_signature(call)
    except CannotTell:
        return False


def _send(method: str, url: str, headers: Mapping[str, str], signer: Any) -> tuple[int, bytes]:
    """Status and beginning of the body. 0 with the kind of the error if nothing answers. Redirects are not followed."""
    request = AWSRequest(method=method, url=url, headers=headers, stream_output=True)
    answers: list[tuple[int, bytes]] = [(0, b"ReadTimeoutError")]

    def send() -> None:
        try:
            if signer is not None:
                signer.add_auth(request)
            answer = URLLib3Session(timeout=_SECONDS).send(request.prepare())
            with closing(answer.raw):
                answers.append((answer.status_code, b""))
                answers.append((answer.status_code, answer.raw.read(LONGEST)))
        except (BotoCoreError, HTTPClientError, HTTPError) as error:
            answers.append((0, type(error).__name__.encode()))

    # The session limits each part of an answer, and not their number. The command waits for no such thread.
    sending = Thread(target=send, daemon=True)
    sending.start()
    sending.join(_SECONDS)
    return answers[-1]


def signed_routes(model: AwsModel) -> Iterator[str]:
    """ARNs that a signed call of these checks needs `execute-api:Invoke` on."""
    for api in model.apis.all:
        for call in api.calls:
            if Requirement.IAM in call.requires and call.one_method in _SAFE and api.kind is not ApiKind.PRIVATE:
                yield f"{api.arn}/*/{call.one_method}{_VARIABLE.sub('*', call.path)}"


def unreachable(graph: Graph, reach: Reach, hosts: Mapping[str, Sequence[tuple[str, bool]]]) -> Iterator[Check]:
    """Machines and load balancers that the review lists as closed must not answer from here.

    `hosts` are the addresses that AWS answered with, by URN, and whether each is private: a state can name any.
    """
    ports = sorted({port for resource in graph for port in _ports(resource)})
    entrances = {_entrance(path) for path in reach.inbound if path.open and INTERNET in path.source}
    listed = (one for one in graph.of_type(*types.INSTANCE, *types.LOAD_BALANCER) if one.urn not in entrances)
    closed = [(resource.name, *address) for resource in listed for address in hosts.get(resource.urn, ())]
    # Each address before the next port, so that a limit leaves none out as long as it can.
    once = dict.fromkeys(host for _, host, _ in closed)
    tried = [*islice(((host, port) for port in ports for host in once), _CONNECTIONS)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = dict(zip(tried, pool.map(lambda probe: _answers(*probe), tried), strict=True))
    for name, host, private in closed:
        results = {port: answers[host, port] for port in ports if (host, port) in answers}
        yield from _closed(f"{name} at {host}", results, private)
        if left_out := [str(port) for port in ports if port not in results]:
            message = f"not called on {few(left_out)}: one run makes {_CONNECTIONS:,} connections"
            yield not_read(f"{name} at {host}", message, "call it yourself on these ports")


def _closed(about: str, answers: Mapping[int, bool | None], private: bool) -> Iterator[Check]:
    """The check of one address, by the ports that were called."""
    if answering := [str(port) for port, answer in answers.items() if answer]:
        said = f"answers from here on {', '.join(answering)}"
        if private:
            # A machine of this network may have the same address.
            yield not_read(about, f"a private address, and something {said}", "run it outside of the VPC")
        else:
            yield failed(about, said, "close the security group to addresses outside of the VPC")
    if closed := [str(port) for port, answer in answers.items() if answer is False]:
        yield passed(about, f"does not answer from here on {few(closed)}, and AWS does on 443")
    if unknown := [str(port) for port, answer in answers.items() if answer is None]:
        message = f"this machine reaches no AWS, has no IPv6 or no name to call it by, on {few(unknown)}"
        yield not_read(about, message, "run it on a machine with IPv4 and IPv6")


def _entrance(path: Path) -> str:
    """URN of the first part that takes a request. Those behind it take none from the internet themselves."""
    kinds = (*types.APIS, *types.FUNCTION, *types.INSTANCE, *types.LOAD_BALANCER)
    return next((hop.resource.urn for hop in path.hops if hop.resource and hop.resource.type in kinds), "")


def _ports(resource: Resource) -> Iterator[int]:
    """Ports that the stack's own parts call it on."""
    keys = ("port",) if resource.type in (*types.TARGET_GROUP, *types.LISTENER) else ("fromPort", "toPort")
    ports = {peek(resource, key) for key in keys if resource.type not in types.EGRESS_RULE}
    yield from (port for port in ports if isinstance(port, int) and 0 < port <= _LAST_PORT and len(ports) == 1)


def _answers(host: str, port: int) -> bool | None:
    """Whether something answers; None if this machine cannot tell: no route, no name, no such family, no way out."""
    try:
        answers = [
            _takes(family, address) for family, *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        ]
    except (OSError, UnicodeError):
        return None
    return any_of(answers)


def _takes(family: socket.AddressFamily, address: Any) -> bool | None:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_SECONDS)
            probe.connect(address)
    except (ConnectionRefusedError, TimeoutError):
        # An answer only on a machine that can call others by this family: a firewall here refuses and drops too.
        return False if _gets_out(family) else None
    except OSError:
        return None
    return True


@cache
def _gets_out(family: socket.AddressFamily) -> bool:
    """The control call: AWS itself must be reachable by this family."""
    try:
        *_, address = socket.getaddrinfo(_CONTROL[family], 443, family, socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as control:
            control.settimeout(_CONNECT_SECONDS)
            control.connect(address)
    except OSError:
        return False
    return True

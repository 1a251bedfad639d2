"""Calls of each route from here: it must refuse without the credentials that it requires, and answer with them."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.httpsession import URLLib3Session

from ..aws.catalog import types
from ..aws.gateway import access, signatures
from ..aws.gateway.api import Api, ApiKind, Call, Requirement
from ..aws.model.model import AwsModel
from ..graph import Graph
from ..graph.graph import get_dns_suffix, get_partition
from ..graph.reading import as_text
from .check import Check, failed, not_read, passed

_SECONDS: Final = 35
"""API Gateway answers within 29 seconds, unless its quota was raised."""
_VARIABLE: Final = re.compile(r"\{[^{}]*\}")
_REFUSED: Final = (401, 403)
_SAFE: Final = ("GET", "HEAD")
_CREDENTIALS: Final = {
    Requirement.KEY: ("key", {"x-api-key": "{}"}, "set API_KEY"),
    Requirement.JWT: ("token", {"authorization": "Bearer {}"}, "set TOKEN"),
    Requirement.COGNITO: ("token", {"authorization": "{}"}, "set TOKEN"),
    Requirement.IAM: ("credentials", {}, "no AWS credentials"),
    Requirement.AUTHORIZER: ("", {}, "a Lambda authorizer has credentials of its own"),
}
"""For each requirement of a route: the field of `Caller` with the value, its header, and the message without it."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The credentials with which this machine can call."""

    credentials: Any = None
    """Of AWS, for routes with IAM authorization."""
    key: str = ""
    token: str = ""
    """Without `Bearer`."""
    url: str = ""
    """Base address to call in place of those of the state."""


def check_calls(model: AwsModel, by: Caller) -> Iterator[Check]:
    """Calls of each route at each of its addresses."""
    with ThreadPoolExecutor(4) as pool:
        for api in model.apis.all:
            if api.resource.existing or api.kind is ApiKind.WEBSOCKET:
                continue
            addresses = [by.url] if by.url else list(list_urls(model.graph, api))
            if not addresses:
                yield not_read(api.resource.name, "the state has no address of it", "give it with --url")
            routes = [_Route(api, call, url, by) for url in addresses for call in api.calls]
            for results in pool.map(lambda route: list(route.checks()), routes):
                yield from results


def list_urls(graph: Graph, api: Api) -> Iterator[str]:
    """Addresses of an API: those of its stages, if they are open, and those of its domains with their base paths."""
    region = api.resource.region or graph.region
    host = f"https://{as_text(api.resource.id)}.execute-api.{region}.{get_dns_suffix(get_partition(region))}/"
    for url in (as_text(stage.state.get("invokeUrl")) for stage in api.stages):
        # Of a stage, only API Gateway's own host is called, even if the state names another.
        if url.startswith(host) and not api.default_endpoint_closed:
            yield url.rstrip("/")
    for mapping in graph.list_by_type(*types.BASE_PATH_MAPPING, *types.API_MAPPING):
        state = mapping.state
        if api.resource.id in (state.get("restApi"), state.get("apiId")):
            base = as_text(state.get("basePath") or state.get("apiMappingKey"))
            yield f"https://{as_text(state.get('domainName'))}/{base}".rstrip("/")


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
    def label(self) -> str:
        return f"{self.call.example_method} {self.base}{self.path}"

    def checks(self) -> Iterator[Check]:
        requires = self.call.requires
        known = self.call.is_known and self.path.startswith("/") and Requirement.UNKNOWN not in requires
        if not known or self.call.method == "OPTIONS":
            yield not_read(self.label, "the route is not known, or answers by CORS")
            return
        certificate = self._needs_certificate()
        is_callable_from_here = not (
            self.api.kind is ApiKind.PRIVATE
            or certificate
            or signatures.check_of(self.call.integration.function).checks
        )
        if requires or not is_callable_from_here:
            yield self._call_without_credentials(closes=certificate)
        if not is_callable_from_here:
            return
        missing = [message for name, _, message in self._list_credentials() if not getattr(self.by, name, "")]
        if self.call.example_method not in _SAFE:
            remedy = "call it yourself, with `pulumi stack output curl`"
            yield not_read(self.label, f"{self.call.example_method} would reach the backend", remedy)
        elif missing:
            yield not_read(self.label, f"not called with credentials: {', '.join(missing)}")
        else:
            yield self._call_with_credentials()

    def _needs_certificate(self) -> bool:
        secured = (domain for domain in self.api.domains if access.has_truststore(domain))
        return any(f"//{as_text(resource.state.get('domainName'))}" in self.base for resource in secured)

    def _list_credentials(self) -> list[tuple[str, Mapping[str, str], str]]:
        return [row for requirement, row in _CREDENTIALS.items() if requirement in self.call.requires]

    def _call_with_credentials(self) -> Check:
        """A call with all credentials, which must get through."""
        headers: dict[str, str] = {}
        for name, forms, _ in self._list_credentials():
            headers |= {header: form.format(getattr(self.by, name)) for header, form in forms.items()}
        signs = Requirement.IAM in self.call.requires
        signer = SigV4Auth(self.by.credentials, "execute-api", self.api.resource.region) if signs else None
        status, error = _send(self.call.example_method, self.base + self.path, headers, signer)
        described = "with credentials" if self.call.requires else "without credentials, as declared"
        if not status:
            return not_read(self.label, f"does not answer ({error})")
        guarded = any(firewall.association for firewall in self.api.firewalls)
        if status in _REFUSED and (self.api.policies or guarded or signs):
            return not_read(self.label, f"{status} {described}: a policy or a web ACL may refuse this caller")
        if status in _REFUSED or status >= 500:
            return failed(
                self.label, f"answers {status} {described}", "see the status codes in docs/troubleshooting.md"
            )
        return passed(self.label, f"answers {status} {described}")

    def _call_without_credentials(self, *, closes: bool) -> Check:
        """A call without credentials, which must not get through. With `closes`, mutual TLS ends the connection."""
        status, error = _send(self.call.example_method, self.base + self.path, {}, None)
        if status in _REFUSED:
            return passed(self.label, f"refuses a call without credentials ({status})")
        if closes and error == "ConnectionClosedError":
            # A machine that cannot reach the API gets another error.
            return passed(self.label, "closes a connection without credentials")
        if not status:
            return not_read(self.label, f"does not answer without credentials ({error})")
        if status in (404, 429):
            return not_read(self.label, f"answers {status}, so it is not known whether it requires credentials")
        remedy = "compare it with AWS, and run `pulumi up --refresh`"
        return failed(self.label, f"answers {status} to a call without credentials", remedy)


def _send(method: str, url: str, headers: Mapping[str, str], signer: Any) -> tuple[int, str]:
    """The status, or 0 and the kind of the error if nothing answers. Redirects are not followed."""
    request = AWSRequest(method=method, url=url, headers=headers, stream_output=True)
    try:
        if signer is not None:
            signer.add_auth(request)
        answer = URLLib3Session(timeout=_SECONDS).send(request.prepare())
        answer.raw.close()
    except (BotoCoreError, HTTPClientError) as error:
        return 0, type(error).__name__
    return int(answer.status_code), ""

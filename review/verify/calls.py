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

from ..callers.order import is_open
from ..graph.reading import as_text
from ..reach.inbound import Inbound
from ..reach.statements import Part, Statements
from ..reach.ways import Call, list_calls
from .check import Check, failed, not_read, passed

_SECONDS: Final = 35
"""API Gateway answers within 29 seconds, unless its quota was raised."""
_VARIABLE: Final = re.compile(r"\{[^{}]*\}")
_REFUSED: Final = (401, 403)
_SAFE: Final = ("GET", "HEAD")
_CREDENTIALS: Final = {
    "keys": ("key", {"x-api-key": "{}"}, "set API_KEY"),
    "jwt": ("token", {"authorization": "Bearer {}"}, "set TOKEN"),
    "cognito": ("token", {"authorization": "{}"}, "set TOKEN"),
    "iam": ("credentials", {}, "no AWS credentials"),
    "lambda": ("", {}, "a Lambda authorizer has credentials of its own"),
}
"""For each need of a call: the field of `Caller` with the value, its header, and the message without it."""
_UNCALLABLE: Final = ("certificate", "signature", "through")
"""Needs that this machine does not meet."""


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


def check_calls(statements: Statements, by: Caller) -> Iterator[Check]:
    """Calls of each route at the address of its API."""
    find_checks = Inbound(statements).find_checks
    with ThreadPoolExecutor(4) as pool:
        for api in statements.list_of("ApiFront"):
            address = by.url or as_text(api.resource.state.get("url"))
            if not address.startswith(("https://", "http://127.0.0.1")):
                yield not_read(api.name, "the state has no address of it", "give it with --url")
                continue
            base, region = address.rstrip("/"), api.resource.region or statements.graph.region
            routes = [_Route(api, call, base, region, by) for call in list_calls(api, find_checks)]
            for results in pool.map(lambda route: list(route.checks()), routes):
                yield from results


@dataclass(frozen=True)
class _Route:
    """A call at one address."""

    api: Part
    call: Call
    base: str
    region: str
    by: Caller

    @property
    def method(self) -> str:
        """A method that the route takes: `GET` if it takes any."""
        return "GET" if self.call.method == "ANY" else self.call.method

    @property
    def path(self) -> str:
        return _VARIABLE.sub("probe", self.call.path)

    @property
    def label(self) -> str:
        return f"{self.method} {self.base}{self.path}"

    def checks(self) -> Iterator[Check]:
        needs = self.call.needs
        is_callable_from_here = not any(need in needs for need in _UNCALLABLE)
        if not is_open(needs):
            yield self._call_without_credentials(closes="certificate" in needs)
        if not is_callable_from_here:
            return
        missing = [message for name, _, message in self._list_credentials() if not getattr(self.by, name, "")]
        if self.method not in _SAFE:
            remedy = "call it yourself, with `pulumi stack output curl`"
            yield not_read(self.label, f"{self.method} would reach the backend", remedy)
        elif missing:
            yield not_read(self.label, f"not called with credentials: {', '.join(missing)}")
        else:
            yield self._call_with_credentials()

    def _list_credentials(self) -> list[tuple[str, Mapping[str, str], str]]:
        asked = [*(self.call.needs.get("caller") or {}), *(["keys"] if "keys" in self.call.needs else [])]
        return [_CREDENTIALS[need] for need in asked]

    def _call_with_credentials(self) -> Check:
        """A call with all credentials, which must get through."""
        headers: dict[str, str] = {}
        for name, forms, _ in self._list_credentials():
            headers |= {header: form.format(getattr(self.by, name)) for header, form in forms.items()}
        signs = "iam" in (self.call.needs.get("caller") or {})
        signer = SigV4Auth(self.by.credentials, "execute-api", self.region) if signs else None
        status, error = _send(self.method, self.base + self.path, headers, signer)
        described = "without credentials, as declared" if is_open(self.call.needs) else "with credentials"
        if not status:
            return not_read(self.label, f"does not answer ({error})")
        may_refuse = {"addresses", "notAddresses", "firewall"} & self.call.needs.keys()
        if status in _REFUSED and (may_refuse or signs):
            return not_read(self.label, f"{status} {described}: a policy or a web ACL may refuse this caller")
        if status in _REFUSED or status >= 500:
            return failed(
                self.label, f"answers {status} {described}", "see the status codes in docs/troubleshooting.md"
            )
        return passed(self.label, f"answers {status} {described}")

    def _call_without_credentials(self, *, closes: bool) -> Check:
        """A call without credentials, which must not get through. With `closes`, mutual TLS ends the connection."""
        status, error = _send(self.method, self.base + self.path, {}, None)
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

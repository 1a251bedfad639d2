"""What a caller of each way needs, as the component states it: for each need, callers that have it and that lack it.

The page offers them as choices, and `--check` tries each.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..callers.address_spans import contains, list_admitted_spans
from ..facts.statements import OWN_ACCOUNT
from ..reach.statements import list_urns
from .callers import list_endpoint_ranges
from .issuer import make_claims
from .request import NOWHERE

if TYPE_CHECKING:
    from .apis import Authorizer, Route, ServedApi
    from .stack import Stack

_STRANGER: Final = "999999999999"
_ELSEWHERE: Final = "vpce-0fffffffffffffff0"
_ACCOUNT: Final = re.compile(r"(?:arn:[a-z-]+:iam::)?(\d{12})\b")
_PLACEHOLDER: Final = "..."
_OUTSIDE: Final = "192.0.2.1"
"""An address that is reserved for documentation."""
_FIRST_HOST: Final = 4
"""In a subnet. AWS has the addresses before it."""
_EXPIRED: Final = 1
"""A second after the start of 1970."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a caller sends to prove who it is, and where it calls from."""

    claims: Mapping[str, Any] | None = None
    """Claims of its token. None if it sends none."""
    is_forged: bool = False
    """Whether the signature of its token or its request is wrong."""
    token_header: str = "Authorization"  # noqa: S105 # a name
    principal: str = ""
    """ARN of the identity of AWS that signs. Empty if none does."""
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that a function decides about."""
    address: str = ""
    endpoint: str = ""
    host: str = ""
    prefix: str = ""
    """The stage's part of the path, `/live`, or a base path."""
    sender: str = ""
    """`signed` or `missigned` for the sender of a webhook; empty for a request without its signature."""

    def change(self, changes: Mapping[str, Any]) -> Credentials:
        """The same with some fields replaced. Claims are added to those that it has."""
        claims = changes.get("claims", self.claims)
        merged = {**(self.claims or {}), **claims} if claims is not None else None
        return replace(self, **{**changes, "claims": merged})


class Choice(NamedTuple):
    """A caller that has a need, or lacks it."""

    label: str
    is_right: bool
    changes: Mapping[str, Any]


class Need(NamedTuple):
    """One of the needs of a way. The first choice is a right one."""

    name: str
    choices: tuple[Choice, ...]


def list_needs(stack: Stack, api: ServedApi, route: Route) -> list[Need]:
    """The needs of a route's callers, in the order in which API Gateway asks for them."""
    needs = (route.way or {}).get("needs", {})
    found = [*_list_hosts(api), *_list_entries(stack, needs), *_list_addresses(needs)]
    for kind, wanted in needs.get("caller", {}).items():
        found += _list_callers(stack, kind, wanted, route.authorizer)
    if "keys" in needs:
        found.append(_make_key_need(stack, api, needs["keys"]))
    if checks := stack.network.find_checks(api, route):
        word = "token" if checks.get("scheme") == "gitlab" else "signature"
        wrong = {
            f"a stranger, without a {word}": {"sender": ""},
            f"a stranger, by a wrong {word}": {"sender": "missigned"},
        }
        found.append(_make("signature", {f"the sender, by its {word}": {"sender": "signed"}}, wrong))
    return [need for need in found if need.choices]


def choose_right(needs: list[Need], **changes: Any) -> Credentials:
    """A caller that has all needs."""
    credentials = Credentials()
    for need in needs:
        credentials = credentials.change(need.choices[0].changes)
    return credentials.change(changes)


def _make(name: str, right: Mapping[str, Mapping[str, Any]], wrong: Mapping[str, Mapping[str, Any]]) -> Need:
    """A need with right and wrong choices by label. Without a right one, it has none."""
    listed = [(right, True), (wrong, False)] if right else []
    return Need(name, tuple(Choice(label, is_right, one) for by, is_right in listed for label, one in by.items()))


def _list_hosts(api: ServedApi) -> Iterator[Need]:
    """The addresses of an API: its own, unless that is closed, and those of its domains."""
    at, stage = api.part.get_map("at"), api.stage.removeprefix("$default")
    own = {"its own address": {"host": "", "prefix": f"/{stage}".rstrip("/")}}
    domains = {}
    for domain in (at.get("domain"), at.get("privateDomain")):
        if domain is not None:
            # A wildcard domain covers every name of one label.
            host = str(domain["name"]).replace("*", "any", 1)
            domains[host] = {"host": host, "prefix": f"/{domain.get('basePath', '')}".rstrip("/")}
    is_open = at.get("own") is True
    yield _make("address of the API", own | domains if is_open else domains, {} if is_open else own)


def _list_entries(stack: Stack, needs: Mapping[str, Any]) -> Iterator[Need]:
    """The endpoints through which a private API is called."""
    if "through" not in needs:
        return
    right: dict[str, Mapping[str, Any]] = {}
    for key, reference in needs["through"].get("endpoints", {}).items():
        declared = [stack.graph.resources[urn] for urn in list_urns(reference) if urn in stack.graph.resources]
        identifier = key if reference is True else str(declared[0].id) if declared else ""
        if identifier:
            right[f"endpoint {key}"] = {"endpoint": identifier}
    for key, reference in needs["through"].get("vpcs", {}).items():
        if reference is True:
            right[f"an endpoint in {key}"] = {"endpoint": key}
    wrong = {"the internet": {"endpoint": NOWHERE}, "another endpoint": {"endpoint": _ELSEWHERE}}
    yield _make("endpoint", right, wrong)
    parts = map(stack.statements.find, needs["through"].get("endpoints", {}).values())
    if (part := next(filter(None, parts), None)) is not None and (
        ranges := list_endpoint_ranges(stack.statements, part)
    ):
        admitted = {str(ipaddress.ip_network(one, strict=False)[_FIRST_HOST]): one for one in ranges}
        # The members of groups and prefix lists may have any address.
        outside = {_OUTSIDE: {"address": _OUTSIDE}} if part.get_map("admits").keys() <= {"vpc", "ranges"} else {}
        yield _make("address", {one: {"address": one} for one in admitted}, outside)


def _list_addresses(needs: Mapping[str, Any]) -> Iterator[Need]:
    """Addresses at the ends of what the lists admit, and those beside them."""
    if not {"addresses", "notAddresses"} & needs.keys():
        return
    spans = list_admitted_spans(needs)
    inside = dict.fromkeys(_format(span[0], end) for span in (*spans[:1], *spans[-1:]) for end in span[1:])
    beside = [(span[0], end) for span in spans for end in (span[1] - 1, span[2] + 1)]
    outside = dict.fromkeys(
        text for version, end in beside if (text := _format(version, end)) and not contains(spans, text)
    )
    yield _make("address", *({text: {"address": text} for text in texts} for texts in (inside, [*outside][:3])))


def _format(version: int, number: int) -> str:
    """An address as text. Empty for a number that is none."""
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return str(kind(number)) if 0 <= number < 2 ** (32 if version == 4 else 128) else ""


def _list_callers(stack: Stack, kind: str, wanted: Mapping[str, Any], authorizer: Authorizer | None) -> Iterator[Need]:
    if kind == "iam":
        yield _make_iam_need(stack, wanted)
        return
    names = [*wanted.get("headers", {})] or ["authorization"]
    if kind == "lambda":
        given = dict.fromkeys((name.title() for name in names), _PLACEHOLDER)
        missing = {f"without {name}": {"headers": {**given, name: ""}} for name in given}
        yield _make("authorizer", {"with values that its function decides about": {"headers": given}}, missing)
        return
    yield from _list_token_needs(wanted, authorizer, names[0].title(), is_pool=kind == "cognito")


def _make_iam_need(stack: Stack, wanted: Mapping[str, Any]) -> Need:
    user = "arn:aws:iam::{}:user/try-user"
    own = wanted.get("accounts", {}).get(OWN_ACCOUNT)
    others = [found[1] for key in wanted.get("otherAccounts", {}) if (found := _ACCOUNT.match(key))]
    right = {"an IAM user of this account": {"principal": user.format(stack.graph.account)}} if own else {}
    right |= {f"an IAM user of {one}": {"principal": user.format(one)} for one in others}
    wrong: dict[str, Mapping[str, Any]] = {
        "nobody, without a signature": {"principal": ""},
        "an IAM user, by a wrong signature": {"is_forged": True},
        "an IAM user of another account": {"principal": user.format(_STRANGER)},
    }
    return _make("caller", right, wrong)


def _list_token_needs(
    wanted: Mapping[str, Any], authorizer: Authorizer | None, header: str, *, is_pool: bool
) -> Iterator[Need]:
    """The token, and its audience and scopes, of which each is enough."""
    # What only the deployment knows is made up, and is in the document.
    stated = [wanted["issuer"]] if isinstance(wanted.get("issuer"), str) else []
    issuers = stated or [*(authorizer.issuers if authorizer else ())]
    named = [*wanted.get("audiences", {})]
    audiences = named if all(part is True for part in wanted.get("audiences", {}).values()) else []
    audiences = audiences or [*(authorizer.audiences if authorizer else ())]
    scopes = [*wanted.get("scopes", {})]
    made = [make_claims(issuer, audiences[0] if audiences else "", scopes[:1]) for issuer in issuers]
    right = {f"a token of {claims['iss']}": {"claims": claims, "token_header": header} for claims in made}
    wrong: dict[str, Mapping[str, Any]] = {
        "nobody, without a token": {"claims": None},
        "a token with a wrong signature": {"is_forged": True},
        "a token that has expired": {"claims": {"exp": _EXPIRED}},
        "a token of another issuer": {"claims": {"iss": "https://other.example.com"}},
    }
    if is_pool and not scopes:
        wrong["an access token, where the route takes ID tokens"] = {"claims": {"token_use": "access"}}
    yield _make("token", right, wrong)
    if audiences and not is_pool:
        right = {one: {"claims": {"aud": one, "client_id": one}} for one in audiences}
        yield _make("audience", right, {"another audience": {"claims": {"aud": "another", "client_id": "another"}}})
    if scopes:
        lacking = {"no scope": {"claims": {"scope": ""}}, "another scope": {"claims": {"scope": "another/scope"}}}
        yield _make("scope", {scope: {"claims": {"scope": scope}} for scope in scopes}, lacking)


def _make_key_need(stack: Stack, api: ServedApi, names: Mapping[str, Any]) -> Need:
    values = {key.name: value for value, key in stack.keys.values.items()}
    own = {f"{api.part.resource.name}-key-{name}": name for name in names}
    right = {name: {"key": values[full]} for full, name in own.items() if full in values}
    wrong = {"no key": {"key": ""}, "an unknown key": {"key": "unknown"}}
    wrong |= {full: {"key": value} for full, value in values.items() if full not in own}
    return _make("key", right, wrong)

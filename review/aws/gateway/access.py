"""Access controls of an API: who may call by its resource policy, at what rate, with which credentials.

The policy is evaluated with synthetic callers: one from each part into which its ranges cut the internet, and one from
each endpoint or VPC that it names and from none of them.
"""

import functools
import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...facts import address_lists
from ...graph import UNKNOWN, Resource
from ...graph.addresses import admits_internet, covers, parse_network, split_internet
from ...graph.answers import YES, Answer, Answered, Truth, combine_answers, make_doubt
from ...graph.evidence import get_deployed_input
from ...graph.reading import Doubt, MalformedDocument, as_text
from ..identity.callers import ANONYMOUS, Caller, list_identities, list_principals, make_caller, parse_account
from ..identity.iam import Decision, evaluate_policy, list_condition_texts, read_statements
from .api import Api, ApiKind, Call, Requirement
from .throttle import describe_throttles

_ACTION: Final = "execute-api:Invoke"
_UNNAMED_ADDRESS: Final = "192.0.2.1"
"""An address that is reserved for documentation: no policy means it."""
_OF_EVERY_CALL: Final = {"aws:SecureTransport": "true", "aws:UserAgent": UNKNOWN, "aws:Referer": UNKNOWN}
"""API Gateway accepts only TLS; the caller chooses the two headers."""


@dataclass(frozen=True)
class Audience(Answered):
    """Callers that a resource policy admits. The answer is a doubt if they are not known."""

    anyone: bool
    """Whether it admits so many addresses that they count as the internet."""
    ranges: tuple[str, ...] = ()
    """Allowed ranges; if `anyone`, the denied ones."""
    nobody: bool = False
    """Whether no public address at all is admitted."""

    @property
    def label(self) -> str:
        """`GitHub's ranges`, `203.0.113.0/24`, `3 ranges`, `all but 198.51.100.0/24`; empty for everybody."""
        if not self.ranges:
            return ""
        return f"all but {_name_ranges(self.ranges)}" if self.anyone else _name_ranges(self.ranges)


def _name_ranges(ranges: tuple[str, ...]) -> str:
    for name, listed in address_lists.ADDRESS_LISTS.items():
        if set(listed.ranges) == set(ranges):
            return "GitHub's ranges" if name == "github-hooks" else f"the ranges of {name}"
    return " and ".join(ranges) if len(ranges) <= 2 else f"{len(ranges)} ranges"


def find_audience(api: Api, call: Call) -> Audience:
    """Who may make this call from the internet, as far as addresses decide it."""
    key = build_call_arn(api, call), list_ip_versions(api), frozenset(call.requires)
    audiences = [_compute_audience(policy if isinstance(policy, str) else UNKNOWN, *key) for policy in api.policies]
    if not audiences:
        return Audience(anyone=True)
    strictest = min(audiences, key=lambda its: (not its.nobody, its.anyone, len(its.ranges)))
    return replace(strictest, answer=combine_answers(*(its.answer for its in audiences)))


@functools.lru_cache(maxsize=1024)
def _compute_audience(policy: Any, arn: str, versions: tuple[int, ...], requires: frozenset[Requirement]) -> Audience:
    try:
        named = sorted(set(list_condition_values(policy, "aws:sourceip")))
    except (Doubt, MalformedDocument) as problem:
        return Audience(anyone=True, answer=Doubt(f"whom the resource policy admits ({problem})"))

    @functools.cache
    def ask(source: str) -> Decision:
        return find_widest_decision(policy, arn, {"aws:SourceIp": source}, requires)

    admitted = dict.fromkeys(versions, 0)
    for version in versions:
        for address, size in split_internet(named, version):
            decision = ask(address)
            if decision is Decision.UNKNOWN:
                return Audience(anyone=True, answer=Doubt("whom the resource policy admits"))
            admitted[version] += size if decision.allowed else 0
    anyone = admits_internet(admitted)
    exceptions = _select_ranges(named, lambda address: ask(address).refused is anyone, also_partly=not anyone)
    return Audience(anyone, exceptions, nobody=not any(admitted.values()))


def _select_ranges(named: list[str], chosen: Callable[[str], bool], *, also_partly: bool) -> tuple[str, ...]:
    """The widest of the named ranges whose addresses are all chosen.

    `also_partly`: and the smallest ranges with chosen addresses that none of those has, in place of those inside them.
    """
    addresses = [address for version in (4, 6) for address, _ in split_internet(named, version)]
    # A private range has only itself.
    parts = {range_: {address for address in addresses if covers(range_, address)} or {range_} for range_ in named}
    wide_first = sorted(parts, key=lambda range_: network.prefixlen if (network := parse_network(range_)) else 0)
    selected, found = set[str](), set[str]()
    for range_ in wide_first:
        if parts[range_] - found and all(map(chosen, parts[range_])):
            selected.add(range_)
            found |= parts[range_]
    for range_ in reversed(wide_first) if also_partly else ():
        if more := set(filter(chosen, parts[range_])) - found:
            selected.add(range_)
            found |= more
    return tuple(
        range_ for range_ in named if range_ in selected and not any(parts[range_] < parts[other] for other in selected)
    )


def can_tell_callers(api: Api, call: Call) -> Answer:
    """Yes, or a doubt about who may make a call."""
    by_address = YES if api.kind is ApiKind.PRIVATE else find_audience(api, call).answer
    by_method = [Doubt("what its routes require")] if Requirement.UNKNOWN in call.requires else call.unproven.values()
    by_name = "whether the resource policy admits unknown calls" * bool(api.policies and not call.is_known)
    return combine_answers(api.answer, by_address, *by_method, make_doubt(by_name))


def decide_for_endpoint(api: Api, call: Call, endpoint: str, vpc: str, address: Any = UNKNOWN) -> Decision:
    """Whether the policy of a private API lets a call through that comes by this endpoint of this VPC."""
    context, requires = build_endpoint_context(endpoint, vpc, address), frozenset(call.requires)
    decisions = [find_widest_decision(policy, build_call_arn(api, call), context, requires) for policy in api.policies]
    order = (Decision.DENY, Decision.SILENT, Decision.UNKNOWN, Decision.ALLOW)
    return min(decisions, key=order.index, default=Decision.SILENT)


def is_decided_by_identity(call: Call) -> bool:
    """Whether AWS evaluates an identity's policy, or a Lambda authorizer's answer, together with the resource policy.

    Within one account either of them may allow, and neither may deny.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    return bool({Requirement.IAM, Requirement.AUTHORIZER} & set(call.requires))


def find_widest_decision(
    policy: Any, arn: str, context: Mapping[str, Any], requires: frozenset[Requirement], *, permits: bool = True
) -> Decision:
    """The widest decision of the policy on any caller that its identity policy or the authorizer permits.

    An identity of another account needs the allow of both policies. `permits=False`: everyone does, as with the policy
    of an endpoint.
    """
    own = parse_account(arn)
    decisions = []
    for caller in _list_callers(policy, own, requires):
        decision = decide(policy, arn, context, caller)
        if permits and decision is Decision.SILENT and _is_permitted(caller, own, requires):
            decision = Decision.ALLOW
        if decision is Decision.ALLOW:
            return decision
        decisions.append(decision)
    return Decision.UNKNOWN if Decision.UNKNOWN in decisions else decisions[-1]


def _is_permitted(caller: Caller, own: str, requires: frozenset[Requirement]) -> bool:
    if caller.arn is None:
        return Requirement.AUTHORIZER in requires
    return caller.account in (UNKNOWN, own) or not own


def _list_callers(policy: Any, own: str, requires: frozenset[Requirement]) -> Iterator[Caller]:
    if Requirement.IAM not in requires:
        yield make_caller(signed=None) if Requirement.UNKNOWN in requires else ANONYMOUS
        return
    try:
        yield from list_identities(_list_named_values(policy), own)
    except (Doubt, MalformedDocument):
        yield make_caller(signed=True)


def _list_named_values(policy: Any) -> Mapping[str, set[str]]:
    """The values that a policy gives for each condition key, in lower case, and its principals under `""`."""
    named: dict[str, set[str]] = {}
    for statement in read_statements(policy):
        named.setdefault("", set()).update(
            as_text(principal) for kind, principal in list_principals(statement) if kind == "AWS"
        )
        for key, value in list_condition_texts(statement):
            named.setdefault(key, set()).add(value)
    return {key: values - {"", "*"} for key, values in named.items()}


def build_endpoint_context(endpoint: str, vpc: str, address: Any = UNKNOWN) -> Mapping[str, Any]:
    """Condition keys of a request through an endpoint; an empty id is one that is not known."""
    return {"aws:SourceVpce": endpoint or UNKNOWN, "aws:SourceVpc": vpc or UNKNOWN, "aws:VpcSourceIp": address}


def decide_for_unnamed_endpoint(api: Api, call: Call) -> Decision:
    """The same for an endpoint and a VPC that no policy names, by an ID that is not known either."""
    unnamed = replace(api, policies=tuple(_replace_unknown_endpoints(policy) for policy in api.policies))
    # Whoever owns the VPC chooses its addresses.
    decisions = [
        decide_for_endpoint(unnamed, call, "vpce-of-another-account", "vpc-of-another-account", address)
        for address in _list_private_addresses(unnamed)
    ]
    order = (Decision.ALLOW, Decision.UNKNOWN, Decision.SILENT, Decision.DENY)
    return min(decisions, key=order.index)


def _list_private_addresses(api: Api) -> list[Any]:
    """An address of each range that the policies name, and one of none of them; one that is not known without any."""
    try:
        texts = {text for policy in api.policies for text in list_condition_values(policy, "aws:vpcsourceip")}
        networks = [ipaddress.ip_network(text, strict=False) for text in texts]
    except (Doubt, MalformedDocument, ValueError):
        return [UNKNOWN]
    if not networks:
        return [UNKNOWN]
    return [*(str(network[-1]) for network in networks), _UNNAMED_ADDRESS]


def _replace_unknown_endpoints(part: Any, key: str = "") -> Any:
    """A policy with a stand-in for each endpoint and VPC that is known only after deployment."""
    if isinstance(part, Mapping):
        return {name: _replace_unknown_endpoints(inner, str(name).lower()) for name, inner in part.items()}
    if isinstance(part, list):
        return [_replace_unknown_endpoints(inner, key) for inner in part]
    return "of-another" if part is UNKNOWN and key in ("aws:sourcevpce", "aws:sourcevpc") else part


def list_named_endpoints(api: Api) -> Iterator[tuple[str, str]]:
    """Endpoints and VPCs that the policies name, as pairs of which one is empty."""
    for policy in api.policies:
        try:
            yield from ((endpoint, "") for endpoint in list_condition_values(policy, "aws:sourcevpce"))
            yield from (("", vpc) for vpc in list_condition_values(policy, "aws:sourcevpc"))
        except (Doubt, MalformedDocument):
            continue


def describe_requirements(api: Api, calls: Sequence[Call]) -> list[str]:
    """Requirements that these calls share, as text: credentials, rate, others."""
    needs, others = list_requirements(api, calls[0])
    return [*needs, *filter(None, [describe_throttles(api, calls)]), *others]


def list_requirements(api: Api, call: Call) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Requirements of the call besides its rate: credentials, and other restrictions."""
    is_unknown = bool(call.requires - call.proven)
    named = {*call.proven, *([Requirement.UNKNOWN] if is_unknown else [])}
    needs = [requirement.value for requirement in Requirement if requirement in named]
    others = _describe_admitted(api, call)
    if api.firewall_word:
        others.append(api.firewall_word)
    if requires_certificate(api):
        others.append("client certificate")
    return tuple(needs), tuple(others)


def _describe_admitted(api: Api, call: Call) -> list[str]:
    """Callers that the policies admit, in words. Empty if they admit everybody."""
    if api.kind is not ApiKind.PRIVATE:
        label = find_audience(api, call).label
        return [label] if label else []
    closed = decide_for_unnamed_endpoint(api, call).refused
    return ["named endpoints only"] if api.policies and closed else []


def list_addresses_without_certificate(api: Api) -> list[Resource]:
    """Its addresses that require no client certificate (mutual TLS): domains, and the API for its default address."""
    default = [] if api.default_endpoint_closed else [api.resource]
    return [*default, *(domain for domain in api.domains if has_truststore(domain) is False)]


def has_truststore(domain: Resource) -> Truth:
    """Whether a domain requires client certificates, which one without a truststore does not. None if not known.

    https://docs.aws.amazon.com/apigateway/latest/api/API_MutualTlsAuthenticationInput.html
    """
    truststore = get_deployed_input(domain, "mutualTlsAuthentication", "truststoreUri")
    return None if truststore is UNKNOWN else bool(as_text(truststore).strip())


def requires_certificate(api: Api) -> bool:
    """Whether each of its addresses requires a client certificate."""
    return bool(api.domains) and not list_addresses_without_certificate(api) and can_tell_certificates(api) is YES


def can_tell_certificates(api: Api) -> Answer:
    """Yes, or a doubt about an address of the API that may require no client certificate."""
    for domain in api.domains:
        if has_truststore(domain) is None:
            return Doubt(f"whether {domain.name} requires client certificates is known only after deployment")
    if api.foreign_mappings:
        link = api.foreign_mappings[0]
        domain_name = as_text(get_deployed_input(link, "domainName")) or "a domain"
        other = f"{domain_name}, which another stack may open to anybody"
        return Doubt(f"{link.name} leads from {other}, to {api.resource.name}")
    return YES


def build_call_arn(api: Api, call: Call) -> str:
    """The ARN by which a policy names the call."""
    stage = next((as_text(get_deployed_input(stage, "stageName")) for stage in api.stages), "") or "stage"
    path = call.path.replace("{", "").replace("+}", "").replace("}", "")
    return f"{api.arn}/{stage}/{call.example_method}{path}"


def decide(policy: Any, arn: str, context: Mapping[str, Any], caller: Caller) -> Decision:
    """Whether a policy of the API or of an endpoint lets a caller invoke it. AWS refuses one without principals."""
    try:
        if not all({"Principal", "NotPrincipal"} & statement.keys() for statement in read_statements(policy)):
            return Decision.UNKNOWN
        return evaluate_policy(
            policy, caller=caller, action=_ACTION, resource=arn, context={**_OF_EVERY_CALL, **context}
        )
    except (Doubt, MalformedDocument):
        return Decision.UNKNOWN


def list_condition_values(policy: Any, key: str) -> Iterator[str]:
    """Every known value that any condition of the policy gives for a key. Raises Doubt or MalformedDocument."""
    return (
        value for statement in read_statements(policy) for name, value in list_condition_texts(statement) if name == key
    )


def list_ip_versions(api: Api) -> tuple[int, ...]:
    """Versions of IP by which callers may come."""
    paths = (("ipAddressType",), ("endpointConfiguration", "ipAddressType"))
    return (4, 6) if any(get_deployed_input(api.resource, *path) == "dualstack" for path in paths) else (4,)

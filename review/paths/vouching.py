"""Paths as a report may print them: a no and a protection's word only if the ledger has nothing against them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..graph import Resource
from ..graph.answers import No
from ..graph.reading import Doubt, find_referring
from ..ledger.ledger import Claim, Ledger, Vouched, Withheld
from ..ledger.ways import Way
from .path import INTERNET, Hop, Kind, Path

_FIREWALL: Final = "WAF"
_PARTS: Final = (
    (("aws:apigateway/deployment:Deployment",), ("restApi",)),
    (("aws:apigatewayv2/authorizer:Authorizer",), ("apiId",)),
    ((*types.HTTP_ROUTE, *types.HTTP_INTEGRATION), ("apiId",)),
    ((*types.REST_METHOD, *types.REST_INTEGRATION), ("restApi",)),
    (types.REST_POLICY, ("restApiId",)),
)
"""Parts of an API, by the input that names it."""


class Vouching:
    """Asks the ledger about each path."""

    def __init__(self, model: AwsModel, ledger: Ledger) -> None:
        self._model, self._ledger = model, ledger
        self._labels: dict[tuple[str, tuple[str, ...], str], str] = {}
        self.withheld: list[Withheld] = []
        """The words and the answers that are not said."""

    def describe_doubt(self, at: frozenset[str]) -> str:
        """What may decide what answers in place of these URNs; empty if nothing does that a reader does not know."""
        return self._ledger.vouch(Claim("what is declared there decides", {Way.REPLACES: at})).reason

    def vouch_path(self, path: Path) -> Path:
        """The path with the words and the answer that can be vouched for."""
        if not self._ledger.entries:
            return path
        hops = tuple(map(self._vouch_hop, path.hops))
        path = self._vouch_no(self._vouch_ranges(path))
        return replace(path, hops=hops) if hops != path.hops else path

    def _vouch(self, claim: Claim) -> Vouched | Withheld:
        vouched = self._ledger.vouch(claim)
        if isinstance(vouched, Withheld):
            self.withheld.append(vouched)
        return vouched

    def _vouch_ranges(self, path: Path) -> Path:
        """The path from anywhere, if something may replace the web ACL that admits only some addresses."""
        if not path.admitted_ranges:
            return path
        claim = Claim(f"only {path.source} passes the web ACL", {Way.REPLACES: self._list_acls_on(path)})
        return path if isinstance(self._vouch(claim), Vouched) else replace(path, source=INTERNET, admitted_ranges=())

    def _list_acls_on(self, path: Path) -> frozenset[str]:
        """URNs of what decides which calls the web ACLs on a path block."""
        guarded = (hop.resource for hop in path.hops if hop.resource is not None and hop.name)
        return frozenset[str]().union(*map(self.list_acls, guarded))

    def _vouch_no(self, path: Path) -> Path:
        if not isinstance(path.answer, No):
            return path
        at = {fact.resource.urn: fact.resource.type for fact in path.because}
        ways = {Way.ADMITS: frozenset(at)}
        if path.kind is Kind.INBOUND:
            ways[Way.REPLACES] = frozenset(urn for urn, kind in at.items() if kind not in types.FUNCTION)
            if any(kind in types.WEB_ACL for kind in at.values()):
                ways[Way.REPLACES] |= self._list_acls_on(path)
        if path.kind is Kind.PEOPLE:
            ways[Way.GRANTS] = frozenset(at)
        vouched = self._vouch(Claim(path.answer.reason, ways))
        if isinstance(vouched, Vouched):
            return path
        return replace(path, answer=Doubt(f"whether {path.answer.reason}: {vouched.reason}"), blocked_at=None)

    def _vouch_hop(self, hop: Hop) -> Hop:
        if not hop.proofs or hop.resource is None:
            return hop
        key = hop.resource.urn, hop.proofs, hop.label
        if key not in self._labels:
            self._labels[key] = ", ".join(self._vouch_words(hop, hop.resource))
        return replace(hop, label=self._labels[key])

    def _vouch_words(self, hop: Hop, resource: Resource) -> Iterator[str]:
        """The words of a label, with those that are not vouched for at the end."""
        parts, acls = self.list_parts(resource), self.list_acls(resource)
        others = hop.label.removesuffix(", ".join(hop.proofs)).removesuffix(", ")
        words = {
            False: [word for word in hop.proofs if not word.startswith(_FIREWALL)],
            True: [word for word in hop.proofs if word.startswith(_FIREWALL)],
        }
        yield from [others] if others else []
        for is_firewall, named in words.items():
            if named:
                at = acls if is_firewall else parts
                yield str(self._vouch(Claim(", ".join(named), {Way.REPLACES: at})))

    def list_parts(self, resource: Resource) -> frozenset[str]:
        """URNs of what decides what a call meets at an API or a balancer."""
        parts = [resource]
        if resource.type in types.APIS:
            api = self._model.apis.find(resource)
            parts += [*api.stages, *api.throttles, *api.domains]
            for kinds, path in _PARTS:
                parts += find_referring(self._model.graph, resource, kinds, *path)
        elif resource.type in types.LOAD_BALANCER:
            parts += self._model.balancers.list_listeners(resource)
        return frozenset(part.urn for part in parts)

    def list_acls(self, resource: Resource) -> frozenset[str]:
        """URNs of what decides which calls of an API or a balancer a web ACL blocks."""
        if resource.type not in types.APIS:
            holders = find_referring(self._model.graph, resource, types.ACL_ASSOCIATION, "resourceArn")
        else:
            holders = [one.association for one in self._model.apis.find(resource).firewalls if one.association]
        acls = {acl.urn for acl in self._model.graph.list_by_type(*types.WEB_ACL, "aws:wafv2/ipSet:IpSet")}
        return frozenset({*acls, *(holder.urn for holder in holders), resource.urn})

"""Ways to a private API: through the endpoints that its policy admits, and from nowhere else.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..aws.catalog import types
from ..aws.gateway import access, effective_access
from ..aws.gateway.api import Api, Call
from ..aws.identity.iam import Decision
from ..aws.model.model import AwsModel
from ..aws.network.endpoints import ApiEndpoint
from ..aws.network.nodes import Node
from ..graph import Graph, Resource
from ..graph.addresses import covers, parse_network
from ..graph.answers import YES, Answer, Answered, make_doubt, refuse
from ..graph.evidence import get_deployed_input, make_input_evidence
from ..graph.graph import get_dns_suffix, group_pairs
from ..graph.prose import join_names
from ..graph.reading import as_list, as_text, find_referenced, find_referring, get_output
from .api_paths import ApiPaths
from .connections import Connections
from .exposure import INTERNET, Exposure
from .onward import Onward
from .path import Hop, PartialPath, Path

_HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class _Gate(Answered):
    """An endpoint, and calls that it treats alike."""

    endpoint: Resource
    calls: tuple[Call, ...]


class PrivateApis:
    """Walks from every endpoint to the private APIs of a model."""

    def __init__(self, model: AwsModel, connections: Connections, onward: Onward, exposure: Exposure) -> None:
        self._model, self._connections, self._onward = model, connections, onward
        self._apis = ApiPaths(model, onward)
        self._exposure = exposure

    def list_paths(self, api: Api) -> Iterator[Path]:
        """Closed from the internet; through endpoints of the stack, those of others, and any at all if it is open."""
        name = self._model.names.find(api.resource)
        reason = f"{name} is private: it has no address outside its endpoints"
        private = refuse(reason, [make_input_evidence(api.resource, "endpointConfiguration", "types")])
        yield from self._apis.trace_into(PartialPath(source=INTERNET).add_answer(private, api.resource), api)
        gates = [gate for endpoint in self._model.api_endpoints for gate in self._list_gates(api, endpoint)]
        used = {gate.endpoint.urn for gate in gates if gate.open}
        for gate in gates:
            if gate.endpoint.urn in used or not used:
                endpoint = gate.endpoint
                kinds, names = list_names(self._model.graph, api, endpoint, as_text(get_output(endpoint, "id")))
                hop = Hop(endpoint, kinds, f"{endpoint.name}, by {names}", self._model.names.find(endpoint))
                for partial in self._trace_callers(endpoint):
                    yield from self._apis.trace_into(partial.add_hop(hop, gate.answer), api, gate.calls)
        yield from self._trace_foreign(api)
        for decision, source, question in (
            (Decision.ALLOW, "any VPC endpoint of any account", ""),
            (Decision.UNKNOWN, "VPC endpoints outside this stack", f"whom the resource policy of {name} admits"),
        ):
            if alike := [call for call in api.calls if access.decide_for_unnamed_endpoint(api, call) is decision]:
                yield from self._apis.trace_into(PartialPath(source=source).add_doubts(question), api, alike)

    def _list_gates(self, api: Api, endpoint: ApiEndpoint) -> Iterator[_Gate]:
        by_decision: dict[tuple[Decision, Decision], list[Call]] = {}
        for call in api.calls:
            passed = effective_access.decide_at_endpoint(api, call, endpoint)
            admitted = access.decide_for_endpoint(api, call, endpoint.id, endpoint.vpc)
            by_decision.setdefault((passed, admitted), []).append(call)
        name, api_name = self._model.names.find(endpoint.resource), self._model.names.find(api.resource)
        for (passed, admitted), alike in by_decision.items():
            calls = tuple(alike)
            these = api_name if len(by_decision) == 1 else f"{join_names(call.name for call in calls)} of {api_name}"
            answer: Answer = YES
            named = [item for call in calls for item in call.named]
            if passed.refused:
                answer = refuse(
                    f"the policy of {name} lets no call of {these} pass", [endpoint.policy_evidence, *named]
                )
            elif admitted.refused:
                because = (*api.policy_evidence, *named)
                answer = refuse(f"the resource policy of {api_name} admits no call from {name}", because)
            elif passed is Decision.UNKNOWN:
                answer = make_doubt(f"whether the policy of {name} lets calls of {these} pass")
            elif admitted is Decision.UNKNOWN:
                answer = make_doubt(f"whether the resource policy admits {name}")
            yield _Gate(endpoint=endpoint.resource, calls=calls, answer=answer)

    def _trace_foreign(self, api: Api) -> Iterator[Path]:
        """Endpoints and VPCs that the policy names and the stack does not hold."""
        vpcs = self._model.graph.list_by_type(*types.VPC)
        ours = {endpoint.id for endpoint in self._model.api_endpoints} | {
            as_text(get_output(vpc, "id")) for vpc in vpcs
        }
        for endpoint_id, vpc_id in dict.fromkeys(access.list_named_endpoints(api)):
            if (endpoint_id or vpc_id) in ours:
                continue
            calls = group_pairs(
                (access.decide_for_endpoint(api, call, endpoint_id, vpc_id), call) for call in api.calls
            )
            for decision in sorted((call for call in calls if not call.refused), key=lambda decision: decision.value):
                uncertainty = "" if decision is Decision.ALLOW else "whether the resource policy admits it"
                source = f"{endpoint_id or f'endpoints in {vpc_id}'} (outside this stack)"
                partial = PartialPath(source=source).add_doubts(uncertainty)
                kinds, names = list_names(self._model.graph, api, None, endpoint_id)
                partial = partial.add_hop(Hop(None, kinds, names)) if kinds else partial
                yield from self._apis.trace_into(partial, api, calls[decision])

    def _trace_callers(self, endpoint: Resource) -> Iterator[PartialPath]:
        """Who can open a connection to an endpoint's port 443."""
        node = self._model.nodes.find(endpoint)
        inside = [entry for entry in self._exposure.from_inside(node) if entry.carries("tcp", _HTTPS)]
        inside = [entry for entry in inside if entry.permit is not None] or inside
        members = self._exposure.from_members(node, set())
        for entry in (*inside, *(member for member in members if member.carries("tcp", _HTTPS))):
            yield entry.restrict_to_listener("tcp", _HTTPS)
        for caller in self._list_callers(endpoint):
            edge = self._connections.connect(caller, node, _HTTPS)
            if edge.open:
                yield PartialPath(source=self._model.names.find(caller.resource), origin=caller.resource).cross(edge)

    def check_front(self, endpoint: Resource, address: str = "") -> tuple[Answer, str]:
        """Whether a caller with this address can open a connection to an endpoint's port 443, and its address.

        Without an address: whether any caller can, and the address of one if it is known.
        """
        name, node = self._model.names.find(endpoint), self._model.nodes.find(endpoint)
        uncertainties: list[str] = []
        members = self._exposure.from_members(node, set())
        for entry in (*self._exposure.from_inside(node), *members) if node.subnets else ():
            partial, ranges = entry.partial, entry.client.ranges if entry.client is not None else ()
            if not entry.carries("tcp", _HTTPS):
                continue
            if not ranges and partial.open:
                uncertainties.append(f"whether {address or 'a caller'} is among {partial.source}, whom {name} admits")
            elif address and not any(covers(cidr, address) for cidr in ranges):
                continue
            elif partial.open:
                return partial.answer, address or next((_pick_member(cidr) for cidr in ranges if ":" not in cidr), "")
        admitted = self._list_admitted(node, address)
        # Packets of the answer find back from one of its subnets.
        routed = any(self._model.network.leads_to(subnet, address) is not False for subnet in node.subnets)
        if address and not uncertainties and admitted and routed:
            return YES, address
        if (
            uncertainties
            or node.may_be_in_unread_subnet
            or not all(self._model.groups.can_tell(key, inward=True) for key in node.groups)
        ):
            return make_doubt(
                *(uncertainties or [f"whether {name} can be reached from {address or 'a caller'}"])
            ), address
        reason = f"the security groups of {name} admit {f'no tcp {_HTTPS} from {address}' if address else 'nobody'}"
        rules = self._model.groups.list_evidence(*node.groups, inward=True)
        because = [*node.group_evidence, *node.subnet_evidence, *rules]
        if not node.subnets:
            reason = f"{name} has no subnets, so it has no address"
        elif admitted:
            reason = f"no route leads from the subnets of {name} to {join_names(admitted)}"
            for subnet in node.subnets:
                because += self._model.network.list_evidence_without_default_route(subnet)
        return refuse(f"{reason}: on AWS nobody answers, and the caller gets no connection", because), address

    def _list_admitted(self, node: Node, address: str) -> list[str]:
        """The ranges with this address, or all without one, that rules admit to port 443."""
        permits = [permit for permit in self._model.groups.list_ingress(*node.groups) if permit.carries("tcp", _HTTPS)]
        ranges = [permit.cidr for permit in permits if permit.cidr]
        return [cidr for cidr in ranges if not address or covers(cidr, address)]

    def _list_callers(self, endpoint: Resource) -> Iterator[Node]:
        """Machines of the endpoint's VPC that are neither a backend nor a gateway."""
        vpc = self._model.network.find_vpc(endpoint)
        targets = self._model.targets.all | {called for _, called in self._onward.called}
        for node in self._model.nodes.list_in_vpc(vpc) if vpc is not None else ():
            if node.resource.type in types.MACHINES and not node.forwards and node.resource.urn not in targets:
                yield node


def _pick_member(cidr: str) -> str:
    """An address of a range that AWS gives to machines: it keeps the first four."""
    parsed = parse_network(cidr)
    return str(parsed[min(10, parsed.num_addresses - 1)]) if parsed is not None else ""


def list_names(graph: Graph, api: Api, endpoint: Resource | None, endpoint_id: str) -> tuple[str, str]:
    """Kinds of the names by which an API is called through an endpoint, of the stack or (`None`) of others; the names.

    What is in braces is known after the deployment. Without private DNS, association and domain there is the endpoint's
    own name, and the header chooses the API. Of an endpoint of others only the association is known.
    """
    suffix = f"execute-api.{graph.region}.{get_dns_suffix(graph.partition)}"
    shown = endpoint_id if endpoint is None else "{endpointId}"
    domains = list(_list_domains(graph, api, endpoint_id))
    if endpoint is not None and get_deployed_input(endpoint, "privateDnsEnabled") is True:
        domains.append(("private DNS", f"{{apiId}}.{suffix}"))
    if endpoint_id and endpoint_id in map(
        as_text, as_list(get_deployed_input(api.resource, "endpointConfiguration", "vpcEndpointIds"))
    ):
        domains.append(("Route 53 alias", f"{{apiId}}-{shown}.{suffix}"))
    if not domains and endpoint is not None:
        domains.append(("header x-apigw-api-id", "the endpoint's own DNS name"))
    return ", ".join(kind for kind, _ in domains), " and ".join(name for _, name in domains)


def _list_domains(graph: Graph, api: Api, endpoint_id: str) -> Iterator[tuple[str, str]]:
    """Private custom domains that are mapped to the API and that the endpoint has access to."""
    links = find_referring(graph, api.resource, types.BASE_PATH_MAPPING, "restApi")
    named_by = ((link, key) for link in links for key in ("domainName", "domainNameId"))
    domains = {
        domain.urn for link, key in named_by for domain in find_referenced(graph, link, key, types=types.REST_DOMAIN)
    }
    for link in graph.list_by_type("aws:apigateway/domainNameAccessAssociation:DomainNameAccessAssociation"):
        for domain in find_referenced(graph, link, "domainNameArn", types=types.REST_DOMAIN):
            if domain.urn in domains and as_text(get_deployed_input(link, "accessAssociationSource")) == endpoint_id:
                yield "domain", as_text(get_deployed_input(domain, "domainName")) or "…"

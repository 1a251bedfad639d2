"""The path of a call through an API: its routes by requirements, and the link into the VPC."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..aws.catalog import types
from ..aws.gateway import access, signatures
from ..aws.gateway.api import Api, ApiKind, Call, Integration, Requirement
from ..aws.gateway.apis import MAPPINGS, STAGES
from ..aws.gateway.usage_plans import can_have_key
from ..aws.gateway.web_acls import list_admitted_ranges
from ..aws.model.model import AwsModel
from ..aws.network.adopted_listeners import find_adopted_listener
from ..aws.network.dns import Address
from ..aws.network.load_balancer_kind import Kind, read_kind
from ..aws.network.nodes import Node
from ..graph import UNKNOWN, Resource
from ..graph.answers import YES, Answer, No, combine_answers, refuse
from ..graph.evidence import get_deployed_input, list_unreferenced_evidence, make_input_evidence
from ..graph.prose import join_names
from ..graph.reading import as_text, find_referenced
from . import admission
from .anyone import find_open_calls, group_by_path
from .onward import Onward
from .path import Hop, PartialPath, Path

SIGNED_IN: Final = {Requirement.IAM, Requirement.JWT, Requirement.COGNITO}
"""Requirements by which API Gateway itself checks a signature or a token."""
_STAGE_VARIABLE: Final = "${stageVariables."
_PRIVATE_LINK_RANGES: Final = ("0.0.0.0/0", "10.0.0.0/8")


class ApiPaths:
    """Follows calls of APIs to the targets of their integrations, and onward."""

    def __init__(self, model: AwsModel, onward: Onward) -> None:
        self._model, self._onward = model, onward

    def trace_into(self, partial: PartialPath, api: Api, calls: Sequence[Call] | None = None) -> Iterator[Path]:
        """One path for each target of the API's routes, and for each kind of authorization.

        `calls` are those that come this far, all unless given.
        """
        groups: dict[tuple[Any, ...], list[Call]] = {}
        for call in api.calls if calls is None else calls:
            if call.integration.kind != "MOCK" or call.integration.function is not None:
                known, integration = access.can_tell_callers(api, call), call.integration
                invokes = integration.function and self._model.permissions.find_for_call(
                    integration.function, api, call
                )
                target = (integration.key, call.is_known, integration.has_credentials or invokes is not None)
                key = (target, access.list_requirements(api, call), self._check_closed(api, call), known)
                groups.setdefault(key, []).append(call)
        several = len(groups) > 1 or (calls is not None and len(calls) < len(api.calls))
        for (_, _, closed, known), alike in groups.items():
            # `GET HEAD /forward`, `GET /a and POST /b`, `5 routes`.
            names, policy = group_by_path(alike), "resource policy and " if api.policies else ""
            routes = [" and ".join(names) if len(names) <= 2 else f"{len(alike)} routes"] if several else []
            rule = f"{policy}{join_names(group_by_path(alike, below=' (and below)'))} of {api.resource.name}"
            proofs = access.describe_requirements(api, alike)
            label = ", ".join([*routes, *self._list_admitted(api, alike, proofs)])
            hop = Hop(api.resource, label, rule, self._model.names.find(api.resource), tuple(proofs))
            named = list_admitted_ranges(self._model.graph, api.web_acl) if api.web_acl and len(api.stages) == 1 else ()
            further = admission.restrict_sources(partial, api.web_acl or api.resource, named).add_hop(hop, closed)
            further = further.add_answer(combine_answers(known, api.firewall_answer))
            yield from self._trace_integration(further, api, alike[0])

    def _list_admitted(self, api: Api, calls: Sequence[Call], proofs: Sequence[str]) -> list[str]:
        """What these calls require, with `anyone` in front if they require nothing of their caller."""
        is_open = any(call in find_open_calls(self._model.graph, api).known for call in calls)
        is_signed = signatures.check_on(self._model.graph, calls[0]).checks
        return [*(["anyone"] if is_open or not (proofs or is_signed) else []), *proofs]

    def trace_behind(self, api: Api, call: Call) -> Iterator[Path]:
        """The paths of one call from the API onwards."""
        yield from self._trace_integration(PartialPath(source=self._model.names.find(api.resource)), api, call)

    def _check_closed(self, api: Api, call: Call) -> Answer:
        name = self._model.names.find(api.resource)
        if not api.stages:
            because = tuple(list_unreferenced_evidence(self._model.graph, api.resource, STAGES))
            return YES if api.resource.existing else refuse(f"no stage of {name} is deployed", because)
        if api.default_endpoint_closed and not (api.domains or api.foreign_mappings):
            off = make_input_evidence(api.resource, "disableExecuteApiEndpoint")
            because = (off, *list_unreferenced_evidence(self._model.graph, api.resource, MAPPINGS))
            return refuse(f"{name} has its default address off and no domain", because)
        if (
            api.web_acl is not None
            and len(api.stages) == 1
            and isinstance(blocked := admission.check_web_acl(api.web_acl), No)
        ):
            return blocked
        # Addresses decide nothing about a private API.
        if api.kind is not ApiKind.PRIVATE and access.find_audience(api, call).nobody:
            return refuse(f"the resource policy of {name} admits nobody", (*api.policy_evidence, *call.named))
        return can_have_key(self._model.graph, api, name) if Requirement.KEY in call.requires else YES

    def _trace_integration(self, partial: PartialPath, api: Api, call: Call) -> Iterator[Path]:
        integration = call.integration
        if _STAGE_VARIABLE in f"{integration.uri} {integration.declaration.get('connectionId')}":
            partial = partial.add_doubts(f"which target {call.name} has, since stage variables are not read")
        if integration.function is not None:
            permission = self._model.permissions.find_for_call(integration.function, api, call)
            rule = "the API's own role" if integration.has_credentials else permission.name if permission else ""
            if not rule:
                name, may = self._model.names.find(integration.function), self._model.permissions.find_for_call
                is_allowed = any(may(integration.function, api, other) is not None for other in api.calls)
                name += f" for {call.name}" if is_allowed else ""
                reason = f"no permission lets {self._model.names.find(api.resource)} invoke {name}"
                because = (*self._model.permissions.list_evidence(integration.function, api), *call.named)
                uncertainty = f"whether a permission lets {self._model.names.find(api.resource)} invoke {name}"
                partial = partial.add_answer(refuse(reason, because, uncertainty), integration.function)
            signed_in, check = bool(call.proven & SIGNED_IN), signatures.check_on(self._model.graph, call)
            yield from self._onward.trace_function(
                partial, integration.function, rule, signed_in=signed_in, check=check
            )
        elif integration.linked:
            yield from self._trace_link(partial, integration)
        elif (address := Address.parse(as_text(integration.uri))) is not None:
            yield from self._onward.trace_address(partial, None, address)
        elif integration.uri is UNKNOWN or as_text(integration.uri):
            yield partial.end(_describe_outside(integration.uri))
        else:
            # An integration without a URI: an AWS service that an HTTP API calls by name, or one of another stack.
            yield partial.end(
                as_text(get_deployed_input(integration.resource, "integrationSubtype")) or "an unknown integration"
            )

    def _trace_link(self, partial: PartialPath, integration: Integration) -> Iterator[Path]:
        link = integration.link
        if link is None:
            hop = Hop(None, "VPC link", "", "a VPC link outside this stack")
            yield from self._trace_unknown_link(partial.add_hop(hop), integration)
            return
        partial = partial.add_hop(Hop(link, "", integration.resource.name, self._model.names.find(link)))
        address = Address.parse(as_text(integration.uri))
        port = address.port if address else None
        if link.type in types.REST_LINK:
            yield from self._trace_private_link(partial, link, port)
            return
        target, node = integration.balancer, self._model.nodes.find(link)
        if target is None and address is not None:
            yield from self._onward.trace_address(partial, node, address)
        elif target is None:
            doubts = filter(None, [self._describe_admission(node, as_text(integration.uri))])
            yield partial.add_doubts(*doubts).end(_describe_outside(integration.uri))
        elif target.type in types.LISTENER:
            balancer = self._model.balancers.find_balancer(target)
            if balancer is not None:
                port = self._model.balancers.find_port(target)
                yield from self._onward.trace_balancer(partial, node, balancer, port, target)
        else:
            yield from self._onward.trace_resource(partial, node, target, port)

    def _trace_unknown_link(self, partial: PartialPath, integration: Integration) -> Iterator[Path]:
        """Version 1 of links has a load balancer of its own. With version 2 the integration names the target."""
        if integration.resource.type not in types.HTTP_INTEGRATION or not as_text(integration.uri):
            yield partial.end("what the link leads to")
            return
        partial = partial.add_doubts(
            "whether what it calls admits the link, whose security groups are not in this stack"
        )
        listener, balancers = integration.balancer, self._model.balancers
        if (
            listener is None
            or listener.type not in types.LISTENER
            or (balancer := balancers.find_balancer(listener)) is None
        ):
            yield partial.end(as_text(integration.uri))
        else:
            yield from self._onward.trace_balancer(partial, None, balancer, balancers.find_port(listener), listener)

    def _trace_private_link(self, partial: PartialPath, link: Resource, port: int | None) -> Iterator[Path]:
        """The first version of links: an endpoint service on the balancer, whose groups apply only where enforced."""
        balancers = find_referenced(self._model.graph, link, "targetArn", types=types.LOAD_BALANCER)
        if not balancers:
            yield partial.end(_describe_outside(get_deployed_input(link, "targetArn")))
        for balancer in balancers:
            crossed = partial.add_hop(Hop(None, f"tcp {port}" if port else "PrivateLink", "PrivateLink"))
            crossed = crossed.add_answer(self._check_enforced(balancer, port), balancer)
            yield from self._onward.trace_balancer(crossed, None, balancer, port)

    def _check_enforced(self, balancer: Resource, port: int | None) -> Answer:
        """Whether the balancer's own groups admit connections over PrivateLink."""
        name = self._model.names.find(balancer)
        if read_kind(balancer) is Kind.APPLICATION:
            kind = make_input_evidence(balancer, "loadBalancerType")
            return refuse(f"a VPC link of the first version takes only NLBs, and {name} is none", [kind])
        node = self._model.nodes.find(balancer)
        enforced = "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
        if not node.groups or get_deployed_input(balancer, enforced) == "off":
            return YES
        permits = [permit for permit in self._model.groups.list_ingress(*node.groups) if permit.carries("tcp", port)]
        if any(permit.cidr in _PRIVATE_LINK_RANGES for permit in permits):
            return YES
        because = (
            make_input_evidence(balancer, enforced),
            *self._model.nodes.list_rule_evidence(node, inward=True),
        )
        return refuse(f"the security groups of {name} apply to PrivateLink and admit no such caller", because)

    def _describe_admission(self, link: Node, listener_arn: str) -> str:
        """The condition that a listener of another stack must meet; empty if it is known that it does."""
        groups = self._model.groups
        called = [permit.group for permit in groups.list_egress(*link.groups) if permit.group]
        if listener := find_adopted_listener(self._model.graph, listener_arn):
            port, own_ids = listener.port, listener.group_ids
            if any(groups.keys.name(group) in own_ids and self._admits_group(group, link, port) for group in called):
                return ""
        if admitting := [groups.keys.name(group) for group in called if self._admits_group(group, link)]:
            return f"whether the load balancer is in {join_names(admitting)}"
        own = join_names([groups.keys.name(group) for group in link.groups])
        return f"the security group of the load balancer is not in this stack; it must admit {own}"

    def _admits_group(self, group: str, link: Node, port: int | None = None) -> bool:
        rules = [rule for rule in self._model.groups.list_ingress(group) if rule.group in link.groups]
        return any(port is None or rule.carries("tcp", port) for rule in rules)


def _describe_outside(uri: Any) -> str:
    return as_text(uri) or "what is known only after deployment"

"""Network faults, planted one at a time: each is refused at its hop, or told as a doubt; none is served in silence."""

import asyncio
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from review.aws.catalog import types
from review.aws.model.model import AwsModel
from review.aws.network.dns import Address
from review.aws.network.load_balancer_kind import Kind, read_kind
from review.graph import Graph, Resource
from review.graph.answers import No
from review.graph.reading import Doubt, as_mapping, as_text, find_referenced, get_declared_input
from review.local_gateway.apis import list_served_apis
from review.local_gateway.errors import GatewayError, find_status
from review.local_gateway.integrations import Integrations
from review.local_gateway.network import Network, Verdict
from review.local_gateway.request import Trace
from review.paths import Reachability, trace_paths
from review.paths.exposure import Exposure
from review.paths.onward import Onward
from review.paths.private import PrivateApis
from review.tests.helpers.stacks import graph_of
from review.tests.local_gateway.programs import changed, neighbours, shop, without
from review.tests.local_gateway.test_network import private

EXAMPLES = (
    "http-alb-ec2", "http-cloudmap-fargate", "rest-alb-fargate", "rest-nlb-fargate", "private-ec2", "fortress",
    "public-to-private", "existing-vpc",
)  # fmt: skip
BASES: dict[str, Callable[[], Graph]] = {
    "dev": lambda: graph_of("dev"),
    **{name: functools.partial(graph_of, f"examples/{name}.yaml") for name in EXAMPLES},
    "shop": lambda: shop().graph(),
    "neighbours": lambda: neighbours().graph(),
    "private": private,
}
"""Our topologies, and three programs that are not ours."""

_GONE: Any = None
_RULE: tuple[Any, ...] = (
    _GONE, {"fromPort": 1, "toPort": 1}, {"ipProtocol": "udp"}, {"referencedSecurityGroupId": None,
    "cidrIpv4": "203.0.113.0/24"}, {"referencedSecurityGroupId": "sg-0elsewhere", "cidrIpv4": None},
    {"securityGroupId": "sg-0elsewhere"},
)  # fmt: skip
FAULTS: dict[tuple[str, ...], tuple[str, tuple[Any, ...]]] = {
    types.INGRESS_RULE: ("", _RULE),
    types.EGRESS_RULE: ("", _RULE),
    types.PERMISSION: ("no permission lets", (
        _GONE, {"action": "lambda:GetFunction"}, {"principal": "sns.amazonaws.com"}, {"qualifier": "other"},
        {"sourceAccount": "999999999999"}, {"sourceArn": "arn:aws:execute-api:eu-west-1:123456789012:other/*/*"},
    )),
    types.TARGET_ATTACHMENT: ("has no targets", (_GONE,)),
    types.LISTENER: ("listener", (_GONE,)),
    types.ROUTE: ("routes|route", (_GONE, {"destinationCidrBlock": "10.99.0.0/16"})),
    types.SERVICE: ("has no targets|runs nothing|is registered with",
                    ({"desiredCount": 0}, {"loadBalancers": [], "serviceRegistries": None})),
    types.SCALING_GROUP: ("has no targets|runs nothing",
                          ({"minSize": 0, "desiredCapacity": 0}, {"targetGroupArns": []})),
    types.HTTP_LINK: ("admits no tcp|lets no tcp", ({"securityGroupIds": ["sg-0elsewhere"]},)),
    types.ENDPOINT: ("endpoint", ({"subnetIds": []}, {"securityGroupIds": ["sg-0elsewhere"]})),
}  # fmt: skip
"""By type, a pattern for the sentence about a fault, and inputs that are changed; None if a resource is missing."""


@dataclass(frozen=True)
class Judged:
    """The first obstacle of a call, and what cannot be told about it."""

    blocked_by: str = ""
    uncertainty: str = ""
    status: int = field(default=0, compare=False)
    """The gateway's status, or its load balancer's; 0 where the function's own code answers."""


def judge(graph: Graph) -> Judged:
    """How the first route of the first API ends, without a process or a socket."""
    model = AwsModel(graph)
    reach = trace_paths(model)
    (api, *_) = list_served_apis(model)
    network, uncertainties = Network(reach), []
    if api.is_private and (front := _front(reach)) is not None:
        if front.blocked_by:
            return front
        uncertainties.append(front.uncertainty)
    calls = sorted(api.routes, key=lambda route: not route.integration.linked)
    call = next((call for call in calls if call.integration.kind != "MOCK"), None)
    if call is None:
        return Judged("there is no route")
    if obstacle := network.to_function(api.api, call):
        return Judged(obstacle, status=find_status(GatewayError("API_CONFIGURATION_ERROR"), rest=api.is_rest))
    for verdict in _verdicts(network, api.api, call):
        if verdict.blocked_by:
            return Judged(verdict.blocked_by, status=0 if call.integration.function else _status(network, verdict, api))
        uncertainties.append(verdict.uncertainty)
    return Judged("", "; ".join(filter(None, uncertainties)))


def _status(network: Network, verdict: Verdict, api: Any) -> int:
    """The status that a caller gets whose call the network stops."""
    nothing: Any = None
    integrations = Integrations(network, nothing, {}, {}, {}, nothing)
    call: Any = SimpleNamespace(route=SimpleNamespace(seconds=29))
    try:
        answer = asyncio.run(integrations._answer_blocked(verdict, call, Trace(api.name, "GET", "/")))
    except GatewayError as error:
        return find_status(error, rest=api.is_rest)
    return answer.status if answer is not None else 200


def _verdicts(network: Network, api: Any, call: Any) -> Iterator[Verdict]:
    function = call.integration.function
    if function is None:
        yield network.trace_link(api, call)
        return
    for value in as_mapping(get_declared_input(function, "environment", "variables")).values():
        if (address := Address.parse(as_text(value))) is not None:
            yield network.from_function(function, address)


def _front(reach: Reachability) -> Judged | None:
    model = reach.model
    onward, exposure = Onward(model, reach.connections), Exposure(model, reach.connections)
    fronts = PrivateApis(model, reach.connections, onward, exposure)
    for endpoint in model.api_endpoints:
        answer, _ = fronts.check_front(endpoint.resource)
        reason = answer.reason if isinstance(answer, No) else ""
        return Judged(reason, str(answer) if isinstance(answer, Doubt) else "", 403)
    return None


def on_the_way(graph: Graph) -> set[str]:
    """URNs of the rules and resources that the open paths of requests pass."""
    paths = [path for path in trace_paths(AwsModel(graph)).inbound if path.open]
    urns = {hop.resource.urn for path in paths for hop in path.hops if hop.resource is not None}
    return urns | {path.backend.urn for path in paths if path.backend is not None}


def list_faulty_graphs(graph: Graph) -> Iterator[tuple[Resource, Any, Graph]]:
    """Each fault that lies on the way of a stack's requests."""
    way, near = on_the_way(graph), (*types.PERMISSION, *types.TARGET_ATTACHMENT, *types.LISTENER)
    for kinds, (_, faults) in FAULTS.items():
        for resource in graph.list_by_type(*kinds):
            # What another route, or no route, needs.
            other = any(word in resource.name for word in ("standby", "invokes-greeter"))
            if other or (resource.urn not in way and resource.type not in near):
                continue
            ignored = {key.partition("[")[0] for key in resource.options.ignore_changes}
            for fault in faults:
                if not set(fault or ()) & ignored:
                    gone = fault is _GONE
                    name = resource.name
                    yield resource, fault, without(graph, name) if gone else changed(graph, name, **fault)


def hop_of(graph: Graph, resource: Resource) -> str:
    """The hop at which a fault stops a call, as a pattern for the sentence that names it."""
    if resource.type in (*types.INGRESS_RULE, *types.EGRESS_RULE):
        (group,) = find_referenced(graph, resource, "securityGroupId")
        return f"{re.escape(group.name)}|endpoint"
    return next(words for kinds, (words, _) in FAULTS.items() if resource.type in kinds)


def statuses(graph: Graph, resource: Resource) -> set[int]:
    """What AWS answers to a call that a fault stops. 0: the function's own code answers."""
    (api, *_) = list_served_apis(AwsModel(graph))
    if resource.type in types.PERMISSION:
        return {500}
    timed_out = 504 if api.is_rest else 503
    behind = any(read_kind(each) is Kind.APPLICATION for each in graph.list_by_type(*types.LOAD_BALANCER))
    linked = any(route.integration.linked for route in api.routes)
    front = {403} if api.is_private else set()
    # A load balancer answers 504 for a target that it cannot reach, and 503 if it has none.
    return front | ({timed_out} | ({503, 504} if behind else set()) if linked else {0})


def review_agrees(graph: Graph, found: Judged) -> bool:
    """Whether the review has no path that is open for certain where `try` serves none."""
    paths = [path for path in trace_paths(AwsModel(graph)).inbound
             if any(hop.resource is not None and hop.resource.type in types.APIS for hop in path.hops)]  # fmt: skip
    # The standby listener and other routes have paths of their own.
    closed = not paths or any(not path.open or path.uncertainty for path in paths)
    return not found.blocked_by or closed or "runs nothing" in found.blocked_by


@pytest.mark.parametrize("name", BASES)
def test_each_network_fault_gets_the_right_status_at_the_right_hop(name: str) -> None:
    graph, wrong = BASES[name](), []
    assert judge(graph) == Judged()
    for resource, fault, faulty in list_faulty_graphs(graph):
        found = judge(faulty)
        named = re.search(hop_of(graph, resource), found.blocked_by) and found.status in statuses(graph, resource)
        if not (named or (found.uncertainty and not found.blocked_by)) or not review_agrees(faulty, found):
            wrong.append((resource.name, fault, found))
    assert wrong == []

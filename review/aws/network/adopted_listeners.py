"""Listeners that exist already, as far as the project's answers have their lookups."""

from dataclasses import dataclass

from ...graph import Graph
from ...graph.reading import as_integer, as_list, as_text
from ..catalog.catalog import make_token

_LISTENER, _BALANCER = make_token("lb.getListener"), make_token("lb.getLoadBalancer")


@dataclass(frozen=True)
class AdoptedListener:
    """A listener and its load balancer."""

    port: int | None
    group_ids: frozenset[str]
    """Security groups of the load balancer."""


def find_adopted_listener(graph: Graph, listener_arn: str) -> AdoptedListener | None:
    """The listener with this ARN; None if the answers do not have it, or not all of it."""
    answered = [invoke for invoke in graph.invokes if invoke.answered]
    for listener in answered:
        if listener.token != _LISTENER or listener.result.get("arn") != listener_arn:
            continue
        for balancer in answered:
            same = balancer.result.get("arn") == listener.result.get("loadBalancerArn")
            known = {"loadBalancerArn", "port"} <= listener.answered and "securityGroups" in balancer.answered
            if balancer.token == _BALANCER and same and known:
                groups = map(as_text, as_list(balancer.result.get("securityGroups")))
                return AdoptedListener(as_integer(listener.result.get("port")), frozenset(groups))
    return None

"""Load balancers: listeners, and the target groups that they forward to.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
"""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import Truth, any_of
from ...graph.evidence import (
    Evidence,
    InputList,
    get_deployed_input,
    list_references,
    list_unreferenced_evidence,
    list_with_foreign_owner,
    make_input_evidence,
    read_flag,
)
from ...graph.graph import collect_revealed_texts, group_pairs
from ...graph.reading import as_integer, as_list, as_text, find_first_referenced, find_referring, get_output, get_value
from ..catalog import types
from .targets import REGISTRATIONS, Target, Targets

_FORWARDED: Final = (("targetGroupArn",), ("forward", "targetGroups", "arn"))


def list_default_actions(listener: Resource) -> list[Any]:
    """The default actions of a listener."""
    return as_list(get_deployed_input(listener, "defaultActions"))


def requires_sign_in(listener: Resource) -> Truth:
    """Whether a listener requires callers to sign in, by its default actions. None if that is not known.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html
    """
    return any_of(
        _requires_sign_in(action, kind) for action in list_default_actions(listener) for kind in ("Oidc", "Cognito")
    )


def _requires_sign_in(action: Any, kind: str) -> Truth:
    settings = get_value(action, f"authenticate{kind}")
    otherwise = get_value(settings, "onUnauthenticatedRequest")
    return None if UNKNOWN in (settings, otherwise) else settings is not None and otherwise != "allow"


def requires_tokens(listener: Resource) -> bool:
    """Whether a listener may refuse calls without a token.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
    """
    return any(get_value(action, "jwtValidation") is not None for action in list_default_actions(listener))


def requires_certificates(listener: Resource) -> Truth:
    """Whether a listener requires client certificates that its trust store knows. None if that is not known.

    AWS accepts `verify` only with a trust store.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
    """
    mode = get_deployed_input(listener, "mutualAuthentication", "mode")
    store = get_deployed_input(listener, "mutualAuthentication", "trustStoreArn")
    return (True if as_text(store) else None) if mode == "verify" else None if mode is UNKNOWN else False


class LoadBalancers:
    """Listeners, target groups and registries of a graph, joined."""

    def __init__(self, graph: Graph, targets: Targets) -> None:
        self._graph, self._targets = graph, targets

    def list_listeners(self, balancer: Resource) -> list[Resource]:
        return find_referring(self._graph, balancer, types.LISTENER, "loadBalancerArn")

    def find_balancer(self, listener: Resource) -> Resource | None:
        return find_first_referenced(self._graph, listener, "loadBalancerArn", types=types.LOAD_BALANCER)

    def list_target_groups(self, listener: Resource) -> list[Resource]:
        """Target groups that the listener forwards to."""
        groups = [group for entries in self._list_forwarded_entries(listener) for group in entries.known]
        return list({group.urn: group for group in groups}.values())

    def find_weightless_groups(self, listener: Resource) -> set[str]:
        """URNs of target groups to which a listener forwards nothing: each has only the weight 0 there.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
        """
        every = list_default_actions(listener)
        entries = [entry for action in every for entry in as_list(get_value(action, "forward", "targetGroups"))]
        named = [(get_value(entry, "arn"), get_value(entry, "weight")) for entry in entries]
        named += [(get_value(action, "targetGroupArn"), 1) for action in every if get_value(action, "forward") is None]
        weights = group_pairs(
            (group.urn, weight) for arn, weight in named if (group := self._graph.find(arn)) is not None
        )
        return {urn for urn, own in weights.items() if {*own} == {0}}

    def list_forwarded_groups(self, listeners: Iterable[Resource]) -> set[str]:
        """URNs of the target groups that any of these forwards to."""
        return {group.urn for listener in listeners for group in self.list_target_groups(listener)}

    def may_forward_outside(self, listener: Resource) -> bool:
        """Whether the listener may forward to target groups that the graph does not hold, by a rule for example."""
        return any(not entries.is_complete for entries in self._list_forwarded_entries(listener))

    def is_shared(self, listener: Resource) -> bool:
        """Whether the listener, or its load balancer, leaves the program, so that other stacks may add rules to it."""
        if collect_revealed_texts not in self._graph.answered:
            self._graph.answered[collect_revealed_texts] = collect_revealed_texts(self._graph.exports.values())
        left, owner = self._graph.answered[collect_revealed_texts], self.find_balancer(listener)
        names = (
            as_text(get_output(resource, key)) for resource in (listener, owner) if resource for key in ("arn", "name")
        )
        return UNKNOWN in left or not left.isdisjoint(filter(None, names))

    def answers_itself(self, listener: Resource) -> bool:
        """Whether it answers by itself, and its load balancer forwards nothing."""
        owner = self.find_balancer(listener)
        if owner is not None and self.list_forwarded_groups(self.list_listeners(owner)):
            return False
        return "fixed-response" in (get_value(action, "type") for action in list_default_actions(listener))

    def _list_forwarded_entries(self, listener: Resource) -> Iterator[InputList[Resource]]:
        """The target groups that each action of a listener names."""
        for path in _FORWARDED:
            yield list_references(self._graph, listener, "defaultActions", *path, types=types.TARGET_GROUP)

    @staticmethod
    def find_port(spoken: Resource) -> int | None:
        """The port of a listener or target group."""
        return as_integer(get_deployed_input(spoken, "port"))

    @staticmethod
    def find_protocol(spoken: Resource | None) -> str:
        """`udp` or `tcp`: the transport of a listener or target group."""
        return "udp" if spoken is not None and as_text(get_deployed_input(spoken, "protocol")) == "UDP" else "tcp"

    @staticmethod
    def keeps_client_address(group: Resource) -> Truth:
        """Whether a network load balancer passes the client's address on to these targets. None if not known.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
        """
        kind, protocol = get_deployed_input(group, "targetType"), get_deployed_input(group, "protocol")
        if protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
            return True
        default = None if UNKNOWN in (kind, protocol) else kind in (None, "instance")
        return read_flag(group, "preserveClientIp", absent=default)

    def list_group_listeners(self, group: Resource) -> list[Resource]:
        return self._listeners_of.get(group.urn, [])

    def list_listener_evidence(self, balancer: Resource) -> Iterator[Evidence]:
        """Evidence that no listener of a load balancer takes a connection."""
        yield from list_unreferenced_evidence(self._graph, balancer, [(types.LISTENER, ("loadBalancerArn",))])
        yield from (make_input_evidence(listener, "port") for listener in self.list_listeners(balancer))

    def list_foreign_listeners(self) -> list[Resource]:
        """Listeners of load balancers that the graph does not hold."""
        return list_with_foreign_owner(self._graph, types.LISTENER, "loadBalancerArn", types=types.LOAD_BALANCER)

    def list_foreign_targets(self) -> Iterator[Target]:
        """Targets to which a load balancer that the graph does not hold may send requests."""
        for source in self.list_foreign_listeners():
            for group in self.list_target_groups(source):
                yield from (replace(target, declared_by=source) for target in self._targets.list_targets(group))
        for group in self._graph.list_by_type(*types.TARGET_GROUP):
            yield from self._targets.list_targets(group) if group.existing else ()
        for kinds, path in REGISTRATIONS:
            for source in list_with_foreign_owner(self._graph, kinds, *path, types=types.TARGET_GROUP):
                yield Target(self._targets.find_registered(source), "", None, source)

    @functools.cached_property
    def _listeners_of(self) -> dict[str, list[Resource]]:
        listeners = self._graph.list_by_type(*types.LISTENER)
        return group_pairs(
            (group.urn, listener) for listener in listeners for group in self.list_target_groups(listener)
        )

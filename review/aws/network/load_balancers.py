"""Load balancers and Cloud Map services: listeners, target groups, and what they send requests to.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
"""

import functools
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.given import Entries, Ground, given, held, named, of_any, of_others, unnamed
from ...graph.graph import grouped, may_leave
from ...graph.reading import first, items, mapping, naming, number, output, pointed, text, within
from ..catalog import types
from .targets import REGISTRATIONS, Target, Targets

_REGISTERED: Final = (*types.INSTANCE, *types.SCALING_GROUP)
_BEHIND_CLASSIC: Final = (
    (types.CLASSIC_ATTACHMENT, ("elb",), "instance"),
    (types.SCALING_ATTACHMENT, ("elb",), "autoscalingGroupName"),
    (types.SCALING_GROUP, ("loadBalancers",), ""),
    (types.SERVICE, ("loadBalancers", "elbName"), ""),
)
"""What registers machines with a classic load balancer, by which input, and the input with the machine."""
_ACTIONS: Final = ("defaultActions", "actions")
_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_FORWARDED: Final = (("targetGroupArn",), ("forward", "targetGroups", "arn"))


def priority(rule: Resource) -> float | None:
    """The provider puts a rule without one behind the others. None if it is not known."""
    written = held(rule, "priority")
    return math.inf if written is None else number(written)


def actions(holder: Resource) -> list[Any]:
    """What a listener does by default, or a rule of one by its own."""
    return [action for key in _ACTIONS for action in items(held(holder, key))]


def answers_itself(holder: Resource) -> bool:
    """Whether a listener, or a rule of one, forwards nothing."""
    kinds = {within(action, "type") for action in actions(holder)}
    return bool(kinds) and kinds <= {"fixed-response", "redirect"}


def sign_in(action: Any) -> str:
    """The kind of sign-in that an action of a listener requires, such as `Oidc`. Empty if it lets others pass as well.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html
    """
    asked = ((kind, within(action, f"authenticate{kind}")) for kind in ("Oidc", "Cognito"))
    passes = "onUnauthenticatedRequest"
    return next((kind for kind, its in asked if its is not None and within(its, passes) != "allow"), "")


def client_certificates(listener: Resource) -> Any:
    """The trust store that has to know a caller's certificate; None if callers need none, `UNKNOWN` if it is not known.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
    """
    mode = held(listener, "mutualAuthentication", "mode")
    store = held(listener, "mutualAuthentication", "trustStoreArn")
    return None if mode not in ("verify", UNKNOWN) else UNKNOWN if store is None else store


def takes_every_request(rule: Resource) -> bool:
    """Whether the conditions of a rule hold for all requests."""
    written = [mapping(condition) for condition in items(held(rule, "conditions"))]
    paths = [row.get("pathPattern") for row in written if not any(row[key] for key in row.keys() - {"pathPattern"})]
    return len(paths) == len(written) > 0 and all({"*", "/*"} & {*items(within(path, "values"))} for path in paths)


class LoadBalancers:
    """Listeners, target groups and registries of a graph, joined."""

    def __init__(self, graph: Graph, targets: Targets) -> None:
        self._graph, self._targets = graph, targets

    def listeners(self, balancer: Resource) -> list[Resource]:
        return naming(self._graph, balancer, types.LISTENER, "loadBalancerArn")

    def balancer(self, listener: Resource) -> Resource | None:
        return first(self._graph, listener, "loadBalancerArn", types=types.LOAD_BALANCER)

    def groups(self, listener: Resource) -> list[Resource]:
        """Target groups that the listener, or any of its rules, forwards to."""
        return self.groups_of(self.holders(listener))

    def groups_of(self, holders: Iterable[Resource]) -> list[Resource]:
        """Target groups that the actions of these listeners and rules forward to."""
        return list({group.urn: group for entries in self._forwarded(holders) for group in entries.some()}.values())

    def idle(self, listener: Resource) -> set[str]:
        """URNs of target groups to which a listener and its rules forward nothing: each has only the weight 0 there.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
        """
        every = [action for holder in self.holders(listener) for action in actions(holder)]
        entries = [entry for action in every for entry in items(within(action, "forward", "targetGroups"))]
        named = [(within(entry, "arn"), within(entry, "weight")) for entry in entries]
        named += [(within(action, "targetGroupArn"), 1) for action in every if within(action, "forward") is None]
        weights = grouped((group.urn, weight) for arn, weight in named if (group := self._graph.find(arn)) is not None)
        return {urn for urn, own in weights.items() if {*own} == {0}}

    def rules(self, listener: Resource) -> list[Resource]:
        return naming(self._graph, listener, types.LISTENER_RULE, "listenerArn")

    def ranked(self, listener: Resource) -> list[Resource]:
        """Its rules in the order in which they are asked; none if that is not known."""
        rules = [(place, rule) for rule in self.rules(listener) if (place := priority(rule)) is not None]
        known = len(rules) == len(self.rules(listener))
        return [rule for _, rule in sorted(rules, key=lambda pair: pair[0])] if known else []

    def holders(self, listener: Resource) -> list[Resource]:
        """The listener and its rules: each has actions. A rule that takes every request leaves those behind it none."""
        rules = self.rules(listener)
        at = [(rule, place) for rule in rules if takes_every_request(rule) and (place := priority(rule)) is not None]
        last = min((place for _, place in at), default=math.inf)
        return [*([] if at else [listener]), *(rule for rule in rules if (priority(rule) or 0) <= last)]

    def led_to(self, listeners: Iterable[Resource]) -> set[str]:
        """URNs of the target groups that any of these forwards to."""
        return {group.urn for listener in listeners for group in self.groups(listener)}

    def forwards_elsewhere(self, listener: Resource) -> bool:
        """Whether the listener, or any of its rules, may forward to target groups that the graph does not hold."""
        return self.any_elsewhere(self.holders(listener))

    def any_elsewhere(self, holders: Iterable[Resource]) -> bool:
        """Whether an action of these may forward to target groups that the graph does not hold."""
        return any(entries.every(unknown=None) is None for entries in self._forwarded(holders))

    def is_shared(self, listener: Resource) -> bool:
        """Whether the listener, or its load balancer, leaves the program, so that other stacks may add rules to it."""
        if may_leave not in self._graph.answered:
            parameters = [resource.inputs.get("value") for resource in self._graph.of_type(_PARAMETER)]
            self._graph.answered[may_leave] = may_leave([*self._graph.exports.values(), *parameters])
        left, owner = self._graph.answered[may_leave], self.balancer(listener)
        names = (text(output(resource, key)) for resource in (listener, owner) if resource for key in ("arn", "name"))
        return UNKNOWN in left or not left.isdisjoint(filter(None, names))

    def answers(self, listener: Resource) -> bool:
        """Whether it, or a rule of it, answers by itself, and its load balancer forwards nothing."""
        owner = self.balancer(listener)
        if owner is not None and self.led_to(self.listeners(owner)):
            return False
        kinds = (within(action, "type") for holder in self.holders(listener) for action in actions(holder))
        return "fixed-response" in kinds

    def behind_classic(self, balancer: Resource) -> tuple[list[Resource], bool]:
        """Machines that a classic load balancer sends requests to, and whether there may be others.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-backend-instances.html
        """
        own = named(self._graph, balancer, "instances", types=types.INSTANCE)
        resources, known = [*own.some()], own.every(unknown=None) is not None
        for kinds, path, machine in _BEHIND_CLASSIC:
            for resource in naming(self._graph, balancer, kinds, *path):
                behind = [resource] if not machine else pointed(self._graph, resource, machine, types=_REGISTERED)
                resources, known = [*resources, *behind], known and bool(behind)
            known &= not of_any(self._graph, kinds, *path, types=types.CLASSIC_BALANCER)
        return list({resource.urn: resource for resource in resources}.values()), not known or self.is_shared(balancer)

    def _forwarded(self, holders: Iterable[Resource]) -> Iterator[Entries[Resource]]:
        """The target groups that each action of these listeners and rules names."""
        for holder, key, path in itertools.product(holders, _ACTIONS, _FORWARDED):
            yield named(self._graph, holder, key, *path, types=types.TARGET_GROUP)

    @staticmethod
    def protocol(spoken: Resource | None) -> str:
        """`udp` or `tcp`: the transport of a listener or target group."""
        return "udp" if spoken is not None and text(held(spoken, "protocol")) == "UDP" else "tcp"

    @staticmethod
    def keeps_client_address(group: Resource) -> bool | None:
        """Whether a network load balancer passes the client's address on to these targets. None if not known.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
        """
        kind = given(group, "targetType").value(absent="instance", unknown=None)
        protocol = given(group, "protocol").value(absent="", unknown=None)
        if protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
            return True
        default = None if None in (kind, protocol) else kind == "instance"
        answer = given(group, "preserveClientIp").value(absent=default, unknown=None)
        return None if answer is None else str(answer).lower() == "true"

    def listeners_of(self, group: Resource) -> list[Resource]:
        return self._listeners_of.get(group.urn, [])

    def listener_grounds(self, balancer: Resource) -> Iterator[Ground]:
        """Grounds for the statement that no listener of a load balancer takes a connection."""
        yield from unnamed(self._graph, balancer, [(types.LISTENER, ("loadBalancerArn",))])
        yield from (given(listener, "port").ground() for listener in self.listeners(balancer))

    def listeners_elsewhere(self) -> list[Resource]:
        """Listeners and rules of load balancers that the graph does not hold."""
        listeners = of_others(self._graph, types.LISTENER, "loadBalancerArn", types=types.LOAD_BALANCER)
        return listeners + of_others(self._graph, types.LISTENER_RULE, "listenerArn", types=types.LISTENER)

    def from_elsewhere(self) -> Iterator[Target]:
        """Targets to which a load balancer that the graph does not hold may send requests."""
        for source in self.listeners_elsewhere():
            for group in self.groups(source):
                yield from (replace(target, declared_by=source) for target in self._targets.of(group))
        for group in self._graph.of_type(*types.TARGET_GROUP):
            yield from self._targets.of(group) if group.existing else ()
        for kinds, path in REGISTRATIONS:
            for source in of_others(self._graph, kinds, *path, types=types.TARGET_GROUP):
                yield Target(self._targets.registered_by(source), "", None, source)

    @functools.cached_property
    def _listeners_of(self) -> dict[str, list[Resource]]:
        listeners = self._graph.of_type(*types.LISTENER)
        return grouped((group.urn, listener) for listener in listeners for group in self.groups(listener))

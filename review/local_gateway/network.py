"""Where calls arrive, by the statements of the components on their way.

A statement tells whom a component admits and where it leads. What no component states is not judged here.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..aws.catalog import types
from ..graph import Graph, Resource
from ..graph.reading import as_number, get_declared_input
from ..reach.inbound import Inbound
from ..reach.path import Path
from ..reach.statements import Part, Statements, list_urns
from . import unread
from .apis import Route, ServedApi


@dataclass(frozen=True)
class Verdict:
    """Whether a call arrives, by which hops, and at which backends."""

    hops: tuple[str, ...] = ()
    backends: tuple[Resource, ...] = ()
    """Components that it may arrive at."""
    blocked_by: str = ""
    """The first obstacle; empty if a path is open."""
    groups: tuple[Resource, ...] = ()
    """Target groups on the way, whose health checks apply."""
    uncertainty: str = ""
    """What is uncertain about an open path."""
    balancer: Resource | None = None
    """An application load balancer that the call reaches: it answers for what is behind it."""
    is_empty: bool = False
    """Whether the load balancer has no running target, so that it answers at once."""
    listener: Resource | None = None
    """The listener of that load balancer."""

    @property
    def stopped(self) -> int | None:
        """Number of hops that a blocked call passes."""
        return max(0, len(self.hops) - 1) if self.blocked_by else None


def parse_address(url: str) -> tuple[str, int] | None:
    """Host and port of `http(s)://host[:port]/…`; None for other text."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)


class Network:
    """The ways behind the APIs of one stack."""

    def __init__(self, graph: Graph, statements: Statements) -> None:
        self._graph, self.statements = graph, statements
        self._inbound = Inbound(statements)
        self._behind: dict[tuple[str, str], Verdict] = {}

    def list_unstated(self, api: ServedApi, route: Route) -> list[str]:
        """Links, listeners and load balancers on a route's way that no component states, so that it is not served."""
        target = api.part.get_map("to", (route.way or {}).get("to", ""))
        named = ((kind, target[kind]) for kind in ("link", "listener", "loadBalancer") if kind in target)
        unstated = [(kind, reference) for kind, reference in named if self.statements.find(reference) is None]
        # An ingress that exists states for its listener and its link that their owners decide.
        owners = [part for part in map(self.statements.find, target.values()) if part is not None]
        if any(owner.kind == "ExistingIngress" for owner in owners):
            return []
        return [
            f"its {kind} {self.statements.name(reference)}, which no component states" for kind, reference in unstated
        ]

    def trace_link(self, api: ServedApi, route: Route) -> Verdict:
        """The way of a call through a VPC link."""
        key = (api.name, str((route.way or {}).get("to")))
        if key not in self._behind:
            target = api.part.get_map("to", key[1])
            paths = [*self._inbound.follow(api.part, route.way or {})]
            self._behind[key] = self._make_verdict(paths, target.get("listener"), target.get("url"))
        return self._behind[key]

    def find_checks(self, api: ServedApi, route: Route) -> Mapping[str, Any]:
        """The signature that the forwarder behind a route asks its callers for. Empty if it asks for none."""
        return (route.way and self._inbound.find_checks(api.part, route.way)) or {}

    def trace_environment(self, function: Resource, url: str) -> Verdict | None:
        """The way of a function's call to an address of its environment. None if no component states it."""
        part, address = self.statements.find_owner(function.urn), parse_address(url)
        if part is None or address is None:
            return None
        if part.kind == "ServerlessProxy":
            return self._make_verdict([*self._inbound.follow_forwarder(part)], part.get("to", "url"))
        called = [call for call in part.get_map("leads", "calls").values() if as_number(call.get("port")) == address[1]]
        owners = [owner for call in called if (owner := self.statements.find(call.get("group"))) is not None]
        if not owners:
            return None
        return Verdict(tuple(dict.fromkeys(one.name for one in owners)), tuple(one.resource for one in owners))

    def _make_verdict(self, paths: list[Path], *listeners: Any) -> Verdict:
        """`listeners` are the references that may name the listener on the way."""
        open_paths = [path for path in paths if path.open]
        listed = open_paths or paths
        first = min(listed, key=lambda path: bool(path.uncertainty))
        parts = [part for hop in first.hops if (part := self._find_part(hop.resource)) is not None]
        last = [] if first.hops and first.hops[-1].name == first.target else [first.target]
        backends = tuple({path.backend.urn: path.backend for path in listed if path.backend is not None}.values())
        stopped = [part for part in map(self._find_part, backends) if part is not None and self._runs_nothing(part)]
        blocked_by = "" if open_paths else first.blocked_by
        is_empty = bool(stopped) and len(stopped) == len(backends)
        if is_empty and not blocked_by:
            blocked_by = f"{', '.join(part.name for part in stopped)} runs nothing"
        doubts = [first.uncertainty, *self._list_doubts(parts)]
        if open_paths and (closed := next((path for path in paths if not path.open), None)):
            doubts.append(f"which target gets it, and one of them gets nothing: {closed.blocked_by}")
        below = (child for part in parts for child in self._graph.list_children(part.resource.urn))
        balancer = next((one for one in below if one.type in types.LOAD_BALANCER), None)
        is_application = balancer is not None and get_declared_input(balancer, "loadBalancerType") != "network"
        registered = [part.get("registers") for part in map(self._find_part, backends) if part is not None]
        return Verdict(
            hops=tuple(dict.fromkeys([*(hop.name for hop in first.hops if hop.name), *last])),
            backends=backends,
            blocked_by=blocked_by,
            groups=self._list_named(registered, types.TARGET_GROUP),
            uncertainty="; ".join(dict.fromkeys(filter(None, doubts))),
            balancer=balancer if is_application else None,
            is_empty=is_empty,
            listener=next(iter(self._list_named(listeners, types.LISTENER)), None) if is_application else None,
        )

    def _find_part(self, resource: Resource | None) -> Part | None:
        return None if resource is None else self.statements.find_owner(resource.urn)

    def _list_named(self, references: Iterable[Any], kinds: tuple[str, ...]) -> tuple[Resource, ...]:
        """Resources of these types that references name."""
        urns = (urn for reference in references for urn in list_urns(reference))
        return tuple(one for urn in urns if (one := self._graph.resources.get(urn)) is not None and one.type in kinds)

    def _runs_nothing(self, part: Part) -> bool:
        """Whether the service or the Auto Scaling group of a backend runs no copy."""
        for child in self._graph.list_children(part.resource.urn):
            if child.type in types.SERVICE:
                return as_number(get_declared_input(child, "desiredCount")) == 0
            if child.type in types.SCALING_GROUP:
                desired = get_declared_input(child, "desiredCapacity")
                return as_number(get_declared_input(child, "minSize") if desired is None else desired) == 0
        return False

    def _list_doubts(self, parts: Iterable[Part]) -> Iterator[str]:
        """What a transform changes of the components on a way, so that it may differ from what they state."""
        for part in parts:
            changed = self.list_changes(part)
            if changed:
                yield f"whether {part.name} does as it states, since a transform changes {' and '.join(changed)}"

    @functools.cache  # noqa: B019 # a network lives as long as its stack
    def list_changes(self, part: Part) -> list[str]:
        """What transforms change of the resources of a component, except what is read from the resource itself."""
        members = (self._graph.resources[urn] for urn in sorted(self.statements.list_members(part)))
        kinds: Mapping[str, Any] = unread.TABLE["types"]
        return [
            f"{key} of {member.name}"
            for member in members
            for key in sorted(member.altered)
            if member.type.removeprefix("aws:") not in kinds
        ]

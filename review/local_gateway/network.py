"""Judges by the review's reachability which calls arrive."""

from dataclasses import dataclass, field
from typing import Any

from ..aws.catalog import types
from ..aws.gateway.api import Api, Call
from ..aws.gateway.lambda_permissions import find_qualifier
from ..aws.network.dns import Address
from ..aws.network.load_balancer_kind import Kind, read_kind
from ..graph import Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import as_number, as_text
from ..paths import Reachability
from ..paths.api_paths import ApiPaths
from ..paths.onward import Onward
from ..paths.path import Path
from .apis import Authorizer


@dataclass(frozen=True)
class Verdict:
    """Whether a call arrives, by which hops, and at which backends."""

    hops: tuple[str, ...]
    backends: tuple[Resource, ...]
    """Machines that it may arrive at, where the graph holds them."""
    blocked_by: str = ""
    """The first obstacle; empty if a path is open."""
    stopped: int | None = None
    """Number of hops that a blocked call passes."""
    groups: tuple[Resource, ...] = ()
    """Target groups on the way, whose health checks apply."""
    uncertainty: str = ""
    """What is uncertain about an open path."""
    balancer: Resource | None = None
    """An application load balancer that the call reaches: it answers for what is behind it."""
    empty: bool = False
    """Whether the load balancer has no target, so that it answers at once."""
    listener: Resource | None = None
    """The last listener of an application load balancer on the way."""


@dataclass
class _Seen:
    """Listeners on the way, and the target groups that they forward to."""

    listeners: list[Resource] = field(default_factory=list)
    groups: list[Resource] = field(default_factory=list)
    uncertainties: list[str] = field(default_factory=list)


class Network:
    """The network of one stack."""

    def __init__(self, reach: Reachability) -> None:
        self._model, self._connections = reach.model, reach.connections
        self._behind: dict[tuple[str, str], Verdict] = {}

    def to_function(self, api: Api, call: Call) -> str:
        """Why API Gateway may not invoke the function of a call. Empty if it may."""
        function = call.integration.function
        if function is None or call.integration.has_credentials:
            return ""
        return self._explain_uninvoked(api, function, self._model.permissions.find_for_call(function, api, call))

    def to_authorizer(self, api: Api, authorizer: Authorizer) -> str:
        """Why API Gateway may not invoke the function of an authorizer. Empty if it may."""
        function = authorizer.function
        if function is None or authorizer.has_credentials:
            return ""
        resource = self._model.permissions.find_for_authorizer(function, api, authorizer.uri, authorizer.id)
        return self._explain_uninvoked(api, function, resource)

    def _explain_uninvoked(self, api: Api, function: Resource, permission: Resource | None) -> str:
        if permission is not None:
            return ""
        names = self._model.names
        return (
            f"no permission lets {names.find(api.resource)} invoke {names.find(function)}: declare "
            "aws.lambda_.Permission with the API's execution ARN as source_arn, and with the qualifier of an alias"
        )

    def find_version(self, uri: Any) -> tuple[str, str]:
        """The alias or version by which an address calls a function, and the version's number; empty if not known."""
        qualifier = as_text(find_qualifier(self._model.graph, uri))
        aliases = self._model.graph.list_by_type(*types.ALIAS)
        alias = next(
            (alias for alias in aliases if qualifier and as_text(get_deployed_input(alias, "name")) == qualifier), None
        )
        return qualifier, qualifier if alias is None else as_text(get_deployed_input(alias, "functionVersion"))

    def trace_link(self, api: Api, call: Call) -> Verdict:
        """The path of a call from the API through a VPC link."""
        route = (api.resource.urn, call.name)
        if route not in self._behind:
            seen = _Seen()
            paths = list(ApiPaths(self._model, self._follow(seen)).trace_behind(api, call))
            if not (seen.listeners or any(path.backend or not path.open for path in paths)):
                seen.uncertainties += [
                    f"whether {path.target}, which this stack does not hold, takes the call" for path in paths
                ]
            self._behind[route] = self._make_verdict(paths, seen)
        return self._behind[route]

    def _follow(self, seen: _Seen) -> Onward:
        """Follows a call, and notes the listeners on its way."""
        balancers = self._model.balancers

        def forwarded(listener: Resource) -> tuple[list[Resource], bool]:
            idle, forwards_outside = balancers.find_weightless_groups(listener), balancers.may_forward_outside(listener)
            groups = [group for group in balancers.list_target_groups(listener) if group.urn not in idle]
            seen.listeners.append(listener)
            seen.groups += groups
            if not (groups or forwards_outside):
                seen.uncertainties.append(f"what {listener.name} answers, which forwards to no target group")
            return groups, forwards_outside

        return Onward(self._model, self._connections, forwarded)

    def from_function(self, function: Resource, address: Address) -> Verdict:
        """The path of a function's call to an address of its environment."""
        seen = _Seen()
        return self._make_verdict(list(self._follow(seen).trace_call(function, address)), seen)

    def _make_verdict(self, paths: list[Path], seen: _Seen) -> Verdict:
        passable = [path for path in paths if path.open]
        if not paths:
            return Verdict((), (), "nothing is behind the integration")
        first = min(passable or paths, key=lambda path: bool(path.uncertainty))
        backends = {path.backend.urn: path.backend for path in passable or paths if path.backend is not None}
        hops = tuple(dict.fromkeys([*(hop.name for hop in first.hops if hop.name), *first.end()]))
        uncertainties = [*seen.uncertainties, first.uncertainty]
        blocked_by = "" if passable else first.blocked_by
        if passable and (closed := next((path for path in paths if not path.open), None)):
            uncertainties.append(f"which target gets it, and one of them gets nothing: {closed.blocked_by}")
        balancer, stopped = self._stop(first)
        copies = [_is_empty(backend) for backend in backends.values()]
        no_targets = bool(copies) and all(copies)
        if no_targets and not blocked_by:
            blocked_by = f"{', '.join(self._model.names.find(backend) for backend in backends.values())} runs nothing"
            stopped = len(hops) - 1
        elif seen.groups and not any(map(self._model.targets.list_targets, seen.groups)):
            no_targets = True
            blocked_by = (
                blocked_by or f"{' and '.join(group.name for group in seen.groups)} has no targets in this stack"
            )
        at = first.blocked_at
        http = [
            listener for listener in seen.listeners if get_deployed_input(listener, "protocol") in ("HTTP", "HTTPS")
        ]
        return Verdict(
            hops=hops,
            backends=tuple(backends.values()),
            blocked_by=blocked_by,
            stopped=stopped if blocked_by else None,
            groups=tuple({group.urn: group for group in seen.groups}.values()),
            uncertainty="; ".join(dict.fromkeys(filter(None, uncertainties))),
            balancer=balancer,
            empty=no_targets or (at is not None and at.type in types.TARGET_GROUP),
            listener=http[-1] if http else None,
        )

    def _stop(self, path: Path) -> tuple[Resource | None, int]:
        """The application load balancer that a path gets to, and how many named hops it passes."""
        places = [
            at for at, hop in enumerate(path.hops) if hop.resource is not None and hop.resource is path.blocked_at
        ]
        stopped = len(path.hops) if path.open or not places else places[-1]
        passed = [hop for hop in path.hops[:stopped] if hop.name]
        balancers = [hop.resource for hop in passed if hop.resource and hop.resource.type in types.LOAD_BALANCER]
        resource = next((balancer for balancer in reversed(balancers) if read_kind(balancer) is Kind.APPLICATION), None)
        return resource, len(passed)


def _is_empty(backend: Resource) -> bool:
    """Whether a service or an Auto Scaling group runs nothing."""
    if backend.type in types.SERVICE:
        return as_number(get_deployed_input(backend, "desiredCount")) == 0
    desired = get_deployed_input(backend, "desiredCapacity")
    return (
        backend.type in types.SCALING_GROUP
        and as_number(get_deployed_input(backend, "minSize") if desired is None else desired) == 0
    )

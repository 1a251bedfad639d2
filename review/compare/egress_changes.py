"""Effects of a change on egress, read off the default routes and gateway endpoints before and after.

A route that stays the same resource gets its new target in place, after the engine has created the target. So an
interruption depends only on the targets: a NAT gateway works from the start, an instance after its boot.
"""

import enum
from collections.abc import Collection, Iterator

from ..aws import types
from ..aws.routes import Family, Gateway, Route
from ..graph import Resource
from ..graph.graph import grouped
from ..graph.prose import listed
from ..reach import Reach


class Impact(enum.IntEnum):
    """From the least to the worst."""

    CONNECTIONS = 1
    """Open connections end, new ones work at once."""
    BOOT = 2
    """Nothing passes until a NAT instance has booted."""
    LOSS = 3
    """Destinations that only the old way reached stay out of reach."""


def key_of(urn: str) -> str:
    """The part of a URN that two stacks of a project share: the chain of types, and the name."""
    return "::".join(urn.split("::")[2:])


def egress_changes(before: Reach, after: Reach, replaced: Collection[str]) -> list[tuple[Impact, str]]:
    """Effects on the subnets that are in both, the gravest first. `replaced` are URNs of the second graph."""
    compared = _Compared(before, after, replaced)
    lasting = (subnet for subnet in after.model.graph.of_type(*types.SUBNET) if subnet.urn not in replaced)
    pairs = ((old, subnet) for subnet in lasting if (old := compared.old(subnet)) is not None)
    borne = grouped(
        (cut, user) for old, new in pairs for cut in compared.of_subnet(old, new) for user in _users(before, old)
    )
    found = [(effect, text.format(listed(dict.fromkeys(users)))) for (effect, text), users in borne.items()]
    return sorted(found, key=lambda cut: -cut[0])


def _users(reach: Reach, subnet: Resource) -> list[str]:
    """Names of what gets out of a subnet; the subnet's own if the graph does not know what is in any."""
    placed = [node for node in reach.model.nodes.compute() if node.subnets and not node.forwards]
    inside = [
        node for node in placed if subnet in node.subnets and any(path.open for path in reach.outbound.paths(node))
    ]
    return [reach.model.names.of(node.resource) for node in inside] if placed else [subnet.name]


class _Compared:
    """Two graphs, compared for one subnet at a time. Texts have `{}` where the names of who bears it go."""

    def __init__(self, before: Reach, after: Reach, replaced: Collection[str]) -> None:
        self._before, self._after, self._replaced = before, after, replaced
        self._old = {key_of(resource.urn): resource for resource in before.model.graph}

    def old(self, resource: Resource) -> Resource | None:
        return self._old.get(key_of(resource.urn))

    def of_subnet(self, old: Resource, new: Resource) -> Iterator[tuple[Impact, str]]:
        left_over = False
        for family in Family:
            was, becomes = _way(self._before, old, family), _way(self._after, new, family)
            left_over = left_over or becomes is not None
            if was is not None:
                yield from self._of_way(family, was, becomes)
        lost = self._before.outbound.services_on(old) - self._after.outbound.services_on(new)
        if lost and not left_over:
            yield Impact.LOSS, f"{{}} can no longer reach {listed(sorted(lost))}: the endpoint is deleted"

    def _of_way(self, family: Family, was: Route, becomes: Route | None) -> Iterator[tuple[Impact, str]]:
        if becomes is None:
            yield Impact.LOSS, f"{{}} can no longer reach anything on the internet over {family.value}"
            return
        moved = self._moved(was, becomes)
        behind = becomes.target if becomes.gateway is Gateway.INTERFACE else None
        machine = self._after.model.nodes.attachments.instance_of(behind) if behind is not None else None
        if machine is not None and (machine.urn in self._replaced or (moved and self.old(machine) is None)):
            hint = ", unless the NAT gateway is kept until then" if was.gateway is Gateway.NAT else ""
            yield Impact.BOOT, f"nothing leaves {{}} over {family.value} until {machine.name} has booted{hint}"
        elif moved:
            through = self._after.model.names.of(becomes.target) if becomes.target else becomes.gateway.value
            yield (
                Impact.CONNECTIONS,
                f"open connections of {{}} over {family.value} end; new ones pass at once, through {through} and from "
                "its address",
            )

    def _moved(self, was: Route, becomes: Route) -> bool:
        if was.target is None or becomes.target is None:
            return was.gateway is not becomes.gateway or was.target is not becomes.target
        return key_of(was.target.urn) != key_of(becomes.target.urn) or becomes.target.urn in self._replaced


def _way(reach: Reach, subnet: Resource, family: Family) -> Route | None:
    """The default route, where it gets anywhere."""
    route = reach.model.network.way_out(subnet, family)
    return None if route is None or reach.outbound.obstacle(route, family) else route

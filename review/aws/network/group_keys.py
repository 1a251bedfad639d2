"""Keys of security groups: a URN, an ID of a group outside the graph, or the default group of a VPC."""

import functools
from collections.abc import Iterable
from typing import Final

from ...graph import Graph, Resource
from ...graph.evidence import resolve_references
from ...graph.reading import as_text, find_referenced, get_output
from ..catalog import types

_UNKNOWN_GROUP: Final = "an unknown group of "


class GroupKeys:
    """Keys of all security groups of a graph, and their names."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def list_keys(self, resource: Resource, *path: str) -> tuple[str, ...]:
        groups, outside, known = resolve_references(self._graph, resource, path, types.SECURITY_GROUP)
        keys = [*(group.urn for group in groups), *map(self.find_key, filter(None, outside))]
        # A group that only a deployment or another stack knows has unknown rules, and not no rules.
        return tuple(dict.fromkeys(keys if known else [*keys, make_unknown_key(resource)]))

    def find_default(self, vpc: Resource | None) -> tuple[str, ...]:
        """The group that a resource gets if it names none: the VPC's default one."""
        return (self._defaults_of_vpcs.get(vpc.urn, f"{vpc.urn}#default"),) if vpc is not None else ()

    def find_resource(self, group: str) -> Resource | None:
        return self._graph.resources.get(group.partition("#")[0])

    def name(self, group: str) -> str:
        resource = self.find_resource(group)
        if "#" in group and resource is not None:
            return f"the default group of {resource.name}"
        return resource.name if resource is not None else group

    def find_key(self, group_id: str, kinds: tuple[str, ...] = types.SECURITY_GROUP) -> str:
        """The URN of the resource with this ID, the key of a VPC's default group, or the ID itself."""
        resource = self._graph.find(group_id, *kinds) if kinds else None
        return resource.urn if resource is not None else self._default_ids.get(group_id, group_id)

    @functools.cached_property
    def _default_ids(self) -> dict[str, str]:
        """By the id that a VPC gives as `defaultSecurityGroupId`, the key of that group."""
        ids = (
            (as_text(get_output(vpc, "defaultSecurityGroupId")), vpc) for vpc in self._graph.list_by_type(*types.VPC)
        )
        return {group_id: self.find_default(vpc)[0] for group_id, vpc in ids if group_id}

    @functools.cached_property
    def _defaults_of_vpcs(self) -> dict[str, str]:
        """By VPC, the default group that the program manages."""
        managed = self._graph.list_by_type("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
        return {
            vpc.urn: group.urn
            for group in managed
            for vpc in find_referenced(self._graph, group, "vpcId", types=types.VPC)
        }


def make_unknown_key(resource: Resource) -> str:
    """Key of a group that a resource has and that is not known, so that none of its rules is."""
    return f"{_UNKNOWN_GROUP}{resource.name}"


def is_unknown(group: str) -> bool:
    return group.startswith(_UNKNOWN_GROUP)


def list_unknown_owners(groups: Iterable[str]) -> list[str]:
    """Names of the resources whose groups are not known, of these groups."""
    return [group.removeprefix(_UNKNOWN_GROUP) for group in groups if is_unknown(group)]

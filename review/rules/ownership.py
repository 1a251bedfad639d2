"""Lists that two resources write: one has the whole list, the other adds a member, which the next update removes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..aws.catalog.catalog import make_token
from ..aws.catalog.tables import load_table
from ..graph import UNKNOWN, Resource
from ..graph.reading import AFTER_DEPLOYMENT, Doubt, get_declared_input
from ..reach import Reach
from .registry import Message, Severity, rule


class Member(NamedTuple):
    """A resource that adds to a list of another one."""

    type: str
    owner_key: str
    """Its input that names the owner."""
    key: str = ""
    """The input that decides in which list it is. Empty if there is one list."""
    value: object = None
    """The value of that input, of which false is the same as none."""


LISTS: Final[Mapping[str, Mapping[str, tuple[Member, ...]]]] = {
    make_token(owner): {
        key: tuple(Member(make_token(kind), *rest) for kind, *rest in members) for key, members in lists.items()
    }
    for owner, lists in load_table("owned_lists").items()
}
"""By owner and input, the resources that write the same list. Each page of the provider's reference says so."""
_ALWAYS: Final = frozenset(token for token in LISTS if "/default" in token)
"""Types that own their lists even if the program gives none."""


@rule("FIT-54", Severity.HIGH, on=tuple(LISTS), program_only=True)
def forbid_two_owners_of_a_list(reach: Reach, resource: Resource) -> Iterator[Message]:
    """A list has one owner: a resource's input, or separate resources for its members.
    Why: Otherwise a refresh and the next update remove members that others added.
    Remedy: Take the input out and declare its members as resources of their own, or keep all of them in the input.
    https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/
    """
    for key, members in LISTS[resource.type].items():
        value = get_declared_input(resource, key)
        added = [each for member in members for each in _list_added(reach, resource, member)]
        if not added or (value is None and resource.type not in _ALWAYS):
            continue
        if value is UNKNOWN:
            yield Doubt(f"{key} of {resource.name} is {AFTER_DEPLOYMENT}")
            continue
        for each in added:
            yield (
                each,
                f"{each.name} adds to {resource.name}, whose {key} is the whole list: the next update removes it",
            )


def _list_added(reach: Reach, owner: Resource, member: Member) -> Iterator[Resource]:
    for each in reach.graph.list_by_type(member.type):
        if reach.graph.find(each.inputs.get(member.owner_key), owner.type) is not owner:
            continue
        value: Any = get_declared_input(each, member.key) if member.key else None
        if (value or None) == member.value:
            yield each

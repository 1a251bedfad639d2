"""Names, and rules of security groups, that a resource gets while another one has them: AWS admits each once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from math import inf
from typing import Final

from ...aws.catalog import types
from ...aws.catalog.traps import AUTHORIZED_ONCE, Kind, Trap, of_kind
from ...graph import UNKNOWN, Resource
from ...graph.addresses import covers
from ...graph.prose import RENEWED, listed
from ...graph.reading import first, items, output, spread, within
from .fresh import with_new_values
from .order import ENDS, MAKES
from .side import Side
from .update import Update

_Place = tuple[str, ...]
_ONE: Final = (Kind.ONE_OBJECT,)
_ROUTE: Final = "aws:ec2/route:Route"
_INLINE: Final = ("cidrBlock", "ipv6CidrBlock", "destinationPrefixListId")  # where routes of a table lead to


def collisions(update: Update, before: Side, after: Side) -> Iterator[str]:
    """A sentence for each resource and each holder of what it gets."""
    urns = {old.urn: urn for urn, old in update.olds.items()}
    at = {step.resource.urn: step for step in update.order if step.verb not in ENDS}
    had = {resource.urn: _places(before, resource, {}, urns) for resource in (*update.removed, *update.olds.values())}
    wanted = *update.added, *(new for _, new in update.pairs)
    gets = {resource.urn: _places(after, resource, update.renewals, {}) for resource in wanted}
    taken: dict[_Place, list[tuple[Resource, float]]] = defaultdict(list)
    """By what AWS admits once, its holders, each with the step that takes it away, which is none for the deletions."""
    for old in (*update.removed, *update.olds.values()):
        urn = urns.get(old.urn, "")
        goes_first = urn in update.deleted_first and not old.options.retain_on_delete
        for place, (trap, _) in had[old.urn].items() if not goes_first else ():
            if not urn or urn in update.renewed:
                taken[place].append((old, inf))
            elif trap.kind is Kind.FIXED_PLACE:
                taken[place].append((old, inf if urn not in at or place in gets[urn] else at[urn].number))
    for urn, step in at.items():
        own = update.olds.get(urn) if urn not in update.renewed else None
        for place, (trap, words) in gets.get(urn, {}).items():
            # Ranges of subnets in one VPC may have no address in common.
            near = [its for its in taken if its[:3] == place[:3]] if place[0] in types.SUBNET else []
            shared = {place, *(its for its in near if covers(its[3], place[3]) is not False)}
            holders = [(holder, its) for its in sorted(shared) for holder in taken[its]]
            for (other, until), its in holders if own is None or place not in had[own.urn] else ():
                if step.number <= until:
                    stays = urns.get(other.urn, "") not in {"", *update.renewed}
                    advised = _advised(trap, replaced=urns.get(other.urn) == urn)
                    overlap = f"{its[3]}, which overlaps {place[3]}" if its != place else ""
                    yield _sentence((step.resource, own), (other, stays), advised, words, overlap)


def undone(update: Update) -> dict[str, tuple[str, str]]:
    """By URN, resources that are objects of old ones again, whose deletion ends both: the old one, and why."""
    gone = (old for old in update.left_to_the_end if not old.options.retain_on_delete)
    held = {place: old for old in gone for place in _fixed(old, {}, _ONE)}
    news = (step.resource for step in update.order if step.verb in MAKES)
    gets = ((new, _fixed(new, update.renewals, _ONE).items()) for new in news)
    pairs = ((new, place, *of) for new, places in gets for place, of in places if place in held)
    return {
        new.urn: (
            held[place].urn,
            f"{new.name} is created while {held[place].name} has the same {words}: the deletion of the old one ends "
            f"both; {_advised(trap, replaced=update.olds.get(new.urn) is held[place]).remedy} ({trap.source})",
        )
        for new, place, trap, words in pairs
    }


def _advised(trap: Trap, *, replaced: bool) -> Trap:
    """With what helps a resource that meets what it replaces: it has that one's name and aliases already."""
    return replace(trap, remedy="set delete_before_replace") if replaced and trap.remedy == Trap.remedy else trap


def _sentence(
    getting: tuple[Resource, Resource | None], having: tuple[Resource, bool], trap: Trap, words: str, overlap: str
) -> str:
    """On a resource, with what it was if it changes in place, and a holder, with whether it stays."""
    (resource, own), (other, stays) = getting, having
    namesake = other.name == resource.name and other.type != resource.type
    whose = f"the {other.kind} {other.name}" if namesake else other.name
    has = overlap or f"the same {words}"
    same = f"{resource.name} {'is created' if own is None else 'changes'} while {whose} has {has}"
    apart = f"remove {whose} in an update of its own first"
    if stays:
        exchanged = "give one of them a free one in an update of its own first"
        apart = "declare it in one of them" if own is None else exchanged
    elif other.options.retain_on_delete and resource.name == other.name:
        return f"{same}: AWS refuses, for retain_on_delete keeps the old one; give the new one another ({trap.source})"
    elif own is None and other.type == resource.type:
        apart = f"give it {whose} as an alias" + f", or {apart}" * (not other.options.retain_on_delete)
    # After a refresh the provider takes the rule for the group's own.
    later = own is not None and not stays and own.type in types.SECURITY_GROUP
    ends = "AWS refuses, or after a refresh the deletion of the old one ends both" if later else "AWS refuses"
    return f"{same}: {ends}; {trap.remedy if overlap or resource.name == whose else apart} ({trap.source})"


def _places(
    side: Side, resource: Resource, renewals: Mapping[str, Mapping[str, str]], urns: Mapping[str, str]
) -> dict[_Place, tuple[Trap, str]]:
    """What a resource has that AWS admits once: why, and in words. `urns` has URNs that the other state knows."""
    places = _fixed(resource, renewals, (Kind.FIXED_NAME, Kind.FIXED_PLACE))
    inline = items(resource.inputs.get("routes")) if resource.type in types.ROUTE_TABLE else ()
    table = f"{output(resource, 'id')}{RENEWED if resource.urn in renewals else ''}"
    for to in filter(None, (within(route, key) for key in _INLINE for route in inline)):
        places[_ROUTE, resource.region, str(to), table] = of_kind(Kind.FIXED_PLACE, _ROUTE)[0], f"route to {to}"
    plan = first(side.graph, resource, "usagePlanId", types=types.USAGE_PLAN)
    for stage in items(with_new_values(plan, renewals).get("apiStages")) if plan is not None else ():
        for trap in of_kind(Kind.FIXED_PLACE, resource.type):
            place = resource.inputs.get("keyId"), within(stage, "apiId"), within(stage, "stage")
            places[trap.type, resource.region, *map(str, place)] = trap, "keyId, and a stage of its plan"
    for group, rule in (groups := side.reach.model.groups).declared_by(resource):
        traffic = str(rule.inward), rule.traffic, f"{rule.first}-{rule.last}"
        names = [urns.get(key, key) for key in (group, rule.group or rule.cidr or rule.prefix_list)]
        marked = (f"{name}{RENEWED if name in renewals else ''}" for name in names)
        places["rule", *traffic, *marked] = AUTHORIZED_ONCE[rule.inward], f"rule, {groups.name_of(rule)}"
    return places


def _fixed(
    resource: Resource, renewals: Mapping[str, Mapping[str, str]], kinds: Iterable[Kind]
) -> dict[_Place, tuple[Trap, str]]:
    """Names and contents of these kinds, by type and value."""
    places: dict[_Place, tuple[Trap, str]] = {}
    inputs = with_new_values(resource, renewals)
    for trap in (trap for kind in kinds for trap in of_kind(kind, resource.type)):
        for values in product(*(spread(inputs, *key.split(".")) or [None] for key in trap.inputs)):
            if values[:1] != (None,) and UNKNOWN not in values:
                named = [key for key, value in zip(trap.inputs, values, strict=True) if value is not None]
                # Of some types an account has one in each region.
                places[trap.space or trap.type, resource.region, *map(str, values)] = trap, listed(named or ["region"])
    return places

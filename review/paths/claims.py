"""What a report would vouch for about all paths, and about what each rule looks at."""

import functools
from collections.abc import Mapping
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.tables import load_table_beside
from ..ledger.ledger import Claim, Places, Vouched, Withheld
from ..ledger.ways import ALL, Way
from .anyone import is_closed_by_firewalls
from .path import SESSION, Kind, Path
from .reachability import Reachability

_ABOUT_ACCESS: Final = ("API", "NET", "IAM")
"""Themes about calls, the network and rights."""
_NETWORK, _RIGHTS = "network", "rights"
"""Effects on the network wherever it is, and on any role; others are those on the resources that a rule looks at."""


def list_open_paths(paths: tuple[Path, ...]) -> list[Path]:
    """Open paths to a backend, and shells that need only the network; not sessions, nor calls from inside the stack."""
    return [
        path for kind in (Kind.INBOUND, Kind.PEOPLE) for path in paths if path.kind is kind and _is_from_outside(path)
    ]


def _is_from_outside(path: Path) -> bool:
    shell = path.kind is Kind.PEOPLE and path.source != SESSION
    return (path.kind is Kind.INBOUND or shell) and path.open and path.origin is None


def vouch_for_others(reach: Reachability) -> Vouched | Withheld:
    """That no path from outside is open but those that the report lists."""
    found = len(list_open_paths(reach.paths))
    words, question = {
        0: ("no path from outside is open", "whether a path from outside is open"),
        1: ("the only way in", "whether this is the only way in"),
    }.get(found, ("no other way in was found", "whether another way in is open"))
    on_paths = list_passed(reach)
    at: dict[Way, Places] = dict.fromkeys(ALL, on_paths or None)
    return reach.ledger.vouch(Claim(words, {**at, Way.ADMITS: None}, question))


def list_passed(reach: Reachability) -> frozenset[str]:
    """URNs of what requests pass or end at, whether or not they arrive, with the parts of APIs and balancers."""
    # The parts that make the calls of an API may be of types that are not read.
    passed = {api.resource.urn for api in reach.model.apis.all if not api.calls}
    for path in reach.inbound:
        resources = [hop.resource for hop in path.hops if hop.resource is not None]
        for resource in (*resources, *([path.backend] if path.backend is not None else [])):
            passed |= reach.vouching.list_parts(resource)
    return frozenset(passed)


def is_about_access(rule: str) -> bool:
    """Whether a rule is about calls, the network or rights."""
    return rule.partition("-")[0] in _ABOUT_ACCESS


@functools.cache
def load_falsifying() -> Mapping[str, tuple[str, ...]]:
    """By rule, or theme of rules, the effects that falsify it."""
    table = load_table_beside(__file__, "claims")
    rows = {name: tuple(ways.split()) for ways, names in table["falsified by"].items() for name in names.split()}
    return rows | {name: () for names in table["by nothing of others"].values() for name in names.split()}


def find_falsifying(rule: str) -> tuple[str, ...]:
    """The effects that falsify a rule which found nothing."""
    rows, theme = load_falsifying(), rule.partition("-")[0]
    if not {rule, theme} & rows.keys():
        raise LookupError(f"review/paths/claims.json lacks {theme}, or {rule}: add what can falsify the rule")
    return rows[rule] if rule in rows else rows[theme]


def vouch_for_rule(reach: Reachability, rule: str, kinds: tuple[str, ...]) -> Vouched | Withheld:
    """That a rule without a finding holds for resources of these types."""
    ways = find_falsifying(rule)
    at: dict[Way, Places] = {}
    if own := [Way[name.upper()] for name in ways if name.upper() in Way.__members__]:
        at |= dict.fromkeys(own, _list_judged(reach, rule, kinds))
    if _NETWORK in ways:
        at[Way.ADMITS] = None
    if _RIGHTS in ways:
        at[Way.GRANTS] = frozenset(role.urn for role in reach.model.graph.list_by_type(*types.ROLE))
    return reach.ledger.vouch(Claim(f"{rule} holds", at))


def _list_judged(reach: Reachability, rule: str, kinds: tuple[str, ...]) -> frozenset[str]:
    """URNs of the resources of the types that a rule looks at, with what decides about them."""
    judged = {part for each in reach.model.graph.list_by_type(*kinds) for part in reach.vouching.list_parts(each)}
    if rule.startswith("API-"):
        judged |= list_passed(reach)
    if rule == "API-01":
        closed = [api.resource for api in reach.model.apis.all if is_closed_by_firewalls(reach.model.graph, api)]
        judged = judged.union(*map(reach.vouching.list_acls, closed))
    return frozenset(judged)

"""What the ledger would have to say against a rule that found nothing."""

import functools
from collections.abc import Mapping
from typing import Final

from ..aws.catalog.tables import load_table_beside
from ..ledger.ledger import Claim, Places, Vouched, Withheld
from ..ledger.ways import Way
from ..reach import Reach

_ABOUT_ACCESS: Final = ("API", "NET", "LIVE")
"""Themes about calls and the network."""


def is_about_access(rule: str) -> bool:
    """Whether a rule is about calls or the network."""
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
        raise LookupError(f"review/rules/claims.json lacks {theme}, or {rule}: add what can falsify the rule")
    return rows[rule] if rule in rows else rows[theme]


def vouch_for_rule(reach: Reach, rule: str, kinds: tuple[str, ...]) -> Vouched | Withheld:
    """That a rule without a finding holds for resources of these types, with all that they declare."""
    judged: Places = None
    # Whether a call arrives rests on all that it passes.
    if kinds and not rule.startswith("LIVE-"):
        # Whether a call needs a signature rests on the forwarder that checks it.
        is_about_signatures = rule == "API-01"
        parts = [
            part
            for part in reach.statements.all
            if part.resource.type in kinds or (is_about_signatures and part.get("checks"))
        ]
        judged = frozenset[str]().union(*map(reach.statements.list_members, parts))
        judged |= frozenset(resource.urn for resource in reach.graph.list_by_type(*kinds))
    at: dict[Way, Places] = dict.fromkeys((Way[name.upper()] for name in find_falsifying(rule)), judged)
    return reach.ledger.vouch(Claim(f"{rule} holds", at))

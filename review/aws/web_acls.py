"""Web ACLs: whether one restricts who may call.

A rate limit, a managed rule group or a block of bad requests admits every caller who behaves.
https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-processing.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..graph import UNKNOWN, Graph, Resource
from ..graph.addresses import ANYWHERE, is_internet_wide
from ..graph.given import entries, held
from ..graph.reading import CannotTell, items, spread, text, within

_BY_CALLER: Final = ("ipSetReferenceStatement", "geoMatchStatement", "asnMatchStatement")
"""Statements about who calls, and not about what is sent."""
_IP_SET: Final = "aws:wafv2/ipSet:IpSet"


def restricts_callers(graph: Graph, acl: Resource) -> bool | None:
    """Whether callers are blocked unless a rule admits them. None if that is not known."""
    default, rules = held(acl, "defaultAction"), held(acl, "rules")
    if UNKNOWN in (default, rules) or held(acl, "ruleJson") is not None:
        return None
    sets = _IpSets(graph, acl)

    def matched_by(action: str) -> list[Any]:
        return [within(rule, "statement") for rule in items(rules) if within(rule, "action", action) is not None]

    try:
        if within(default, "block") is not None:
            # A rule without a statement matches callers of any kind.
            ranges = (cidr for one in matched_by("allow") for cidr in sets.ranges(one))
            return all(matched_by("allow")) and not is_internet_wide(ranges)
        return any(map(sets.keep_out, matched_by("block")))
    except CannotTell:
        return None


class _IpSets:
    """The address ranges that the statements of one web ACL match."""

    def __init__(self, graph: Graph, acl: Resource) -> None:
        self._graph = graph
        self._acl = acl

    def keep_out(self, statement: Any) -> bool:
        """Whether a statement matches all but the callers of its ranges or countries."""
        inverted = within(statement, "notStatement", "statement")
        return _is_by_caller(inverted) and not is_internet_wide(self.ranges(inverted))

    def ranges(self, statement: Any) -> Iterator[str]:
        """Ranges that a statement matches for certain. A country or a part of a request counts as no range."""
        if (reference := within(statement, "ipSetReferenceStatement")) is not None:
            yield from self._addresses(within(reference, "arn"))
        for one in spread(statement, "orStatement", "statements"):
            yield from self.ranges(one)
        if self.keep_out(statement):
            yield from ANYWHERE

    def _addresses(self, arn: Any) -> list[str]:
        """The ranges of an IP set. Raises CannotTell if the program does not hold them."""
        if arn is UNKNOWN:
            urns = self._acl.property_dependencies.get("rules", ())
            found = [hit for urn in urns if (hit := self._graph.resources.get(urn)) and hit.type == _IP_SET]
        else:
            found = [hit] if (hit := self._graph.find(arn, _IP_SET)) else []
        known = [entries(one, "addresses").every(unknown=None) for one in found]
        ranges = [text(cidr) for one in known for cidr in one or ()]
        # A dependency does not tell which of several sets a rule names.
        if not found or None in known or (arn is UNKNOWN and is_internet_wide(ranges)):
            raise CannotTell(f"the IP sets of {self._acl.name} are not in this stack")
        return ranges


def _is_by_caller(statement: Any) -> bool:
    found = items(statement)
    return any(isinstance(one, Mapping) and any(one.get(key) is not None for key in _BY_CALLER) for one in found)

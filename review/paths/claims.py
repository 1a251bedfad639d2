"""What a report would vouch for about all paths, and about what each rule looks at."""

from typing import Final

from ..aws.catalog import types
from ..ledger.ledger import Claim, Places, Vouched, Withheld
from ..ledger.ways import ALL, Way, Ways
from .anyone import is_closed_by_firewalls
from .path import SESSION, Kind, Path
from .reachability import Reachability

_C, _R, _A, _G = Way
_WAYS: Final[dict[str, Ways]] = {"API": frozenset({_C, _R}), "NET": frozenset({_A}), "IAM": frozenset({_G})}
"""What would falsify the rules of a theme: those about calls, about the network and about rights."""
_WITH_NETWORK: Final = frozenset((*types.COMPUTE, *types.LOAD_BALANCER, *types.ENDPOINT, *types.GROUP_RULES))
"""Types that a rule judges by the network around them."""


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


def may_be_withheld(rule: str) -> bool:
    """Whether a rule is about calls, the network or rights, so that an entry of the ledger can falsify it."""
    return _get_theme(rule) in _WAYS


def vouch_for_rule(reach: Reachability, rule: str, kinds: tuple[str, ...]) -> Vouched | Withheld:
    """That a rule without a finding holds for resources of these types."""
    theme = _get_theme(rule)
    at: Places = None
    if kinds and _WITH_NETWORK.isdisjoint(kinds):
        at = frozenset(
            part for each in reach.model.graph.list_by_type(*kinds) for part in reach.vouching.list_parts(each)
        )
    if theme == "API":
        at = (at or frozenset()) | list_passed(reach)
    if rule == "API-01":
        closed = [api.resource for api in reach.model.apis.all if is_closed_by_firewalls(reach.model.graph, api)]
        at = (at or frozenset()).union(*map(reach.vouching.list_acls, closed))
    return reach.ledger.vouch(Claim(f"{rule} holds", dict.fromkeys(_WAYS.get(theme, frozenset()), at)))


def _get_theme(rule: str) -> str:
    return rule.partition("-")[0]

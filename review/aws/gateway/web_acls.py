"""Web ACLs: whether one restricts who may call.

A rate limit, a managed rule group or a block of bad requests admits every caller who behaves.
https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-processing.html
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from ...facts import limits
from ...graph import UNKNOWN, Graph, Resource
from ...graph.addresses import ANYWHERE, is_internet_wide
from ...graph.answers import Truth, all_of, any_of
from ...graph.evidence import get_deployed_input, get_list
from ...graph.prose import join_names
from ...graph.reading import (
    Doubt,
    as_list,
    as_number,
    as_text,
    find_values,
    get_value,
    list_dependencies,
)
from .api import Firewall

_BY_CALLER: Final = {
    "ipSetReferenceStatement": "ipSetForwardedIpConfig",
    "geoMatchStatement": "forwardedIpConfig",
    "asnMatchStatement": "forwardedIpConfig",
}
"""Statements about who calls, each with the input that takes the address from a header, which the caller writes."""
_NESTED: Final = (
    ("andStatement", "statements"),
    ("orStatement", "statements"),
    ("notStatement", "statement"),
    ("rateBasedStatement", "scopeDownStatement"),
    ("managedRuleGroupStatement", "scopeDownStatement"),
)
"""Where a statement has others."""
_MINUTE: Final = 60
_WINDOW_SECONDS: Final = 300
"""The time over which WAF counts if a rule names none."""
_BLOCKING: Final = ("block", "captcha", "challenge")
_IP_SET: Final = "aws:wafv2/ipSet:IpSet"


def restricts_callers(graph: Graph, acl: Resource) -> Truth:
    """Whether callers are blocked unless a rule admits them. None if that is not known."""
    if not _are_known(acl):
        return None
    default, rules = get_deployed_input(acl, "defaultAction"), get_deployed_input(acl, "rules")
    undecided = any(map(_is_undecided, as_list(rules)))
    try:
        if get_value(default, "block") is None:
            blocking = [
                rule for rule in _list_rules(acl, "block") if _keeps_out(graph, acl, get_value(rule, "statement"))
            ]
            if any(not _may_admit_earlier(graph, acl, rule) for rule in blocking):
                return True
            return None if undecided or blocking else False
        admitted = _list_admitting(acl)
        # A rule without a statement matches callers of any kind.
        if not all(admitted) or is_internet_wide(cidr for rule in admitted for cidr in _list_ranges(graph, acl, rule)):
            return False
    except Doubt:
        return None
    # Which callers send a header or a path, or pass the rules of a group, is not known.
    in_groups = any(_is_group(get_value(rule, "statement")) for rule in as_list(rules))
    return None if undecided or in_groups or any(map(_is_about_the_request, admitted)) else True


def guards_every_stage(graph: Graph, firewalls: Iterable[Firewall]) -> Truth:
    """Whether each stage has a web ACL that blocks callers unless a rule admits them. None if that is not known."""
    return all_of(firewall.ask(partial(restricts_callers, graph)) for firewall in firewalls)


def describe_firewalls(graph: Graph, firewalls: Sequence[Firewall]) -> tuple[str, bool]:
    """Words for what the web ACLs of an API's stages block, and whether that is uncertain."""
    answers = [firewall.ask(blocks_requests) for firewall in firewalls]
    guarded = [
        as_text(get_deployed_input(firewall.stage, "stageName")) or firewall.stage.name for firewall in firewalls
    ]
    named = [stage for stage, answer in zip(guarded, answers, strict=True) if answer]
    on = f" on stage {join_names(named)}" if len(named) < len(firewalls) else ""
    blocking = (firewall.web_acl for firewall, answer in zip(firewalls, answers, strict=True) if answer)
    rules = dict.fromkeys(words for acl in blocking if acl is not None and (words := describe_rules(graph, acl)))
    return f"WAF{on}: {'; '.join(rules)}" if rules else "", None in answers


def describe_rules(graph: Graph, acl: Resource) -> str:
    """What a web ACL blocks: `blocks over 1,000 in 5 minutes by address`. Empty if no rule is proven to block."""
    blocks = get_value(get_deployed_input(acl, "defaultAction"), "block") is not None
    words = ["admits only what its rules allow"] if blocks else []
    groups: list[str] = []
    for rule in as_list(get_deployed_input(acl, "rules")):
        if rule is UNKNOWN or not _rule_blocks(rule) or _may_admit_earlier(graph, acl, rule):
            continue
        statement = get_value(rule, "statement")
        if _is_group(statement):
            groups.append(as_text(get_value(statement, "managedRuleGroupStatement", "name")) or "of its own")
        else:
            words.append(_describe_statement(rule, statement))
    return " and ".join([*dict.fromkeys(words), *([f"applies the rules {join_names(groups)}"] if groups else [])])


def _describe_statement(rule: Any, statement: Any) -> str:
    if (rate := get_value(statement, "rateBasedStatement")) is not None:
        limit, window = as_number(get_value(rate, "limit")), _read_window(rate)
        over = f"over {limit:,.0f}" if limit is not None else "over a limit"
        key = as_text(get_value(rate, "aggregateKeyType")) or "IP"
        by = "by address" if key == "IP" else "by forwarded address" if key == "FORWARDED_IP" else "by its keys"
        # A scope narrows the requests that are counted and blocked.
        of = "" if get_value(rate, "scopeDownStatement") is None else f" of what {_name_rule(rule)} matches"
        return f"blocks {over} in {window / _MINUTE:g} minutes {by}{of}"
    if (countries := as_list(get_value(statement, "geoMatchStatement", "countryCodes"))) and UNKNOWN not in countries:
        return f"blocks {join_names(map(str, countries))}"
    return f"blocks what {_name_rule(rule)} matches"


def _name_rule(rule: Any) -> str:
    return as_text(get_value(rule, "name")) or "a rule"


def _read_window(rate: Any) -> float:
    """https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""
    return as_number(get_value(rate, "evaluationWindowSec")) or _WINDOW_SECONDS


def _is_out_of_reach(statement: Any) -> bool:
    """Whether a rate limit is more than an account's APIs answer in its time, so that it blocks nobody."""
    rate = get_value(statement, "rateBasedStatement")
    limit = None if rate is None else as_number(get_value(rate, "limit"))
    return limit is not None and limit > limits.ACCOUNT_RATE * _read_window(rate)


def blocks_requests(acl: Resource) -> Truth:
    """Whether a web ACL blocks any request: by default, or by a rule that does more than count. None if not known."""
    if not _are_known(acl):
        return None
    if get_value(get_deployed_input(acl, "defaultAction"), "block") is not None:
        return True
    return any_of(map(_rule_blocks, as_list(get_deployed_input(acl, "rules"))))


def _rule_blocks(rule: Any) -> Truth:
    if _is_undecided(rule):
        return None
    if _is_out_of_reach(get_value(rule, "statement")):
        return False
    if not _is_group(get_value(rule, "statement")):
        return any(get_value(rule, "action", action) is not None for action in _BLOCKING)
    override = get_value(rule, "overrideAction")
    return None if override is UNKNOWN else get_value(override, "count") is None


def _are_known(acl: Resource) -> bool:
    """Whether all rules of a web ACL are known. One of another resource, `WebAclRule`, is not read."""
    parts = (get_deployed_input(acl, "defaultAction"), get_deployed_input(acl, "rules"))
    return UNKNOWN not in parts and get_deployed_input(acl, "ruleJson") is None


def _is_about_the_request(statement: Any) -> bool:
    """Whether callers of any kind match a statement by what they send."""
    parts = find_values(statement, "andStatement", "statements")
    if parts:
        return all(map(_is_about_the_request, parts))
    inner = [
        *find_values(statement, "orStatement", "statements"),
        *find_values(statement, "notStatement", "statement"),
    ]
    if inner:
        return any(map(_is_about_the_request, inner))
    return not _is_about_the_caller(statement)


def _is_about_the_caller(statement: Any) -> bool:
    """Whether a statement matches by the address from which the request came, and not by one that a header names."""
    parts = {kind: part for kind in _BY_CALLER if (part := get_value(statement, kind)) is not None}
    return any(get_value(part, _BY_CALLER[kind]) is None for kind, part in parts.items())


def list_admitted_ranges(graph: Graph, acl: Resource) -> tuple[str, ...]:
    """Ranges of the admitted callers, if it blocks all others and each rule that allows callers is an IP set."""
    admitted = _list_admitting(acl)
    by_set = all(get_value(statement, "ipSetReferenceStatement") is not None for statement in admitted)
    blocks = get_value(get_deployed_input(acl, "defaultAction"), "block") is not None
    if not (blocks and admitted and by_set and restricts_callers(graph, acl)):
        return ()
    return tuple(dict.fromkeys(cidr for statement in admitted for cidr in _list_ranges(graph, acl, statement)))


def admits_by_address_only(acl: Resource) -> bool:
    """Whether each of its rules allows callers, so that none blocks a part of them."""
    return all(get_value(rule, "action", "allow") is not None for rule in as_list(get_deployed_input(acl, "rules")))


def _may_admit_earlier(graph: Graph, acl: Resource, blocking: Any) -> bool:
    """Whether an earlier rule may admit callers of any kind, which ends the evaluation before a rule blocks them."""
    own = as_number(get_value(blocking, "priority"))
    for rule in as_list(get_deployed_input(acl, "rules")):
        place, statement = as_number(get_value(rule, "priority")), get_value(rule, "statement")
        is_later = place is not None and own is not None and place > own
        if rule is blocking or is_later or not _may_admit(rule):
            continue
        if _is_undecided(rule) or _is_group(statement) or _is_about_the_request(statement):
            return True
        if is_internet_wide(_list_ranges(graph, acl, statement)):
            return True
    return False


def _list_admitting(acl: Resource) -> list[Any]:
    """Statements of the rules that are known to allow."""
    return [get_value(rule, "statement") for rule in _list_rules(acl, "allow")]


def _list_rules(acl: Resource, action: str) -> list[Any]:
    """Rules that are known to have an action."""
    rules = (rule for rule in as_list(get_deployed_input(acl, "rules")) if rule is not UNKNOWN)
    return [rule for rule in rules if get_value(rule, "action", action) not in (None, UNKNOWN)]


def admits_nobody(acl: Resource) -> bool:
    """Whether every caller is blocked: by default, and no rule admits one."""
    default, rules = get_deployed_input(acl, "defaultAction"), get_deployed_input(acl, "rules")
    if not _are_known(acl) or get_value(default, "block") is None:
        return False
    # The rules of a group that another resource holds may admit some.
    return not any(_may_admit(rule) for rule in as_list(rules))


def _may_admit(rule: Any) -> bool:
    allows = get_value(rule, "action", "allow") is not None
    return _is_undecided(rule) or allows or _is_group(get_value(rule, "statement"))


def _is_undecided(rule: Any) -> bool:
    return UNKNOWN in (rule, get_value(rule, "action"), get_value(rule, "statement"))


def _is_group(statement: Any) -> bool:
    kinds = ("ruleGroupReferenceStatement", "managedRuleGroupStatement")
    return any(get_value(statement, kind) is not None for kind in kinds)


def list_managed_groups(acl: Resource) -> Iterator[str]:
    """The names of AWS's own rule groups that a web ACL applies."""
    statements = find_values(get_deployed_input(acl, "rules"), "statement")
    while statements:
        if (statement := statements.pop(0)) is UNKNOWN:
            continue  # all that is in it is unknown, without end
        group = get_value(statement, "managedRuleGroupStatement")
        if get_value(group, "vendorName") == "AWS":
            yield as_text(get_value(group, "name"))
        statements += [inner for path in _NESTED for inner in find_values(statement, *path)]


def _keeps_out(graph: Graph, acl: Resource, statement: Any) -> bool:
    """Whether a statement matches all but the callers of its ranges or countries."""
    inverted = get_value(statement, "notStatement", "statement")
    return any(map(_is_about_the_caller, as_list(inverted))) and not is_internet_wide(
        _list_ranges(graph, acl, inverted)
    )


def _list_ranges(graph: Graph, acl: Resource, statement: Any) -> Iterator[str]:
    """Ranges that a statement matches for certain. A country or a part of a request counts as no range."""
    if (reference := get_value(statement, "ipSetReferenceStatement")) is not None:
        yield from _list_addresses(graph, acl, get_value(reference, "arn"))
    for part in find_values(statement, "orStatement", "statements"):
        yield from _list_ranges(graph, acl, part)
    if _keeps_out(graph, acl, statement):
        yield from ANYWHERE


def _list_addresses(graph: Graph, acl: Resource, arn: Any) -> list[str]:
    """The ranges of an IP set. Raises Doubt if the program does not hold them."""
    if arn is UNKNOWN:
        resources = list_dependencies(graph, acl, "rules", (_IP_SET,))
    else:
        resources = [*filter(None, [graph.find(arn, _IP_SET)])]
    sets = [get_list(resource, "addresses") for resource in resources]
    ranges = [as_text(cidr) for addresses in sets for cidr in addresses.known]
    are_known = bool(sets) and all(addresses.is_complete for addresses in sets)
    # A dependency does not tell which of several sets a rule names.
    if not are_known or (arn is UNKNOWN and is_internet_wide(ranges)):
        raise Doubt(f"the IP sets of {acl.name} are not in this stack")
    return ranges

"""An order on callers: whether a call admits more, fewer or other callers than before, decided on what is stated.

A call needs all of its needs, and one that is absent admits everybody. A need that lists members (scopes, accounts,
pools, keys, endpoints) asks for one of them, so that another member admits more callers, and so does to take out the
last one, which leaves no need.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from .address_spans import are_covered, has_everywhere, list_admitted_spans

Needs = Mapping[str, Any]


class Order(StrEnum):
    """How the callers after a change relate to those before."""

    EQUAL = "equal"
    MORE = "more"
    FEWER = "fewer"
    OTHER = "other"
    UNKNOWN = "unknown"


_OPPOSITE: Final = {Order.MORE: Order.FEWER, Order.FEWER: Order.MORE}


def reverse(order: Order) -> Order:
    """Returns the order of the opposite change."""
    return _OPPOSITE.get(order, order)


def combine(orders: Iterable[Order]) -> Order:
    """Returns the order of a conjunction of independent needs. Other callers stay others beside an unknown need."""
    found = {*orders} - {Order.EQUAL}
    if Order.OTHER in found or {Order.MORE, Order.FEWER} <= found:
        return Order.OTHER
    if Order.UNKNOWN in found:
        return Order.UNKNOWN
    return next(iter(found), Order.EQUAL)


@dataclass(frozen=True)
class Change:
    """One need that differs: the order of its callers, and the members that came and went."""

    need: str
    order: Order
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


def compare(before: Needs | None, after: Needs | None) -> Order:
    """Returns how the callers of one call after a change relate to those before. None: nobody may make it."""
    return combine(change.order for change in list_changes(before, after))


def list_changes(before: Needs | None, after: Needs | None) -> list[Change]:
    """Returns the needs that differ. A call that only one of both has, or that admits nobody, is the need `call`."""
    nobody = [needs is None or admits_nobody(needs) for needs in (before, after)]
    if all(nobody):
        return []
    if any(nobody):
        return [Change("call", Order.MORE if nobody[0] else Order.FEWER)]
    assert before is not None, "nobody"
    assert after is not None, "nobody"
    changes = [
        *_compare_callers(before.get("caller") or {}, after.get("caller") or {}),
        _compare_optional("key", before.get("keys"), after.get("keys"), _compare_keys),
        _compare_addresses(before, after),
        _compare_optional("entry", _list_entries(before), _list_entries(after), compare_members),
        _compare_optional("certificate", before.get("certificate"), after.get("certificate"), _compare_certificates),
        _compare_optional("signature", before.get("signature"), after.get("signature"), _compare_signatures),
        _compare_optional("firewall", before.get("firewall"), after.get("firewall"), _compare_firewalls),
    ]
    return [change for change in changes if change.order is not Order.EQUAL]


def is_open(needs: Needs) -> bool:
    """Whether anyone may call: a firewall refuses bad requests and too many, and no one in particular.

    Lists that admit every address are no restriction.
    """
    asked = ("caller", "keys", "through", "certificate", "signature")
    return has_everywhere(needs) and not any(key in needs and (needs[key] or key == "keys") for key in asked)


def admits_nobody(needs: Needs) -> bool:
    """Whether no caller has all that a call needs."""
    return not list_admitted_spans(needs) or ("keys" in needs and not needs["keys"])


def compare_members(need: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """Compares sets of alternatives, of which a caller needs one."""
    went = tuple(key for key in before if key not in after or before[key] != after[key])
    came = tuple(key for key in after if key not in before or before[key] != after[key])
    unknown = [each for each in (*before.values(), *after.values()) if is_unknown(each)]
    # A text may be the ID of the resource that the other version names.
    forms = {isinstance(before[key], Mapping) for key in went} | {isinstance(after[key], Mapping) for key in came}
    if unknown or (went and came and len(forms) > 1):
        return Change(need, Order.UNKNOWN, came, went)
    order = Order.OTHER if went and came else Order.FEWER if went else Order.MORE if came else Order.EQUAL
    return Change(need, order, came, went)


def compare_references(need: str, before: Any, after: Any) -> Change:
    """Compares two references: equal, other, or unknown if one may be the other in another form."""
    texts = (_describe(after),), (_describe(before),)
    if is_unknown(before) or is_unknown(after):
        return Change(need, Order.UNKNOWN, *texts)
    if before == after:
        return Change(need, Order.EQUAL)
    is_same_form = isinstance(before, Mapping) == isinstance(after, Mapping)
    return Change(need, Order.OTHER if is_same_form else Order.UNKNOWN, *texts)


def is_unknown(reference: Any) -> bool:
    """Whether nothing is known of what a reference names. Two secrets may be equal or not."""
    return isinstance(reference, Mapping) and bool({"unknown", "secret"} & reference.keys())


def _describe(reference: Any) -> str:
    if isinstance(reference, Mapping):
        return " or ".join(urn.rpartition("::")[2] for urn in reference.get("of", ())) or next(iter(reference), "")
    return str(reference)


def _compare_optional(need: str, before: Any, after: Any, compare_both: Any) -> Change:
    """Compares a need that may be absent, which admits everybody."""
    if before is None and after is None:
        return Change(need, Order.EQUAL)
    if before is None or after is None:
        members = tuple(before or after) if isinstance(before or after, Mapping) else ()
        return Change(need, Order.MORE, (), members) if after is None else Change(need, Order.FEWER, members)
    change: Change = compare_both(need, before, after)
    return change


def _compare_callers(before: Needs, after: Needs) -> Iterator[Change]:
    if not before and not after:
        return
    if before.keys() != after.keys():
        order = Order.FEWER if not before else Order.MORE if not after else Order.OTHER
        yield Change("caller", order, tuple(after), tuple(before))
        return
    [(kind, one)], [(_, two)] = before.items(), after.items()
    match kind:
        case "iam":
            yield compare_members("account", _list_accounts(one), _list_accounts(two))
        case "lambda":
            # Only the function knows whom it admits.
            order = Order.EQUAL if one == two and not is_unknown(one.get("function")) else Order.UNKNOWN
            yield Change("authorizer", order, (_describe(two.get("function")),), (_describe(one.get("function")),))
        case _:
            yield from _compare_tokens(kind, one, two)


def _compare_tokens(kind: str, before: Needs, after: Needs) -> Iterator[Change]:
    if "issuer" in before or "issuer" in after:
        yield compare_references("issuer", before.get("issuer"), after.get("issuer"))
    for need, key in (("audience", "audiences"), ("pool", "pools")):
        yield compare_members(need, before.get(key, {}), after.get(key, {}))
    scope = _compare_optional("scope", before.get("scopes"), after.get("scopes"), compare_members)
    # With scopes a method takes access tokens of Cognito, and without scopes ID tokens.
    is_other_token = kind == "cognito" and ("scopes" in before) != ("scopes" in after)
    yield replace(scope, order=Order.OTHER) if is_other_token else scope
    headers = [part.get("headers", {}) for part in (before, after)]
    if headers[0] != headers[1]:
        yield Change("header", Order.OTHER, tuple(headers[1]), tuple(headers[0]))


def _list_accounts(iam: Needs) -> dict[str, Any]:
    return {**iam.get("accounts", {}), **iam.get("otherAccounts", {})}


def _list_entries(needs: Needs) -> dict[str, Any] | None:
    """Endpoints and VPCs of a private API, of which a call comes through one."""
    through = needs.get("through")
    if through is None:
        return None
    endpoints = {f"endpoint {key}": part for key, part in through.get("endpoints", {}).items()}
    return endpoints | {f"VPC {key}": part for key, part in through.get("vpcs", {}).items()}


def _compare_keys(need: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """A key keeps its value under another name if it says so."""
    renamed = {former: name for name, key in after.items() if (former := _read_former(key)) and former in before}
    kept = {renamed.get(name, name): True for name in before}
    return compare_members(need, kept, dict.fromkeys(after, True))


def _read_former(key: Any) -> str | None:
    return key.get("formerly") if isinstance(key, Mapping) else None


def _compare_addresses(before: Needs, after: Needs) -> Change:
    one, two = list_admitted_spans(before), list_admitted_spans(after)
    more, fewer = not are_covered(two, one), not are_covered(one, two)
    order = Order.OTHER if more and fewer else Order.MORE if more else Order.FEWER if fewer else Order.EQUAL
    lists = [_list_ranges(needs) for needs in (before, after)]
    came, went = ([each for each in lists[at] if each not in lists[1 - at]] for at in (1, 0))
    return Change("address", order, tuple(came), tuple(went))


def _list_ranges(needs: Needs) -> list[str]:
    admitted = [cidr for ranges in needs.get("addresses", {}).values() for cidr in ranges]
    return [*dict.fromkeys(admitted), *(f"not {cidr}" for cidr in needs.get("notAddresses", {}))]


def _compare_certificates(need: str, before: Needs, after: Needs) -> Change:
    """Whose certificates another object, or another version of it, accepts is in the object."""
    change = compare_references(need, before.get("truststore"), after.get("truststore"))
    if change.order is Order.EQUAL and before != after:
        versions = [str(part.get("version", "newest")) for part in (before, after)]
        return Change(need, Order.UNKNOWN, (f"version {versions[1]}",), (f"version {versions[0]}",))
    return Change(need, Order.UNKNOWN, change.came, change.went) if change.order is Order.OTHER else change


def _compare_signatures(need: str, before: Needs, after: Needs) -> Change:
    """Another form of signature has other senders; an older signature and a second secret admit more."""
    loose = ("toleranceSeconds", "previousSecret")
    forms = [{key: part for key, part in side.items() if key not in loose} for side in (before, after)]
    came, went = (
        [f"{key} {side[key]}" for key in side if side[key] != other.get(key)]
        for side, other in ((after, before), (before, after))
    )
    orders = [
        Order.EQUAL if forms[0] == forms[1] else Order.OTHER,
        _compare_amounts(before.get("toleranceSeconds"), after.get("toleranceSeconds")),
        _compare_amounts(int("previousSecret" in before), int("previousSecret" in after)),
    ]
    return Change(need, combine(orders), tuple(came), tuple(went))


def _compare_firewalls(need: str, before: Needs, after: Needs) -> Change:
    """Fewer rules, a higher limit, and more ranges that no rule blocks admit more."""
    rules = compare_members(need, before.get("rules", {}), after.get("rules", {}))
    allowed = compare_members(need, before.get("allow", {}), after.get("allow", {}))
    orders = [
        reverse(rules.order),
        allowed.order,
        _compare_amounts(before.get("requestsPerFiveMinutes"), after.get("requestsPerFiveMinutes")),
        _compare_amounts(int("largeBodies" in before), int("largeBodies" in after)),
    ]
    limits = [f"{side.get('requestsPerFiveMinutes')} in 5 minutes" for side in (before, after)]
    changed = limits[0] != limits[1]
    came = (*rules.came, *allowed.came, *limits[1:][: int(changed)])
    went = (*rules.went, *allowed.went, *limits[:1][: int(changed)])
    return Change(need, combine(orders), came, went)


def _compare_amounts(before: Any, after: Any) -> Order:
    if before == after and not is_unknown(before):
        return Order.EQUAL
    if not isinstance(before, int | float) or not isinstance(after, int | float):
        return Order.UNKNOWN
    return Order.MORE if after > before else Order.FEWER

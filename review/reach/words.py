"""Needs in the words of a report: the first three members of each, or all of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..facts.address_lists import ADDRESS_LISTS
from ..graph.prose import join_names

_SHOWN: Final = 3
_LISTS: Final = {"github-hooks": "GitHub's ranges"}
"""Published lists, in words."""
Name = Callable[[Any], str]
"""What a reference names."""


@dataclass(frozen=True)
class Words:
    """A need in words, short and in full."""

    short: str
    full: str

    @classmethod
    def same(cls, text: str) -> "Words":
        return cls(text, text)


def describe_needs(needs: Mapping[str, Any], rate: str, name: Name) -> list[Words]:
    """The needs of a call, in the order in which API Gateway asks for them. `rate` stands behind the key."""
    words = [*_describe_caller(needs.get("caller") or {}, name)]
    if "keys" in needs:
        words.append(_list("key", needs["keys"]) if needs["keys"] else Words.same("a key, which no plan has"))
    words += [Words.same(rate)] if rate else []
    for ranges in needs.get("addresses", {}).values():
        words.append(_describe_ranges(ranges))
    if denied := needs.get("notAddresses"):
        ranges = _describe_ranges(denied)
        words.append(Words(f"not {ranges.short}", f"not {ranges.full}"))
    if through := needs.get("through"):
        words.append(_describe_entries(through, name))
    if firewall := needs.get("firewall"):
        words.append(_describe_firewall(firewall, name))
    if "certificate" in needs:
        words.append(Words.same("client certificate"))
    return words


def describe_signature(checks: Mapping[str, Any]) -> Words:
    """The check of a forwarder."""
    scheme = str(checks.get("scheme", ""))
    return Words("signature", f"signature of {scheme}" if scheme else "signature")


def _describe_caller(caller: Mapping[str, Any], name: Name) -> Iterable[Words]:
    for kind, wanted in caller.items():
        match kind:
            case "iam":
                others = _name_members(wanted.get("otherAccounts", {}), name)
                yield _join("IAM", (" of this account and ", others, " and ")) if others else Words.same("IAM")
            case "jwt":
                audiences, scopes = (_name_members(wanted.get(key, {}), name) for key in ("audiences", "scopes"))
                begin = f"JWT of {name(wanted.get('issuer'))}"
                yield _join(begin, (" for ", audiences, " or "), (" with ", scopes, " or "))
            case "cognito":
                pools, scopes = (_name_members(wanted.get(key, {}), name) for key in ("pools", "scopes"))
                yield _join("Cognito", (" of ", pools, " or "), (" with ", scopes, " or "))
            case _:
                yield Words.same(f"authorizer {name(wanted.get('function'))}")


def _name_members(members: Mapping[str, Any], name: Name) -> list[str]:
    return [key if part is True else name(part) for key, part in members.items()]


def _join(begin: str, *lists: tuple[str, list[str], str]) -> Words:
    """Lists of members, each behind its words and with what stands between the last two."""
    short = full = begin
    for before, members, between in lists:
        if members:
            short += before + _fold(members, between)
            full += before + between.join(members)
    return Words(short, full)


def _fold(members: list[str], between: str) -> str:
    shown = between.join(members[:_SHOWN])
    return f"{shown} and {len(members) - _SHOWN} more" if len(members) > _SHOWN else shown


def _list(what: str, members: Iterable[str]) -> Words:
    return _join(what, (" ", [*members], " or "))


def _describe_ranges(ranges: Mapping[str, Any]) -> Words:
    listed = [*ranges]
    for key, words in _LISTS.items():
        if {*listed} == {*ADDRESS_LISTS[key].ranges}:
            return Words(words, f"{words} {join_names(listed)}")
    return Words(join_names(listed) if len(listed) <= _SHOWN else f"{len(listed)} ranges", join_names(listed))


def _describe_entries(through: Mapping[str, Any], name: Name) -> Words:
    named = _name_members(through.get("endpoints", {}), name)
    named += [f"endpoints in {vpc}" for vpc in _name_members(through.get("vpcs", {}), name)]
    return _join("only through", (" ", named, " or "))


def _describe_firewall(firewall: Mapping[str, Any], name: Name) -> Words:
    limit = firewall.get("requestsPerFiveMinutes")
    shown = f"{limit:,}" if isinstance(limit, int | float) else name(limit)
    text = f"WAF: blocks over {shown} in 5 minutes by address"
    if rules := [*firewall.get("rules", {})]:
        text += f" and applies the rules {join_names(rules)}"
    if "largeBodies" in firewall:
        text += ", passes large bodies"
    if allowed := [*firewall.get("allow", {})]:
        text += f", none of it for {join_names(allowed)}"
    return Words.same(text)

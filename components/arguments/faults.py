"""A mistake in a component's arguments, as data: the component reports it, and the settings under their own key."""

import dataclasses
import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..facts import limits


class Fault(NamedTuple):
    """One mistake."""

    key: str
    """`routes[0].scopes`, as components spell it."""
    got: object
    allowed: str
    remedy: str = ""


Unused = Mapping[str, tuple[str, str]]
"""Arguments that nothing reads, each with what is allowed and the remedy."""


def find_unused(arguments: Any, unused: Unused, in_file: Collection[str] | None = None) -> Iterator[Fault]:
    """Yields those of `unused` that have another value than their default.

    With `in_file`, it yields instead those of `in_file` that have the value of their default, which only a stack file
    can see. False is no mistake there: it says that there is nothing.
    """
    for key, (allowed, remedy) in unused.items():
        value = getattr(arguments, key)
        is_default = _is_default(arguments, key)
        if value and (not is_default if in_file is None else is_default and key in in_file):
            yield Fault(key, _show(value), allowed, remedy)


def _is_default(arguments: Any, key: str) -> bool:
    return any(one.name == key and getattr(arguments, key) == one.default for one in dataclasses.fields(arguments))


def _show(value: object) -> object:
    if isinstance(value, str | int):
        return value
    names = list(value) if isinstance(value, Mapping | Sequence) else []
    return ", ".join(names) if names and all(isinstance(one, str) for one in names) else "set"


def find_repeated_variables(environment: Mapping[str, object], secrets: Mapping[str, object]) -> Iterator[Fault]:
    """Yields variables that are in both."""
    for name in sorted(environment.keys() & secrets.keys()):
        yield Fault(f"secrets.{name}", "set", "a variable in environment or in secrets, not in both", "rename one")


def make_quota_fault(key: str, got: int, quota: str, most: int) -> Fault:
    """Returns the mistake of a number that exceeds AWS's quota."""
    return Fault(key, got, f"{most} at most: AWS's quota “{quota}”", "take some out")


def find_rule_faults(key: str, peers: Iterable[str]) -> Iterator[Fault]:
    """Yields more peers than a security group has rules: ranges, and an empty text for each group or prefix list.

    A group or a list counts for both versions of IP. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    """
    listed = [*peers]
    count = max(sum(not peer or (":" in peer) is is_ipv6 for peer in listed) for is_ipv6 in (True, False))
    if count > limits.SECURITY_GROUP_RULES:
        yield make_quota_fault(key, count, "Inbound or outbound rules per security group", limits.SECURITY_GROUP_RULES)


def find_nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Returns the one of `known` that is most like `word`, in whatever case. Empty if none is."""
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else ""


def did_you_mean(got: object, known: Iterable[object]) -> str:
    """A remedy that names the value most like `got`. Empty if none is."""
    names = [str(name) for name in known]
    near = find_nearest(str(got), names)
    longer = [name for name in names if str(got) and name.startswith(f"{got}-")]
    return f"did you mean {near or ' or '.join(longer)}?" if near or longer else ""

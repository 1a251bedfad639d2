"""A mistake in a component's arguments, as data: the component reports it, and the settings under their own key."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Fault(NamedTuple):
    """One mistake."""

    key: str
    """`routes[0].scopes`, as components spell it."""
    got: object
    allowed: str
    remedy: str = ""


def find_repeated_variables(environment: Mapping[str, object], secrets: Mapping[str, object]) -> Iterator[Fault]:
    """Yields variables that are in both."""
    for name in sorted(environment.keys() & secrets.keys()):
        yield Fault(f"secrets.{name}", "set", "a variable in environment or in secrets, not in both", "rename one")


def make_quota_fault(key: str, got: int, quota: str, most: int) -> Fault:
    """Returns the mistake of a number that exceeds AWS's quota."""
    return Fault(key, got, f"{most} at most: AWS's quota “{quota}”", "take some out")


def find_nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Returns the one of `known` that is most like `word`, in whatever case. Empty if none is."""
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else ""


def did_you_mean(got: object, known: Iterable[object], cutoff: float = 0.6) -> str:
    """A remedy that names the value most like `got`. Empty if none is."""
    names = [str(name) for name in known]
    near = find_nearest(str(got), names, cutoff)
    longer = [name for name in names if str(got) and name.startswith(f"{got}-")]
    return f"did you mean {near or ' or '.join(longer)}?" if near or longer else ""

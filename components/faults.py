"""A mistake in a component's arguments, as data: the component reports it, and the settings under their own key."""

from typing import NamedTuple


class Fault(NamedTuple):
    """One mistake."""

    key: str
    """`routes[0].scopes`, as components spell it."""
    got: object
    allowed: str
    remedy: str = ""

"""Things that exist already and that a stack uses: nobody can know from the program who else calls them."""

from collections.abc import Iterator
from typing import Final

from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from .statements import Statements

_WORDS: Final = {
    "load balancer": "other callers of an existing load balancer ({}) are not known",
    "VPC link": "other callers by an existing VPC link ({}) are not known",
    "VPC endpoint": "who can call an existing VPC endpoint ({}) is not known",
    "VPC": "what else runs in an existing VPC ({}) is not known",
}


def list_unseen_callers(statements: Statements) -> list[str]:
    """Returns a sentence for each kind of thing that the stack adopts, with the names of all."""
    found = group_pairs(dict.fromkeys(_list_adopted(statements)))
    return [sentence.format(abbreviate_names(found[kind])) for kind, sentence in _WORDS.items() if kind in found]


def _list_adopted(statements: Statements) -> Iterator[tuple[str, str]]:
    for part in statements.list_of("ExistingIngress"):
        yield "load balancer", _shorten(statements.name(part.get("listener")))
        if part.get("link") != "own":
            yield "VPC link", statements.name(part.get("link"))
    for part in statements.list_of("PrivateApiEndpoint"):
        if part.get("admits") == "unknown":
            yield "VPC endpoint", statements.name(part.get("endpoint"))
    for part in statements.list_of("PrivateNetwork"):
        if part.get("routes") == "unknown":
            yield "VPC", statements.name(part.get("vpc"))
    for api in statements.list_of("ApiFront"):
        for way in api.get_map("ways").values():
            through = way.get("needs", {}).get("through", {})
            yield from (("VPC endpoint", key) for key, part in through.get("endpoints", {}).items() if part is True)
            yield from (("VPC", key) for key, part in through.get("vpcs", {}).items() if part is True)


def _shorten(listener: str) -> str:
    """The name of the load balancer in the ARN of its listener."""
    parts = listener.split("/")
    return parts[2] if len(parts) > 3 else listener

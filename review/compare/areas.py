"""Areas of the resource types, and inputs whose change decides about no data, call, rule or cost.

`areas.json` has the topic of each type that the review reads. `inert.json` has, by the reason, inputs of types (`*` for
all) that no heading needs. `added`, `deleted` and `replaced` stand for what happens to a whole resource.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..aws.catalog.catalog import is_harmless, make_token, normalize_token
from ..aws.catalog.tables import load_table_beside
from ..aws.gateway import function_callers
from ..graph import Graph, list_texts
from .lines import Topic
from .replacements import strip_members

_TOPICS: Final[Mapping[str, Topic]] = {
    make_token(name): Topic[topic]
    for topic, names in load_table_beside(__file__, "areas").items()
    for name in names.split()
}
INERT: Final[Mapping[str, Mapping[str, str]]] = load_table_beside(__file__, "inert")
"""Names of inputs by the reason, then by the type's class in the SDK."""
_GIVES_RIGHTS: Final = re.compile(r"^aws:iam/|(Policy|PolicyAttachment|Permission|Grant|PublicAccessBlock)$")
"""Types that only give or take rights, by their names."""
_DECIDING_PACKAGES: Final = frozenset(
    ("auth0", "docker", "docker-build", "github", "gitlab", "okta", "pulumiservice", "random", "tls")
)
"""Packages that change no answer of a report, and make passwords, keys, images and accounts that others use."""
_LABELS: Final = ("tags", "tagsAll")
_TAGS_READ: Final = ("ResourceTag/", "PrincipalTag/", "RequestTag/")


def find_topic(token: str) -> Topic:
    """The topic of a type, by its place around the API."""
    fallback = Topic.PERMISSIONS if _GIVES_RIGHTS.search(token) else Topic.NOT_READ
    return _TOPICS.get(normalize_token(token), Topic.CALLING if token in function_callers.READ else fallback)


@functools.cache
def _list_inert_inputs(token: str) -> frozenset[str]:
    found: set[str] = set()
    for rows in INERT.values():
        for name, inputs in rows.items():
            if name == "*" or make_token(name) == token:
                found.update(inputs.split())
    return frozenset(found)


class Inert:
    """Whether an input decides about no data, call, rule or cost, in two versions of a stack."""

    def __init__(self, graphs: Iterable[Graph]) -> None:
        self._graphs = tuple(graphs)

    def has(self, token: str, name: str) -> bool:
        """Whether an input of a type, by its dotted name, is inert. `added` and the like are names as well."""
        decides = token.partition(":")[0] in _DECIDING_PACKAGES or normalize_token(token) in _TOPICS
        if is_harmless(token) and not decides:
            return True
        # The table has the option `aliases` as `option-aliases`.
        plain = f"{strip_members(name).replace('option ', 'option-')}."
        inputs = _list_inert_inputs(normalize_token(token))
        if "*" in inputs:
            return True
        found = next((inert for inert in inputs if plain.startswith(f"{inert}.")), "")
        return bool(found) and not (found in _LABELS and self._reads_tags)

    @functools.cached_property
    def _reads_tags(self) -> bool:
        """Whether a policy has a condition on tags, so that a label decides about access."""
        inputs: list[Any] = [resource.inputs for graph in self._graphs for resource in graph if resource.custom]
        return any(word in text for text in list_texts(inputs) for word in _TAGS_READ)

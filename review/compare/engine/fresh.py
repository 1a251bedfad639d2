"""Outputs that get new values in a change, and the inputs that use them.

The review makes values up from names, so a replaced resource would keep its ID, and resources that use the ID would not
change. Here it gets new values, and the resources that use them are compared again.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from ...aws.catalog.catalog import row
from ...aws.catalog.row import Shape
from ...aws.catalog.tables import table
from ...evaluate.mocks.template import PLACE
from ...graph import Resource, revealed, texts
from ...graph.prose import RENEWED
from .side import Changed, each_leaf, each_text

_SHORTEST: Final = 4
_RANDOM: Final = re.compile(r"[xX]\d+")
DIGEST: Final = re.compile(r"\b[0-9a-f]{32,128}\b")
_TABLE: Final = table("documented_replacements")
"""By type: `renewsInPlace` has inputs whose change in place renews outputs, none for any, and these; `renewsReplaced`
outputs that a replacement renews though they are made up of inputs: a task definition has another revision.
"""


def renewed(change: Changed) -> dict[str, str]:
    """Texts of the second graph that get new values, each with a marked text for the new value."""
    resource = change.resource
    if not change.replacing:
        by, keys = _TABLE["renewsInPlace"].get(resource.type, ((), ()))
        renews = change.inputs & {*by} if by else change.properties
        values = {str(resource.state[key]) for key in keys if renews and key in resource.state}
    else:
        shape = {**table("outputs").get(resource.type, {}), **(row(resource.type).mock or {})}
        written = set(texts(resource.inputs))
        values = {
            value
            for key, value in revealed(resource.state).items()
            if is_distinct(value) and value not in written
            if key in _TABLE["renewsReplaced"].get(resource.type, ()) or _is_new(key, shape, resource.inputs)
        }
    return {text: f"{text}{RENEWED}" for text in values}


def is_distinct(value: Any) -> bool:
    """Whether a value can be found in others: a text that is not too short."""
    return isinstance(value, str) and len(value) >= _SHORTEST


def _is_new(key: str, shape: Shape, inputs: Mapping[str, Any]) -> bool:
    """Whether an output differs after a replacement. It does not if it depends only on inputs."""
    template = shape.get(key)
    if not isinstance(template, str):
        return template is None
    return any(
        _RANDOM.fullmatch(place)
        or (place == "name" and "name" not in inputs)
        or (place in shape and place not in (key, "name") and _is_new(place, shape, inputs))
        for place, _ in PLACE.findall(template)
    )


def with_new_values(resource: Resource, new: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The inputs with the new values; `new` has the texts by the URN of the resource whose outputs they are.

    Only where the program passed an output of it on: equal texts of other origin stay.
    """
    inputs: dict[str, Any] = {}
    for key, value in resource.inputs.items():
        sources = [urn for urn in resource.property_dependencies.get(key, ()) if urn in new]
        renewals = {text: other for urn in sources for text, other in new[urn].items()}
        inputs[key] = each_leaf(value, partial(_replaced, renewals)) if renewals else value
        if renewals and inputs[key] == value:
            # A digest of something that holds the new value is another one as well.
            inputs[key] = each_text(value, partial(DIGEST.sub, rf"\g<0>{RENEWED}"))
    return inputs


def _replaced(renewals: Mapping[str, str], value: Any) -> Any:
    if isinstance(value, str):
        longest_first = sorted(map(re.escape, renewals), key=len, reverse=True)
        return re.sub(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", lambda hit: renewals[hit[0]], value)
    return renewals.get(str(value), value) if isinstance(value, int) and not isinstance(value, bool) else value

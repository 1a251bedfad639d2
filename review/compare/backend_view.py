"""Differences that a backend sees after a change, though the caller sends the same: the path, and who hands it on."""

import re
from collections import defaultdict
from collections.abc import Iterator

from ..aws.api import Call
from ..graph.prose import listed
from ..graph.reading import peek, text, within
from ..reach.path import Kind
from .side import Side

_FORWARDS, _STRIPPED = "BACKEND_URL", "STRIP_PREFIX"
"""Variables of the forwarding function: where it sends calls to, and the part of the path that it takes off."""


def seen_differently(before: Side, after: Side) -> Iterator[str]:
    """Sentences; of paths and hands that are not known on both sides, none."""
    old, new = _paths(before), _paths(after)
    moved = [(call, old[call], path) for call, path in new.items() if call in old and old[call] != path]
    if moved:
        call, was, now = moved[0]
        more = f", and {len(moved) - 1} more calls other than before" if len(moved) > 1 else ""
        yield f"the path of {call} as {now}, before as {was}{more}"
    hands, others = _hands(before), _hands(after)
    for target, names in others.items():
        if target in hands and hands[target] != names:
            now, was = listed(sorted(names)), listed(sorted(hands[target]))
            yield f"calls to {target} from {now}, before from {was}: Host and X-Forwarded headers may differ"


def _paths(side: Side) -> dict[str, str]:
    """The path that the target sees, by call, if it is known."""
    found = {call.name: _path(call) for api in side.reach.model.apis.all for call in api.calls}
    return {name: path.replace("+}", "}") for name, path in found.items() if path}


def _path(call: Call) -> str:
    integration = call.integration
    if integration.function is not None:
        variables = within(integration.function.inputs, "environment", "variables")
        # The review does not know what a function of another project does with the path.
        if not isinstance(variables, dict) or _FORWARDS not in variables:
            return ""
        prefix = text(variables.get(_STRIPPED))
        inside = prefix and f"{call.path}/".startswith(f"{prefix}/")
        return (call.path.removeprefix(prefix) or "/") if inside else call.path
    written = text(within(peek(integration.resource, "requestParameters"), "overwrite:path"))
    if written:
        return call.path if written == "$request.path" else re.sub(r"\$request\.path\.(\w+)", r"{\1}", written)
    _, scheme, rest = text(integration.uri).partition("://")
    return "/" + rest.partition("/")[2] if scheme else ""


def _hands(side: Side) -> dict[str, set[str]]:
    """Names of what calls a target last, by target."""
    found: dict[str, set[str]] = defaultdict(set)
    for way in side.reach.paths:
        names = [hop.name for hop in way.hops if hop.name and hop.name != way.target]
        if way.open and way.kind is Kind.INBOUND and names:
            found[way.target].add(names[-1])
    return found

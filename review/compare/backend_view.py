"""Differences that a backend sees after a change, though the caller sends the same: the path, and who hands it on."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..aws.compute.functions import environment
from ..aws.gateway.api import Call
from ..aws.gateway.matching import DEFAULT
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import count, few, listed
from ..graph.reading import mapping, peek, text, within
from ..reach.path import Kind
from .callers.demands import METHODS, sampled
from .engine.side import Side, key_of, lasting

_JUDGED: Final = table("interruptions")["forwarder"]
"""Variables of the forwarding function that are judged by themselves: the first two are where it sends calls to, and
the part of the path that it takes off."""
_FORWARDS, _STRIPPED = _JUDGED[:2]


def seen_differently(before: Side, after: Side, renamed: Mapping[str, str]) -> Iterator[str]:
    """Sentences; of paths and hands that are not known on both sides, none. `renamed` has names before, by URN."""
    old, new = (
        {(key_of(api.resource.urn), call.name): call for api in side.reach.model.apis.all for call in api.calls}
        for side in (before, after)
    )
    both = [(old[key], call) for key, call in new.items() if key in old]
    paths = [(call.name, *(_path(call).replace("+}", "}") for call in (call, was))) for was, call in both]
    known = [(name, path, had) for name, path, had in paths if path and had and path != had]
    moved = [f"the path of {name} as {path}, before as {had}" for name, path, had in known]
    more = f", and {count(len(moved) - 1, 'more call')} other than before" if len(moved) > 1 else ""
    yield from (f"{first}{more}" for first in moved[:1])
    for name, calls in grouped((name, call.name) for was, call in both for name in _mapped(was, call)).items():
        yield f"{few(calls)} with another {name}"
    yield from _other_settings(before, after)
    yield from _other_routes(before, after)
    every = grouped(_handed(before, {})), grouped(_handed(after, renamed))
    old_values, new_values = ({place: {*values} for place, values in handed.items()} for handed in every)
    for (word, target), values in sorted(new_values.items(), key=lambda item: item[0][0]):
        if old_values.get((word, target), values) != values:
            now, had = (listed(sorted(each)) for each in (values, old_values[word, target]))
            more = ": Host and X-Forwarded headers may differ" if word == "from" else ""
            yield f"calls to {target} {word} {now}, before {word} {had}{more}"


def _other_routes(before: Side, after: Side) -> Iterator[str]:
    """Calls that another route than before takes to another target."""
    moved: list[tuple[tuple[str, str, str], str]] = []
    for old, new in lasting(before.graph, after.graph, *types.APIS):
        was, api = before.reach.model.apis.of(old), after.reach.model.apis.of(new)
        for path in sorted({call.path for each in (was, api) for call in each.calls} - {DEFAULT}):
            for method in METHODS:
                had, has = (each.call_for(method, sampled(path)) for each in (was, api))
                if had and has and had.name != has.name and had.integration.key != has.integration.key:
                    moved.append(((api.resource.name, has.name, had.name), f"{method} {path}"))
    for (name, now, was_by), calls in grouped(moved).items():
        yield f"other calls of {name}: {few(calls)} by the route {now}, before by {was_by}"


def _mapped(was: Call, call: Call) -> Iterator[str]:
    """Names of what an API writes into the request, or no longer writes: headers, parameters, bodies."""
    version, earlier = (text(each.integration.written.get("payloadFormatVersion")) or "1.0" for each in (call, was))
    if version != earlier and was.integration.function and call.integration.function:
        yield f"format of its event: {version}, before {earlier}"
    # Another kind of integration, or hand, has mappings of its own.
    for key in ("requestParameters", "requestTemplates") if was.integration.kind == call.integration.kind else ():
        had, has = (mapping(each.integration.written.get(key)) for each in (was, call))
        yield from (name for name in sorted({*had, *has} - {"overwrite:path"}) if had.get(name) != has.get(name))


def _other_settings(before: Side, after: Side) -> Iterator[str]:
    """Settings of a forwarding function that decide on what it passes on: the host, identities, redirects."""
    for old, new in lasting(before.graph, after.graph, *types.FUNCTION):
        was, now = environment(old), environment(new)
        names = [name for name in sorted({*was, *now} - {*_JUDGED}) if was.get(name) != now.get(name)]
        if names and _FORWARDS in was and _FORWARDS in now:
            yield f"calls by other settings of {new.name}: {listed(names)}"


def _path(call: Call) -> str:
    """The path that the target sees; empty if it is not known."""
    integration = call.integration
    if integration.function is not None:
        variables = environment(integration.function)
        # The review does not know what a function of another project does with the path.
        if _FORWARDS not in variables:
            return ""
        prefix = text(variables.get(_STRIPPED))
        inside = prefix and f"{call.path}/".startswith(f"{prefix}/")
        return (call.path.removeprefix(prefix) or "/") if inside else call.path
    written = text(within(peek(integration.resource, "requestParameters"), "overwrite:path"))
    if written:
        return call.path if written == "$request.path" else re.sub(r"\$request\.path\.(\w+)", r"{\1}", written)
    _, scheme, rest = text(integration.uri).partition("://")
    return "/" + rest.partition("/")[2] if scheme else ""


def _handed(side: Side, renamed: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
    """By a word and a target: `from` what it gets its calls last, `in` which protocol, and `on` which traffic."""
    inbound = (way for way in side.reach.paths if way.open and way.kind is Kind.INBOUND and way.backend)
    for way in (way.renamed(renamed) for way in inbound):
        if names := [hop.name for hop in way.hops if hop.name and hop.resource is not way.backend]:
            yield ("from", way.target), names[-1]
            yield from ((("on", way.target), label) for label in [hop.label for hop in way.hops if not hop.name][-1:])
    model = side.reach.model
    for group in side.graph.of_type(*types.TARGET_GROUP):
        spoken = [text(held(group, key)) for key in ("protocol", "protocolVersion")]
        # HTTP1 is what is spoken without a version.
        protocol = " ".join(part for part in spoken if part not in ("", "HTTP1"))
        for resource in (target.resource for target in model.targets.of(group) if target.resource):
            yield ("in", renamed.get(resource.urn, model.names.of(resource))), protocol

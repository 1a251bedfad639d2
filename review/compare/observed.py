"""What differs between two observations beside the inputs of the stack's own resources.

It compares all that a program registers or reads, and the files around it. It knows nothing of AWS.
`observed_lines.py` says what a difference is about.
"""

import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..evaluate.project_texts import ProjectTexts
from ..graph import UNKNOWN, Graph, Invoke, Resource
from ..graph.graph import collect_revealed_texts
from ..recording.resources import COMPONENT
from .assets import list_missing, make_comparable
from .differences import find_differences
from .pairing import Pairing, make_key

_PROVIDER: Final = "pulumi:providers:"
_OF_PROVIDER: Final = ("version", "pluginDownloadURL", "pluginChecksums", "packageRef", "providers", "envVarMappings")
"""Options of a resource that choose the plugin which handles it."""
_CHOOSES_NOTHING: Final = re.compile("skip[A-Z].*|defaultTags|version")
"""Inputs of a provider that choose neither account nor region."""


class Part(enum.Enum):
    """Parts of an observation, in the words of the line that names what was compared."""

    RESOURCES = "resources with inputs and options"
    PROVIDERS = "providers"
    READS = "what the program reads (resources, stacks, look-ups)"
    EXPORTS = "outputs"
    CONFIG = "config"
    CIPHERTEXTS = "encrypted values by their ciphertext"
    PROJECT = "Pulumi.yaml"
    STACK = "the stack file"
    PACKAGES = "packages"
    PROGRAM = "the program's text"


OF_FILES: Final = (Part.PROJECT, Part.STACK, Part.PACKAGES, Part.PROGRAM)
OF_PROGRAMS: Final = (Part.READS, Part.CONFIG, Part.CIPHERTEXTS, *OF_FILES)
"""Parts that a plan does not have."""


@dataclass(frozen=True)
class Difference:
    """A value that differs, by its place. None stands for a value that is not set."""

    part: Part
    place: str
    before: Any
    after: Any
    resource: str = ""
    """URN of the resource of the later version, else of the earlier one, that it belongs to."""
    same_target: bool = False
    """Whether it is a provider that only writes out the config of the default one."""


Comparable = Callable[[Any], Any]


def list_observed(
    before: Graph,
    after: Graph,
    pairing: Pairing,
    texts: tuple[ProjectTexts, ProjectTexts] | None,
    later: Mapping[str, str],
) -> list[Difference]:
    """All differences but those of inputs. `later` has texts of the earlier version that mean the same in the later."""

    def earlier(value: Any) -> Any:
        return make_comparable(value, later)

    found = [
        *_compare_values(Part.CONFIG, before.config, after.config),
        *_compare_values(Part.CIPHERTEXTS, before.ciphertexts, after.ciphertexts),
        *_compare_lookups(before.invokes, after.invokes),
        *_compare_values(Part.READS, _map_stack_outputs(before), _map_stack_outputs(after)),
        *_compare_values(Part.EXPORTS, earlier(before.exports), make_comparable(after.exports, {}), "output "),
    ]
    for old, new in pairing.list_all():
        for each in _compare_read(old, new, earlier):
            graph, provider = (after, new) if new is not None else (before, old)
            is_written = None in (old, new) and provider is not None and _is_default_target(graph, provider)
            found.append(replace(each, same_target=is_written))
        if old is not None and new is not None:
            found += _compare_plugins((before, after), old, new) if new.custom else _compare_component(old, new, later)
    if texts is not None:
        found += _compare_files(*texts)
    return found


def _compare_values(part: Part, old: Any, new: Any, prefix: str = "", resource: str = "") -> Iterator[Difference]:
    for each in find_differences(old, new):
        yield Difference(part, f"{prefix}{each.name}", each.before, each.after, resource)


def list_fates(resource: Resource) -> dict[str, Any]:
    """Who declares a resource, what transforms change of it, and its options but those that choose its plugin."""
    options = {f"option {key}": value for key, value in list_other_options(resource).items()}
    found = {"declared by": resource.declared_by, "altered by transforms": sorted(resource.altered), **options}
    return {key: value for key, value in found.items() if value not in ("", [])}


def _compare_lookups(old: Iterable[Invoke], new: Iterable[Invoke]) -> Iterator[Difference]:
    """Look-ups of the program by token and arguments. Those of components follow from their arguments."""
    before, after = _group_lookups(old), _group_lookups(new)
    for key in sorted({*before, *after}, key=str):
        token, arguments = key
        if before.get(key) != after.get(key):
            yield Difference(Part.READS, f"look-up {token}", before.get(key), after.get(key), arguments)


def _group_lookups(invokes: Iterable[Invoke]) -> dict[tuple[str, str], Any]:
    own = [call for call in invokes if call.declared_by != COMPONENT]
    return {
        (call.token, repr(sorted(call.arguments.items()))): {
            "arguments": dict(call.arguments),
            "result": dict(call.result),
            "provider": call.provider.rpartition("::")[0],
            "options": dict(call.options),
            "region": call.region,
        }
        for call in own
    }


def _map_stack_outputs(graph: Graph) -> dict[str, str]:
    return {f"output {output} of stack {name}": "read" for name, output in graph.stack_outputs}


def is_provider(resource: Resource) -> bool:
    return resource.type.startswith(_PROVIDER)


def describe_read(resource: Resource) -> str:
    """The place of a resource that is only read."""
    return f"stack {resource.name}" if resource.is_other_stack else f"read {resource.name}"


def _compare_read(old: Resource | None, new: Resource | None, earlier: Comparable) -> Iterator[Difference]:
    """A provider, or a resource that the program only reads."""
    one = new or old
    if one is None or not (is_provider(one) or one.existing or one.is_other_stack):
        return
    if one.declared_by == COMPONENT and not is_provider(one):
        return  # It follows from the component's arguments.
    part = Part.PROVIDERS if is_provider(one) else Part.READS
    place = f"provider {one.name}" if is_provider(one) else describe_read(one)
    was = {} if old is None else earlier(_describe_source(old))
    now = {} if new is None else make_comparable(_describe_source(new), {})
    if old is None or new is None:
        yield Difference(part, place, was or None, now or None, one.urn)
    else:
        yield from _compare_values(part, was, now, f"{place}.", one.urn)
        before, after = ({**list_other_options(side), **side.options.others} for side in (old, new))
        yield from _compare_values(part, before, after, f"{place}.option ", one.urn)


def _describe_source(resource: Resource) -> dict[str, Any]:
    """The inputs of a provider or of a resource that is only read, whose ID and provider choose what is read."""
    if is_provider(resource):
        return dict(resource.inputs)
    return {**resource.inputs, "id": resource.id, "provider": make_key(resource.provider.rpartition("::")[0])}


def list_unknown(before: Graph, after: Graph, pairing: Pairing) -> Iterator[str]:
    """Inputs and outputs of both versions that are not known, and may be of another origin in each."""
    for old, new in pairing.both:
        own = new.custom and not new.existing
        same = (key for key in old.inputs.keys() & new.inputs.keys() if own)
        yield from (f"{key} of {new.name}" for key in sorted(same) if _is_unknown(old.inputs[key], new.inputs[key]))
        if {*list_missing(old.inputs)} & (missing := {*list_missing(new.inputs)}):
            yield from (f"{name} of {new.name}, which is not there" for name in sorted(missing))
    for key in sorted(before.exports.keys() & after.exports.keys()):
        if _is_unknown(before.exports[key], after.exports[key]):
            yield f"output {key}"


def _is_unknown(*values: Any) -> bool:
    return all(UNKNOWN in collect_revealed_texts([value]) for value in values)


def _compare_component(old: Resource, new: Resource, later: Mapping[str, str]) -> Iterator[Difference]:
    """Arguments and options of a component, whose effect is in its children."""
    was, now = (
        {
            **make_comparable(side.inputs, texts),
            **list_fates(side),
            **{f"option {key}": value for key, value in side.options.others.items()},
            "type": side.type,
        }
        for side, texts in ((old, later), (new, {}))
    )
    yield from _compare_values(Part.RESOURCES, was, now, f"{new.name}.", new.urn)


def _is_default_target(graph: Graph, provider: Resource) -> bool:
    """Whether a provider has the inputs that the stack's config gives the default one: both deploy to one target."""
    package = f"{provider.type.removeprefix(_PROVIDER)}:"
    config = {key.removeprefix(package): value for key, value in graph.config.items() if key.startswith(package)}
    own, usual = (
        {key: value for key, value in side.items() if not _CHOOSES_NOTHING.fullmatch(key)}
        for side in (provider.inputs, config)
    )
    return is_provider(provider) and own == usual


def _compare_plugins(graphs: tuple[Graph, Graph], old: Resource, new: Resource) -> Iterator[Difference]:
    """Which provider and plugin handles a resource."""
    if is_provider(new) or new.existing:
        return
    urns = old.provider.rpartition("::")[0], new.provider.rpartition("::")[0]
    was, now = map(make_key, urns)
    if was != now:
        earlier, later = was.rpartition("::")[2] or None, now.rpartition("::")[2] or None
        graph, urn = (graphs[1], urns[1]) if now else (graphs[0], urns[0])
        explicit = graph.resources.get(urn)
        is_written = None in (earlier, later) and explicit is not None and _is_default_target(graph, explicit)
        yield Difference(Part.PROVIDERS, "option provider", earlier, later, new.urn, is_written)
    if old.region != new.region and "region" in {**old.inputs, **new.inputs}:
        yield Difference(Part.PROVIDERS, "option region", old.region, new.region, new.urn)
    for key in _OF_PROVIDER:
        if (before := old.options.others.get(key)) != (after := new.options.others.get(key)):
            yield Difference(Part.PROVIDERS, f"option {key}", before, after, new.urn)


def list_other_options(resource: Resource) -> dict[str, Any]:
    """Options that decide about the fate of a resource, without those that choose its plugin."""
    options = resource.options
    named = {
        "import_id": options.import_id,
        "protect": options.protect,
        "retain_on_delete": options.retain_on_delete,
        "ignore_changes": list(options.ignore_changes),
        "replace_on_changes": list(options.replace_on_changes),
        "deleted_with": options.deleted_with and options.deleted_with.rpartition("::")[2],
        "delete_before_replace": options.delete_before_replace,
        "additional_secret_outputs": sorted(options.additional_secret_outputs),
        "custom_timeouts": dict(options.custom_timeouts),
        "hooks": {key: list(names) for key, names in options.hooks.items()},
        "aliases": sorted(map(make_key, options.aliases)),
        "parent": resource.parent and resource.parent.rpartition("::")[2],
    }
    others = {key: value for key, value in options.others.items() if key not in _OF_PROVIDER}
    return {key: value for key, value in {**named, **others}.items() if value not in (None, False, [], {})}


def _compare_files(old: ProjectTexts, new: ProjectTexts) -> Iterator[Difference]:
    yield from _compare_values(Part.PROJECT, dict(old.project), dict(new.project), "Pulumi.yaml.")
    yield from _compare_values(Part.STACK, dict(old.stack), dict(new.stack), "stack file.")
    for name in sorted({*old.packages, *new.packages}):
        was, now = old.packages.get(name), new.packages.get(name)
        if was is None or now is None:
            yield Difference(Part.PACKAGES, name, was and "declared", now and "declared")
        else:
            yield from _compare_values(Part.PACKAGES, was, now, f"{name}.")
    yield from _compare_values(Part.PROGRAM, old.program, new.program)

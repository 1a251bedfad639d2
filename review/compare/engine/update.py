"""What an update does to resources, `simulated` from two graphs: `engine_files.update` reads the engine's own plan."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.provider_facts import provider_facts
from ...aws.catalog.tables import table
from ...aws.catalog.template_versions import WORDS
from ...aws.compute.containers import same_containers
from ...aws.identity.iam import in_one_order
from ...aws.network.dns import plain_name
from ...evaluate.mocks import sdk_types
from ...graph import Graph, Resource, Secret
from ...graph.assets import deployed
from ...graph.given import holds_unknown
from ...graph.json_text import opened
from ...graph.prose import RENEWED, listed
from ...graph.reading import items, mapping, output, text
from .fresh import renewed, with_new_values
from .order import Step, Verb, steps
from .pairs import Pair, joined, managed, twins
from .replacements import falls, left_out, replaced_by
from .side import ELEMENT, IMPORT, Changed, Evaluated, Property, each_block, each_leaf, each_text, is_part, key_of, top

Sides = tuple[Evaluated, Evaluated]
_SETS: Final = frozenset(table("sets"))  # inputs whose lists are sets in the provider: their order means nothing
_SECRETS: Final = re.compile(
    r"([pP]assword|[sS]ecret|[pP]rivateKey|[pP]assphrase|(auth|access|api)Token|[sS]ecretString|presharedKey)$"
)
"""Inputs whose values are secrets, marked as such or not."""
_ENDLESS: Final = "retentionInDays"  # a limit that 0 takes away
_OF_A_NETWORK: Final = re.compile("(vpc|subnet|sg|rtb)-")


class Elsewhere(str):
    """The name of a stack, or of a component of another process, in place of its output."""


@dataclass(frozen=True, kw_only=True)
class Update:
    """Effects of an update on resources: as the engine planned them, or as `simulated` from two graphs."""

    pairs: Sequence[Pair] = ()  # resources that are in both
    added: Sequence[Resource]
    removed: Sequence[Resource]
    changed: Sequence[Changed]
    order: Sequence[Step] = ()
    past: bool = False  # whether it has happened already, as drift has: without steps, and refused by nobody

    @cached_property
    def olds(self) -> Mapping[str, Resource]:
        """What each resource was before, by its URN after."""
        return {new.urn: old for old, new in self.pairs}

    @cached_property
    def renamed(self) -> list[Pair]:
        """Resources with another name or parent, whether an alias names it for the engine or not."""
        differing = [pair for pair in self.pairs if key_of(pair[0].urn) != key_of(pair[1].urn)]
        return [*differing, *twins(self.removed, self.added, self.pairs)]

    @cached_property
    def imported(self) -> list[Resource]:
        """What the program takes over as it is: it stands before as it is after."""
        return [new for old, new in self.pairs if old is new and new.options.import_id]

    @cached_property
    def made_again(self) -> set[str]:
        """URNs of resources that are created under another name, without an alias."""
        return {new.urn for _, new in self.renamed} & {resource.urn for resource in self.added}

    @cached_property
    def replaced(self) -> list[Changed]:
        return [change for change in self.changed if change.replacing]

    @cached_property
    def renewed(self) -> set[str]:
        """URNs of resources that get other ids."""
        return {change.resource.urn for change in self.replaced}

    @cached_property
    def touched(self) -> list[Resource]:
        """What is created or changed, as it is wanted."""
        return [*self.added, *(change.resource for change in self.changed)]

    @cached_property
    def superseded(self) -> list[Pair]:
        """What is replaced or has another name, with what takes its place."""
        return [*((change.old, change.resource) for change in self.replaced), *self.renamed]

    @cached_property
    def renewals(self) -> Mapping[str, Mapping[str, str]]:
        """Texts that get new values, by the URN of the resource whose outputs they are."""
        return {change.resource.urn: texts for change in self.changed if (texts := renewed(change))}

    @cached_property
    def ended(self) -> list[Resource]:
        """What is deleted for good."""
        return [resource for resource in self.removed if not resource.options.retain_on_delete]

    @cached_property
    def deleted(self) -> list[Resource]:
        """What is deleted for good or to be created again, as it was before."""
        replaced = (change.old for change in self.replaced)
        return [*self.ended, *(old for old in replaced if not old.options.retain_on_delete)]

    @cached_property
    def left_to_the_end(self) -> list[Resource]:
        """What is removed or replaced and still there, as it was before, while the rest is created."""
        return [*self.removed, *(old for urn, old in self.olds.items() if urn in self.renewed - self.deleted_first)]

    @cached_property
    def deleted_first(self) -> set[str]:
        """URNs of resources that are deleted before they are created again."""
        return {step.resource.urn for step in self.order if step.verb is Verb.DELETE_FIRST}


def simulated(before: Evaluated, after: Evaluated) -> Update:
    """The update from one evaluation to the other, without the engine; `before` is `named_as_later`."""
    pairs = joined(before.graph, after.graph)
    kept, lasting = ({resource.urn for resource in side} for side in (zip(*pairs, strict=True) if pairs else ((), ())))
    added = [resource for resource in managed(after.graph) if resource.urn not in lasting]
    removed = [resource for resource in managed(before.graph) if resource.urn not in kept]
    changed = _settled(pairs, (before, after))
    order = steps(added, removed, changed, after.graph)
    return Update(pairs=pairs, added=added, removed=removed, changed=changed, order=order)


def _settled(pairs: list[Pair], sides: Sides) -> list[Changed]:
    """Every difference, and those that follow from replacements, compared again until nothing moves."""
    changes: dict[str, Changed] = {}
    renewals: dict[str, dict[str, str]] = {}
    wanted = pairs
    while wanted:
        for old, new in wanted:
            if (change := _changed(old, new, with_new_values(new, renewals), sides)) is not None:
                changes[new.urn] = change
        now = {urn: texts for urn, change in changes.items() if (texts := renewed(change))}
        moved = {urn for urn, texts in now.items() if texts != renewals.get(urn)}
        renewals = now
        wanted = [pair for pair in pairs if any(moved & {*urns} for urns in pair[1].property_dependencies.values())]
    return [changes[new.urn] for _, new in pairs if new.urn in changes]


def _changed(old: Resource, new: Resource, inputs: Mapping[str, Any], sides: Sides) -> Changed | None:
    """How a resource differs; `inputs` are the new one's, with renewed values of others in them."""
    # An option that ignores a part of the long form means that form.
    long = any("forward" in key for key in new.options.ignore_changes)
    forwards = new.type in (*types.LISTENER, *types.LISTENER_RULE) and not long
    before, after = (
        each_block(each_block(read, _forwarding) if forwards else read, _hidden)
        for written, side in zip((old.inputs, inputs), sides, strict=True)
        for read in [each_leaf(written, partial(deployed, side.program))]
    )
    # As the engine: `ignore_changes` of the program that is deployed now.
    ignored = (*new.options.ignore_changes, *left_out(old, new))
    if old.region == new.region:
        ignored += ("region",)  # written or not, it is the same one
    every = differences("", before, after, ordered=not new.type.startswith(("aws:", "aws-apigateway:")))
    properties = [difference for difference in every if not is_part(difference.name, ignored)]
    properties = [difference for difference in properties if not _is_as_before(new.type, difference)]
    if "tags" not in ignored and not any(top(difference.name) == "tags" for difference in properties):
        # The provider adds its own default tags to the resource's.
        properties += differences("tagsAll", old.state.get("tagsAll"), new.state.get("tagsAll"))
    if old.region != new.region and "region" not in inputs and "region" in sdk_types.properties(new.type):
        properties.append(Property("region", old.region, new.region))
    properties = [*named(properties, sides, (old, new)), *_from_elsewhere((old, new), sides)]
    renamed = sides[0].renamed.get(new.urn, "")
    if (adopts := _adopts_another(old, new)) is not False:
        properties.append(Property(IMPORT, old.options.import_id, new.options.import_id))
    if not properties and not renamed:
        return None
    replacing = [IMPORT] if adopts else replaced_by(old, new, [difference.name for difference in properties])
    by = [difference for difference in properties if difference.name in (replacing or ())]
    unsure = all(_is_off(new.type, one) or isinstance(one.after, Elsewhere) or is_looked_up(one, sides) for one in by)
    if adopts is None or (by and unsure) or (new.remote and properties):
        replacing = None
    return Changed(old, new, tuple(properties), None if replacing is None else tuple(replacing), renamed)


def _adopts_another(old: Resource, new: Resource) -> bool | None:
    """Whether the program takes over another resource of AWS in place of its own; None if it may be the same one."""
    # https://github.com/pulumi/pulumi, pkg/resource/deploy/step_generator.go, isImport
    wanted, has = new.options.import_id, old.options.import_id or text(output(old, "id"))
    if old is new or wanted in (None, has):
        return False
    auto_named = re.fullmatch(r"(.+-)[0-9a-f]{7}", has)
    other = auto_named and not re.fullmatch(rf"{re.escape(auto_named[1])}[0-9a-f]{{7}}", wanted)
    return True if (old.options.import_id or has in map(str, old.inputs.values()) or other) else None


def _from_elsewhere(pair: Pair, sides: Sides) -> Iterator[Property]:
    """Inputs that are outputs of another stack or component than before, and not known on either side."""
    for key in sorted(pair[0].inputs.keys() & pair[1].inputs.keys()):
        was, now = (
            {source.urn if source.remote else text(source.inputs.get("name"))
             for urn in resource.property_dependencies.get(key, ())
             if (source := side.graph.resources.get(urn)) and (source.remote or source.is_other_stack)}
            for resource, side in zip(pair, sides, strict=True)
        )  # fmt: skip
        if was and now and was != now and all(holds_unknown(resource.inputs[key]) for resource in pair):
            before, after = (listed(sorted(name.rpartition("::")[2] for name in names)) for names in (was, now))
            yield Property(key, Elsewhere(before), Elsewhere(after))


def is_looked_up(difference: Property, sides: Iterable[Evaluated]) -> bool:
    """Whether both values are ids of networks that lookups answer: other filters than before may find the same."""
    both = zip((text(difference.before), text(difference.after)), sides, strict=True)
    return all(_OF_A_NETWORK.match(value) and value in side.graph.looked_up for value, side in both)


def _is_off(kind: str, part: Property) -> bool:
    """Whether a switch is written that was left to AWS, which may have it off already."""
    facts = provider_facts(kind)
    return part.before is None and part.after is False and facts is not None and part.name in facts.kept


def _is_as_before(kind: str, difference: Property) -> bool:
    """Whether one side leaves out an input that has the provider's default on the other.

    Or a record has the same name in other letters, or without the last dot, as the provider keeps it.
    """
    values = [value for value in (difference.before, difference.after) if value is not None]
    if len(values) == 1:
        return _has_defaults(kind, ELEMENT.sub("", difference.name), opened(values[0]))
    same = plain_name(difference.before) == plain_name(difference.after) != ""
    return same and kind in types.DNS_RECORD and difference.name == "name"


def _has_defaults(kind: str, name: str, value: Any) -> bool:
    """Whether a value, or each part of a block, is the default. A switch that AWS does not choose is off by default."""
    if isinstance(value, Mapping):
        if name == "healthCheck":
            return False  # AWS chooses other values by the protocol for a check that is not written
        return bool(value) and all(_has_defaults(kind, f"{name}.{key}", part) for key, part in value.items())
    if isinstance(value, list):
        return len(value) == 1 and _has_defaults(kind, name, value[0])
    facts = provider_facts(kind)
    off = "false" if facts is not None and name in facts.replaces - {*facts.kept} else None
    default = stated_default(kind, name) or off
    return default is not None and str(value).lower() == default.lower()


def stated_default(kind: str, name: str) -> str | None:
    """What an input is if the program leaves it out, as text; None if that is not known."""
    # The first table is from the schemas of the provider, and the second from the SDK's docstrings.
    defaults: Iterator[str | None] = (table(which).get(kind, {}).get(name) for which in ("stated_defaults", "defaults"))
    return next((default for default in defaults if default is not None), None)


def resized(change: Changed) -> Iterator[tuple[str, str]]:
    """Limits that fall, and those that rise if that has words, by the names of their inputs."""
    kind = change.resource.type
    rows = table("interruptions")["lower"].get(kind, {})
    named = ((difference, ELEMENT.sub("", difference.name)) for difference in change.properties)
    for difference, name in ((difference, name) for difference, name in named if name in rows):
        was, now = (stated_default(kind, name) if one is None else one for one in (difference.before, difference.after))
        both = [math.inf if name == _ENDLESS and str(value) in ("0", "0.0") else value for value in (was, now)]
        lower, at_zero, higher, *_ = [*items(rows[name]), "", ""]
        less = at_zero if at_zero and str(now) == "0" else lower
        if words := less if falls(*both) else higher if falls(*both[::-1]) else "":
            yield difference.name, f"{words} ({difference.name} {now}, before {was})"


def named(properties: Iterable[Property], sides: Sides, both: Pair) -> Iterator[Property]:
    """Differences of a resource with the names of others in place of their IDs."""
    old_names, new_names = (partial(_by_name, side.graph, own) for side, own in zip(sides, both, strict=True))
    for difference in properties:
        raw = difference.before, difference.after
        was, now = each_text(raw[0], old_names), each_text(raw[1], new_names)
        if was == now and isinstance(now, str):
            # The id of something, and a text that only reads like its name in the program.
            was, now = (f"“{now}”, which names nothing here" if value == now else now for value in raw)
        yield Property(difference.name, was, now)


def _by_name(graph: Graph, own: Resource, value: str) -> str:
    """The name of a resource that `own` depends on in place of its made-up id, which means nothing to a reader."""
    bare = value.removesuffix(RENEWED)
    resource = graph.find(bare)
    if bare in WORDS or resource is None or resource.existing or resource.urn not in own.dependencies:
        return value.replace(bare, WORDS.get(bare, bare), 1).replace(RENEWED, " (new)")
    return f"the new {resource.name}" if value.endswith(RENEWED) else resource.name


def differences(name: str, before: Any, after: Any, *, ordered: bool = False) -> Iterator[Property]:
    """Parts in which two values differ. `ordered`: of a document, or another provider: lists may mean an order."""
    policy, other = opened(before), opened(after)
    if policy == other or (name == "containerDefinitions" and same_containers(policy, other)):
        return
    ordered |= policy is not before
    if isinstance(policy, Mapping) and isinstance(other, Mapping):
        policy, other = in_one_order(policy, other)
        for key in sorted({*policy, *other}):
            inner = f"{name}.{key}" if name else key
            yield from differences(inner, policy.get(key), other.get(key), ordered=ordered)
    elif isinstance(before, list) and isinstance(after, list):
        members = [Property(f"{name}[{at}]", member, None) for at, member in enumerate(before) if member not in after]
        members += [Property(f"{name}[{at}]", None, member) for at, member in enumerate(after) if member not in before]
        # One of the values of an event pattern is enough.
        is_set = name.startswith("eventPattern") or (not ordered and name.rpartition(".")[2] in _SETS)
        if len(before) != len(after):
            yield from members or [Property(name, before, after)]
        elif members or not is_set:
            for index, pair in enumerate(zip(before, after, strict=True)):
                yield from differences(f"{name}[{index}]", *pair, ordered=ordered)
    else:
        yield Property(name, before, after)


def _hidden(block: Mapping[str, Any]) -> Mapping[str, Any]:
    """A block with the secrets in it that programs seldom mark as such."""
    return {key: Secret(one) if _SECRETS.search(key) and isinstance(one, str) else one for key, one in block.items()}


def _forwarding(block: Mapping[str, Any]) -> Mapping[str, Any]:
    """An action that forwards to only one target group, in the short form."""
    forward = mapping(block.get("forward"))
    groups = items(forward.get("targetGroups")) if forward.keys() == {"targetGroups"} else []
    only = mapping(groups[0]) if len(groups) == 1 else {}
    if not only or only.get("weight") == 0:
        return block
    return {**{key: value for key, value in block.items() if key != "forward"}, "targetGroupArn": only.get("arn")}

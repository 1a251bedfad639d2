"""Lines on data: resources that hold some and are deleted or replaced, and other retention."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import load_table
from ..graph import Graph, Resource
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from ..recording.resources import PROGRAM
from .lines import Group, Head, Line, Sign, Topic
from .replacements import list_values, strip_members
from .resources import Change, Resources
from .retention import find_retention, list_new_expirations
from .wording import Wording, format_title

_TABLE: Final = load_table("holds_data")
_RETAINED: Final = "retained in AWS"
_DISPOSABLE: Final = "instanceType"
_OWNERS: Final = ("gatehouse:index:Ec2Backend", "gatehouse:index:ApiConsumer")
_HOLDERS: Final[Mapping[str, Mapping[str, Any]]] = _TABLE["types"]


def list_data_lines(resources: Resources, before: Graph, after: Graph, wording: Wording) -> Iterator[Line]:
    protections: list[tuple[str, tuple[str, str]]] = []
    for old in resources.removed:
        if _holds_data(old, before):
            fate = "leaves the stack and stays in AWS" if old.options.retain_on_delete else "is deleted"
            yield _make_line(Sign.GONE, old, f"{format_title(old)} {fate}", certain=True)
    for change in resources.changes:
        if not change.replacing:
            protections.append((change.new.name, _compare_protections(change)))
        if change.replacing == ():
            yield from _list_retention_lines(change, after, wording)
        elif _holds_data(change.old, before) and (change.inputs or change.replacing):
            fate = "is replaced" if change.replacing else "is perhaps replaced"
            text = f"{format_title(change.new)} {fate}: {wording.describe_change(change)}"
            names = () if change.replacing else [strip_members(part.name) for part in change.inputs]
            yield _make_line(Sign.REPLACED, change.old, text, certain=bool(change.replacing), names=names)
    for new in resources.added:
        if heads := tuple(list_new_expirations(new, resources.removed, before, after)):
            text = f"{format_title(new)}{wording.describe_resource(new, ('bucket',))}"
            yield Line(Group.DATA, Sign.NEW, text, heads, (new.urn,))
    holding = {change.new.name for change in resources.changes if change.new.type in _HOLDERS}
    yield from _list_protection_lines(protections, holding)


def _list_retention_lines(change: Change, after: Graph, wording: Wording) -> Iterator[Line]:
    if (found := find_retention(change, after)).names:
        others = frozenset(part.name for part in change.inputs) - found.names
        text = f"{format_title(change.new)} changes: {wording.describe_change(change, others)}"
        yield Line(Group.DATA, Sign.CHANGED, text, found.heads, () if others else (change.new.urn,))


def _compare_protections(change: Change) -> tuple[str, str]:
    """What no longer protects a resource, and what protects it now, in words."""
    row = _HOLDERS.get(change.old.type, {})
    was, now = (
        [words.removesuffix(": true") for words in _list_protections(side, row)] for side in (change.old, change.new)
    )
    return "; ".join(each for each in was if each not in now), "; ".join(each for each in now if each not in was)


def _list_protection_lines(protections: Sequence[tuple[str, tuple[str, str]]], holding: Set[str]) -> Iterator[Line]:
    """A line for the resources that lose the same protection, or get the same. `holding` are those that hold data."""
    for (was, now), names in group_pairs((both, name) for name, both in protections if all(both)).items():
        heads = tuple(Head(Topic.UNPROTECTED, f"{name} ({was} → {now})", "Protects otherwise: {}") for name in names)
        yield Line(Group.DATA, Sign.CHANGED, f"{abbreviate_names(names)}: {was} → {now}", heads)
    for index, topic, words in (
        (0, Topic.UNPROTECTED, "loses this protection"),
        (1, Topic.PROTECTED, "is protected now"),
    ):
        alone = [(both[index], name) for name, both in protections if both[index] and not all(both)]
        for text, names in group_pairs(alone).items():
            subjects = [f"{name} ({text})" if len(names) == 1 else name for name in names]
            heads = tuple(Head(topic, subject) for subject in subjects)
            if topic is Topic.UNPROTECTED and text == _RETAINED and holding.isdisjoint(names):
                heads = tuple(
                    Head(Topic.RETENTION, name, "No longer stays in AWS if it is deleted: {}") for name in names
                )
            yield Line(Group.DATA, Sign.CHANGED, f"{abbreviate_names(names)}: {words}: {text}", heads)


def is_machine(resource: Resource, graph: Graph) -> bool:
    """Whether it is an instance whose root disk has no data of its own: the disk is made of an image at each start.

    That is so for instances of Gatehouse's components that run one container, and for those that forward packets.
    """
    if resource.type not in types.INSTANCE or forwards_packets(resource, graph):
        return resource.type in types.INSTANCE
    is_ours = graph.find_top_component(resource).type in _OWNERS and resource.declared_by != PROGRAM
    # The components let a larger type replace only instances whose disk nobody needs later.
    return is_ours and _DISPOSABLE in resource.options.replace_on_changes


def forwards_packets(resource: Resource, graph: Graph) -> bool:
    """Whether it is a machine that forwards packets of others, such as a NAT instance."""
    around = [graph.resources[urn] for urn in resource.dependencies if urn in graph.resources]
    is_off = any(part.inputs.get("sourceDestCheck") is False for part in (resource, *around))
    return is_off and resource.type in types.INSTANCE


def _holds_data(resource: Resource, graph: Graph) -> bool:
    return resource.type in _HOLDERS and not is_machine(resource, graph)


def _make_line(sign: Sign, old: Resource, text: str, *, certain: bool, names: Iterable[str] = ()) -> Line:
    row = _HOLDERS[old.type]
    protection = list(_list_protections(old, row))
    protected = f" ({'; '.join(protection)})" if protection else ""
    sizes = list_values(old.inputs, "rootBlockDevice.volumeSize") + list_values(old.inputs, "size")
    deletes = "it holds" if old.options.retain_on_delete else "this deletes" if certain else "that would delete"
    subject = f"{old.name} ({sizes[0]:g} GB)" if sizes and isinstance(sizes[0], int | float) else old.name
    # Logs, and disks of machines that the program builds again, are no reason to stop an update.
    fails = certain and not protection and not row.get("notice")
    subject = subject if certain else f"{subject} ({abbreviate_names([*dict.fromkeys(names)])})"
    topic = Topic.DATA_GONE if sign is Sign.GONE else Topic.DATA_REPLACED if certain else Topic.DATA_PERHAPS
    heads = (Head(topic, subject),)
    sentence = f"{text}; {deletes} {row['holds']}{protected}"
    return Line(Group.DATA, sign, sentence, heads, (old.urn,), fails, place=old.name)


def _list_protections(old: Resource, row: Mapping[str, Any]) -> Iterator[str]:
    """What protects the data, or leaves a copy of it."""
    if old.options.protect:
        yield "protected in Pulumi"
    if old.options.retain_on_delete:
        yield _RETAINED
    key, protected = _TABLE["protected"].get(old.type, ("", None))
    if key and old.inputs.get(key) == protected:
        yield f"{key}: {str(protected).lower()}"
    refused = row.get("refused")
    if refused and list_values(old.inputs, refused["unless"]) != [True]:
        yield f"AWS refuses it if {refused['words']}"
    for copy in (*row.get("softens", ()), *filter(None, [row.get("kept")])):
        value = next(iter(list_values(old.inputs, copy["input"])), copy.get("default"))
        is_left = value in (None, False) if "unless" in copy else bool(value)
        if value == copy["value"] if "value" in copy else is_left:
            yield str(copy["words"]).format(value)

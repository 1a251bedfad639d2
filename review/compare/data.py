"""Lines on data that is deleted or replaced, on replaced networks, and on protections."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import make_token
from ..aws.catalog.tables import load_table
from ..graph import Graph, Resource
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names, format_count
from ..recording.resources import PROGRAM
from .lines import Line, Sign, Topic
from .replacements import list_values, strip_members
from .resources import Change, Resources
from .wording import Wording, format_title

_TABLE: Final = load_table("holds_data")
_HOLDERS: Final[Mapping[str, Mapping[str, Any]]] = _TABLE["types"]
_RETAINED: Final = "retained in AWS"
_DISPOSABLE: Final = "instanceType"
_OWNERS: Final = ("gatehouse:index:Ec2Backend", "gatehouse:index:ApiConsumer")
_STAYING: Final = {
    Sign.GONE: "Leaves the stack and stays in AWS: {}",
    Sign.REPLACED: "Replaces, and leaves the old one in AWS: {}",
}
_VPC: Final = make_token("ec2.Vpc")
_LOG: Final = make_token("cloudwatch.LogGroup")


def list_data_lines(resources: Resources, before: Graph, wording: Wording) -> Iterator[Line]:
    """A line for each resource that holds data and is deleted or replaced, and for each protection that differs."""
    for old in resources.removed:
        if _holds_data(old, before):
            fate = "leaves the stack and stays in AWS" if old.options.retain_on_delete else "is deleted"
            yield _make_line(Sign.GONE, old, f"{format_title(old)} {fate}", certain=True)
    for change in resources.changes:
        if change.replacing and change.new.type == _VPC:
            yield _make_network_line(change, resources.changes, wording)
        elif change.replacing != () and _holds_data(change.old, before) and (change.inputs or change.replacing):
            fate = "is replaced" if change.replacing else "is perhaps replaced"
            text = f"{format_title(change.new)} {fate}: {wording.describe_change(change)}"
            names = () if change.replacing else [strip_members(part.name) for part in change.inputs]
            yield _make_line(Sign.REPLACED, change.old, text, certain=bool(change.replacing), names=names)
    yield from _list_protection_lines([change for change in resources.changes if not change.replacing])


def _make_network_line(change: Change, changes: Sequence[Change], wording: Wording) -> Line:
    """A VPC that is replaced, with all that is replaced because of it."""
    taken = {change.new.name}
    while more := {each.new.name for each in changes if each.replacing and not taken.isdisjoint(each.follows)} - taken:
        taken |= more
    number = f"with it {format_count(len(taken) - 1, 'resource')}" if len(taken) > 1 else ""
    cause = wording.describe_change(change)
    subject = f"{change.new.name} ({cause})" + (f", and {number}" if number else "")
    text = f"{format_title(change.new)} is replaced: {cause}" + (f"; {number}" if number else "")
    return Line(topic=Topic.NETWORK, sign=Sign.REPLACED, subject=subject, text=text, resources=(change.new.urn,))


def _list_protection_lines(changes: Iterable[Change]) -> Iterator[Line]:
    """A line for the resources that lose the same protection, or get the same."""
    found = []
    for change in changes:
        row = _HOLDERS.get(change.old.type, {})
        was, now = ([*_list_protections(side, row)] for side in (change.old, change.new))
        found.append((change, [each for each in was if each not in now], [each for each in now if each not in was]))
    for topic, sides in (
        (Topic.UNPROTECTED, [(change.new.name, gone, come) for change, gone, come in found]),
        (Topic.PROTECTED, [(change.new.name, come, []) for change, gone, come in found if not gone]),
    ):
        words = [
            ("; ".join(own) + (f" → {'; '.join(other)}" if other else ""), name) for name, own, other in sides if own
        ]
        for protection, names in group_pairs(words).items():
            yield Line(topic=topic, subject=f"{abbreviate_names(names)} ({protection})")


def is_machine(resource: Resource, graph: Graph) -> bool:
    """Whether it is an instance whose root disk has no data of its own: the disk is made of an image at each start.

    That is so for instances of Gatehouse's components that run one container, and for those that forward packets.
    """
    if resource.type not in types.INSTANCE or _forwards_packets(resource, graph):
        return resource.type in types.INSTANCE
    is_ours = graph.find_top_component(resource).type in _OWNERS and resource.declared_by != PROGRAM
    # The components let a larger type replace only instances whose disk nobody needs later.
    return is_ours and _DISPOSABLE in resource.options.replace_on_changes


def _forwards_packets(resource: Resource, graph: Graph) -> bool:
    around = [graph.resources[urn] for urn in resource.dependencies if urn in graph.resources]
    return any(part.inputs.get("sourceDestCheck") is False for part in (resource, *around))


def _holds_data(resource: Resource, graph: Graph) -> bool:
    return resource.type in _HOLDERS and not is_machine(resource, graph)


def _make_line(sign: Sign, old: Resource, text: str, *, certain: bool, names: Iterable[str] = ()) -> Line:
    row = _HOLDERS[old.type]
    protection = list(_list_protections(old, row))
    protected = f" ({'; '.join(protection)})" if protection else ""
    sizes = list_values(old.inputs, "rootBlockDevice.volumeSize") + list_values(old.inputs, "size")
    stays = old.options.retain_on_delete
    deletes = "it holds" if stays else "this deletes" if certain else "that would delete"
    subject = f"{old.name} ({sizes[0]:g} GB)" if sizes and isinstance(sizes[0], int | float) else old.name
    subject = subject if certain else f"{subject} ({abbreviate_names([*dict.fromkeys(names)])})"
    topic = Topic.DATA_GONE if sign is Sign.GONE else Topic.DATA_REPLACED if certain else Topic.DATA_PERHAPS
    return Line(
        words=_STAYING[sign] if stays and certain else "",
        topic=Topic.LOGS if old.type == _LOG and certain else topic,
        sign=sign,
        subject="" if old.options.protect else subject,  # The update is refused.
        text=f"{text}; {deletes} {row['holds']}{protected}",
        resources=(old.urn,),
        # Logs, and disks of machines that the program builds again, are no reason to stop an update.
        fails=certain and not protection and not row.get("notice"),
        place=old.name,
    )


def _list_protections(old: Resource, row: Mapping[str, Any]) -> Iterator[str]:
    """What protects the data, or leaves a copy of it."""
    if old.options.protect:
        yield "protected in Pulumi"
    if old.options.retain_on_delete:
        yield _RETAINED
    key, protected = _TABLE["protected"].get(old.type, ("", None))
    if key and old.inputs.get(key) == protected:
        yield key if protected is True else f"{key}: {protected}"
    refused = row.get("refused")
    if refused and list_values(old.inputs, refused["unless"]) != [True]:
        yield f"AWS refuses it if {refused['words']}"
    for copy in (*row.get("softens", ()), *filter(None, [row.get("kept")])):
        value = next(iter(list_values(old.inputs, copy["input"])), copy.get("default"))
        is_left = value in (None, False) if "unless" in copy else bool(value)
        if value == copy["value"] if "value" in copy else is_left:
            yield str(copy["words"]).format(value)

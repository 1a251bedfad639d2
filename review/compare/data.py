"""Lines on data: resources that hold some and are deleted or replaced, and shorter or longer retention."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..graph import Resource
from .lines import Group, Line, Sign
from .replacements import value_at, without_members
from .resources import Change, Resources
from .wording import Wording

_TABLE: Final = table("holds_data")
_HOLDERS: Final[Mapping[str, Mapping[str, Any]]] = _TABLE["types"]
_FORWARDS: Final = "sourceDestCheck"
"""An instance without this check forwards packets of others. Its disk holds no data."""


def data_lines(resources: Resources, wording: Wording) -> Iterator[Line]:
    for old in resources.removed:
        if _holds_data(old):
            fate = "leaves the stack and stays in AWS" if old.options.retain_on_delete else "is deleted"
            yield _line(Sign.GONE, old, f"{titled(old)} {fate}", certain=True)
    for change in resources.changes:
        if not _holds_data(change.old):
            continue
        if change.replacing or (change.replacing is None and change.inputs):
            fate = "is replaced" if change.replacing else "is perhaps replaced"
            text = f"{titled(change.new)} {fate}: {inputs_in_words(change, wording)}"
            yield _line(Sign.REPLACED, change.old, text, certain=bool(change.replacing))
        elif shortened(change):
            text = f"{titled(change.new)}: {inputs_in_words(change, wording)}"
            yield Line(Group.DATA, Sign.CHANGED, text, change.new.name, (change.new.urn,))


def titled(resource: Resource) -> str:
    """`front-api (RestApi)`."""
    return f"{resource.name} ({resource.kind})"


def inputs_in_words(change: Change, wording: Wording, without: frozenset[str] = frozenset()) -> str:
    """The inputs that differ, and the replaced resources to which a resource refers."""
    words = []
    for part in change.inputs:
        if part.name not in without:
            said = wording.of_input(part, (change.old, change.new))
            words.append(f"{said}; AWS keeps the old value" if part.name in change.kept else said)
    if change.follows:
        words.append(f"refers to the new {', '.join(change.follows)}")
    return "; ".join(words)


def shortened(change: Change) -> bool:
    """Whether an input differs that says how long data is kept."""
    keys = {part["input"] for part in _HOLDERS.get(change.new.type, {}).get("shortens", ())}
    return not keys.isdisjoint(without_members(part.name) for part in change.inputs)


def _holds_data(resource: Resource) -> bool:
    is_router = resource.type in types.INSTANCE and resource.inputs.get(_FORWARDS) is False
    return resource.type in _HOLDERS and not is_router


def _line(sign: Sign, old: Resource, text: str, *, certain: bool) -> Line:
    row = _HOLDERS.get(old.type, {})
    protection = list(_protection(old, row))
    size = value_at(old.inputs, "rootBlockDevice.volumeSize") or value_at(old.inputs, "size")
    holds = f"; it holds {row['holds']}" if row else ""
    protected = f" ({', '.join(protection)})" if protection else ""
    subject = old.name + (f" ({size:g} GB)" if isinstance(size, int | float) else "")
    # Logs, and disks of machines that the program can build again, are no reason to stop an update.
    fails = bool(row) and certain and not protection and not row.get("notice")
    return Line(Group.DATA, sign, f"{text}{holds}{protected}", subject, (old.urn,), fails)


def _protection(old: Resource, row: Mapping[str, Any]) -> Iterator[str]:
    """What protects the data, or leaves a copy of it."""
    if old.options.protect:
        yield "protected in Pulumi"
    if old.options.retain_on_delete:
        yield "retained in AWS"
    key, wanted = _TABLE["protected"].get(old.type, ("", None))
    if key and old.inputs.get(key) == wanted:
        yield f"{key}: {str(wanted).lower()}"
    refused = row.get("refused")
    if refused and value_at(old.inputs, refused["unless"]) is not True:
        yield f"AWS refuses if {refused['words']}"
    for copy in (*row.get("softens", ()), *filter(None, [row.get("kept")])):
        value = value_at(old.inputs, copy["input"])
        if _is_left(copy, value):
            yield str(copy["words"]).format(copy.get("default") if value is None else value)


def _is_left(copy: Mapping[str, Any], value: Any) -> bool:
    """Whether an input leaves a copy of the data."""
    if "unless" in copy:
        return value in (None, False)
    if "default" in copy:
        return bool(copy["default"] if value is None else value)
    return bool(value == copy["value"]) if "value" in copy else isinstance(value, str)

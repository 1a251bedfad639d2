"""Updates that hooks of Gatehouse's components refuse in the preview, with the steps that work instead."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..facts import defaults, egress_modes, hook_names
from ..graph import Resource, reveal_all
from ..graph.reading import as_list, find_values
from .lines import Group, Head, Line, Sign, Topic
from .resources import Resources

Inputs = Mapping[str, Any]


def _refuse_range(old: Inputs, new: Inputs) -> str:
    was, now = (side.get("cidr") or defaults.VPC_CIDR for side in (old, new))
    gateway = egress_modes.NAT_GATEWAY
    is_own = old.get("vpc_id") is None and new.get("vpc_id") is None
    keeps = all(gateway in as_list(side.get("egress")) for side in (old, new))
    change = f"network.cidr cannot change from {was} to {now} while the egress is {gateway}"
    return change if is_own and keeps and was != now else ""


def _refuse_disk(old: Inputs, new: Inputs) -> str:
    sizes = [next(iter(find_values(side, "rootBlockDevice", "volumeSize")), None) for side in (old, new)]
    was, now = (size if isinstance(size, int | float) else None for size in sizes)
    return f"a disk cannot shrink from {was} to {now} GiB" if was is not None and now is not None and now < was else ""


def _refuse_protocol(old: Inputs, new: Inputs) -> str:
    was, now = old.get("protocol"), new.get("protocol")
    return f"a listener cannot change from {was} to {now} at the same port" if was != now else ""


_REFUSALS: Final[Mapping[str, Callable[[Inputs, Inputs], str]]] = {
    hook_names.NETWORK_STAYS: _refuse_range,
    hook_names.ONLY_GROWS: _refuse_disk,
    hook_names.PROTOCOL_STAYS: _refuse_protocol,
}
"""By the end of a hook's name, why an update is refused; empty if it is not."""


def list_refusal_lines(resources: Resources) -> Iterator[Line]:
    """Lines on updates that are refused. A resource that is replaced is no update, and its hook does not run."""
    replaced = {change.new.urn for change in resources.changes if change.replacing}
    for old, new in resources.pairing.both:
        for name in (name for names in new.options.hooks.values() for name in names):
            for end, refuse in _REFUSALS.items():
                reason = refuse(_read(old), _read(new)) if name.endswith(end) and new.urn not in replaced else ""
                if reason:
                    text = f"{new.name}: the preview refuses the update: {reason}; docs/changes.md has the steps"
                    yield Line(Group.DATA, Sign.CHANGED, text, (Head(Topic.REFUSED, f"{reason} ({new.name})"),))


def _read(resource: Resource) -> Inputs:
    inputs: Inputs = reveal_all(resource.inputs)
    return inputs

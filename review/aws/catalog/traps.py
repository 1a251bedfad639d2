"""Traps of the AWS provider: inputs that do something else than what a program writes.

Inputs that keep their value when a program leaves them out, the commonest trap, are in `provider_facts`.

From `CustomizeDiff` and `Update` of hashicorp/terraform-provider-aws and threads. The comparison and TRAP-… read it.
"""

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from . import types


class Kind(enum.Enum):
    """The provider's behaviour."""

    PLANS_FOREVER = "every preview shows a change again"
    DROPPED_EMPTY = "an empty block is not sent"
    FIXED_NAME = "a second one of the same name is refused while the first exists"
    FIXED_PLACE = "a second one with the same content is refused while the first exists"
    ONE_OBJECT = "a second one is the first one again, and the deletion of either ends both"
    ONLY_GROWS = "AWS refuses a smaller value"
    IN_STEPS = "AWS refuses more than twice the value, or less than half of it"
    NEW_MAJOR = "AWS refuses another major version that is not asked for"
    NEXT_MINOR = "AWS refuses to skip a minor version"
    IN_ORDER = "AWS refuses another value than the one after it"
    NOT_TOGETHER = "AWS refuses to change them in one update"
    NEVER_IN_PLACE = "the provider changes it in place, and AWS refuses"
    IN_USE = "AWS refuses to delete it while another resource uses it"


@dataclass(frozen=True)
class Trap:
    kind: Kind
    type: str
    inputs: tuple[str, ...]
    """In wire case; a dot leads into a block."""
    source: str
    remedy: str = "keep its logical name, or give it an alias"
    unless: str = ""
    """The input that, if true, makes the change one that AWS takes."""
    was: str = ""
    """The input that must have been true before the update. Otherwise AWS takes the change."""
    beside: tuple[str, ...] = ()
    """Types of which the stack must have one before the update. Otherwise AWS takes the change."""
    steps: Sequence[str] = ()
    """Values in their order, the first of which is the default."""
    space: str = ""
    """Of a fixed name: the types that share one space of names."""
    users: tuple[str, ...] = ()
    """Types whose use keeps it from being deleted."""


def _read(row: Mapping[str, Any]) -> Trap:
    """A row of traps.json. `beside` and `users` name parts of `types` there."""
    kinds = {key: sum((getattr(types, part) for part in row.get(key, ())), ()) for key in ("beside", "users")}
    return Trap(**{**row, **kinds, "kind": Kind[row["kind"]], "inputs": tuple(row["inputs"])})


TRAPS: Final = tuple(map(_read, json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))))
AUTHORIZED_ONCE: Final = {
    inward: Trap(
        Kind.FIXED_PLACE,
        "",
        (),
        f"https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroup{way}.html",
        "name each rule after its peer, not after its place in a list",
    )
    for inward, way in ((True, "Ingress"), (False, "Egress"))
}
"""By direction: the same rule of a security group, in whichever form and under whichever name, inline or apart."""


def of_kind(kind: Kind, token: str) -> list[Trap]:
    return [trap for trap in TRAPS if trap.kind is kind and trap.type == token]

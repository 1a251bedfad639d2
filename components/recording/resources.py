"""What a program declared: its resources and its lookups, as plain data. Nothing here loads the SDK."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from .values import UNKNOWN

STACK: Final = "pulumi:pulumi:Stack"
STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
COMPONENT: Final = "component"
PROGRAM: Final = "program"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Resource options as the engine applies them, inherited ones filled in from the parent."""

    protect: bool = False
    retain_on_delete: bool = False
    deleted_with: str | None = None
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)
    import_id: str | None = None
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)
    """All other fields of the request, by the engine's names: `version`, `pluginDownloadURL`, `hideDiffs` and so on."""


class CachesResults:
    """A dataclass that keeps answers about itself which are asked for again and again."""

    @functools.cached_property
    def answered(self) -> dict[Any, Any]:
        """The answers, by the function that gives them."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """What a copy and another process get: the fields alone."""
        return {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type] # a dataclass


@dataclass(frozen=True, kw_only=True)
class Resource(CachesResults):
    """One registration. Keys of `inputs` and `state` are in wire case (`cidrBlock`)."""

    urn: str
    type: str
    """Type token, `aws:ec2/vpc:Vpc`."""
    name: str
    """Logical name."""
    parent: str | None
    """URN of the parent; None at the top of the stack."""
    custom: bool
    """False for a component."""
    remote: bool = False
    """A component of another process (awsx): its children cannot be seen."""
    inputs: Mapping[str, Any]
    """As the program gave them. Leaves may be `UNKNOWN` or `Secret`."""
    state: Mapping[str, Any]
    """Inputs, made-up id and outputs together; for a component, its registered outputs."""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    provider: str = ""
    """`urn::id` of an explicit provider, else empty."""
    source: str = ""
    """`file:line` of the declaration, where known."""
    region: str = ""
    """Effective region: the resource's own, else its provider's, else the stack's."""
    existing: bool = False
    """Read by the program by its id, and not made by it."""
    read: frozenset[str] = frozenset()
    """Inputs whose value was read from AWS by the engine, though the program does not give it or ignores it."""
    declared_by: str = ""
    """`COMPONENT` if code of Gatehouse's package called the constructor, `PROGRAM` if other code did. Empty in a plan,
    which does not have it."""
    altered: frozenset[str] = frozenset()
    """Inputs that transforms and transformations changed, and options as `option protect`."""

    @property
    def id(self) -> Any:
        return self.state.get("id", UNKNOWN)

    @property
    def kind(self) -> str:
        """Last part of the type token: `Vpc`."""
        return self.type.rpartition(":")[2]

    @property
    def is_of_component(self) -> bool:
        """Whether the code of a component declares it. In a plan, which has no frames, its URN decides."""
        return self.declared_by == COMPONENT or (not self.declared_by and "gatehouse:index:" in (self.parent or ""))

    @property
    def is_other_stack(self) -> bool:
        """Whether it is a reference to another stack, whose outputs the program reads."""
        return self.type == STACK_REFERENCE


@dataclass(frozen=True)
class Invoke:
    """A lookup and its result."""

    token: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    made_up: bool = False
    """Whether the answer is nobody's: neither the project's answers hold it, nor does it follow from the config."""
    provider: str = ""
    """`urn::id` of an explicit provider, else empty."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """`version`, `pluginDownloadURL` and so on."""
    region: str = ""
    answered: frozenset[str] = frozenset()
    """Fields of the result that the project's answers hold in full."""
    declared_by: str = ""
    """`COMPONENT` if only components look up by this token, `PROGRAM` if other code does. Empty in a plan."""


def sort_parents_first(parents: Mapping[str, str | None]) -> Iterator[str]:
    """Yields URNs depth first and sorted, by the parent of each. One whose parent is not among them is at the top."""
    below: dict[str, list[str]] = {}
    for urn, parent in sorted(parents.items(), reverse=True):
        below.setdefault(parent if parent in parents else "", []).append(urn)  # type: ignore[arg-type] # it is there
    waiting = below.get("", [])
    while waiting:
        urn = waiting.pop()
        yield urn
        waiting += below.get(urn, [])


def chain_types(parent: str, type_: str) -> str:
    """Returns the types in a resource's URN: those of all above it, without the stack's, and its own."""
    above = "".join(parent.split("::")[2:3]) or STACK
    return type_ if above == STACK else f"{above}${type_}"

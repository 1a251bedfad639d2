"""Values of a program: unknown, secret, files, and plain ones. Nothing here loads the SDK."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final


class Unknown:
    """A value that is known only after a deployment. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "unknown"

    def __reduce__(self) -> str:
        # In another process it is the one of that process.
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the program marked secret. Its repr and str never show it."""

    value: Any = field(repr=False)

    def __str__(self) -> str:
        return "[secret]"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file, text or archive that an input carries; exactly one of the four is given."""

    path: str = ""
    """On this machine, where readers look it up."""
    text: str | Secret = ""
    uri: str = ""
    """At a URL, or a path on the machine that wrote a plan or a state. It is not looked up."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Of an archive put together in the program: name to `Asset`."""
    archive: bool = False
    hash: str = field(default="", compare=False)
    """SHA-256 that the engine took of the content, in a plan and in a state."""
    base: str = field(default="", compare=False)
    """The folder that a relative path starts from; empty if it is not known."""

    @property
    def place(self) -> Path:
        """Where the content of the path is."""
        return Path(self.base, self.path)


def reveal_all(value: Any) -> Any:
    """`value` with every secret in it opened; `value` itself if it holds none."""
    if isinstance(value, Secret):
        return reveal_all(value.value)
    if isinstance(value, Mapping):
        inner = {key: reveal_all(item) for key, item in value.items()}
        return inner if any(inner[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        items = [reveal_all(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def reveal(value: Any) -> Any:
    """`value` without its secret wrapper, for rules that must look inside; never for printing."""
    return value.value if isinstance(value, Secret) else value

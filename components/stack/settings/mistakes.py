"""A mistake in the stack's config, and the error that reports all of them together."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi
import yaml

# Under these names for the other modules.
from ...arguments.errors import hide_passwords
from ...arguments.faults import did_you_mean as did_you_mean
from ...arguments.faults import find_nearest as find_nearest
from ...facts.documents import name_documents
from .stack_file import find_line, find_stack_file, read_nodes


def qualify(path: str) -> str:
    """A key as the CLI names it. The namespace is the project's name, which `pulumi new` lets people choose."""
    return f"{pulumi.get_project()}:{path}"


@dataclass(frozen=True)
class Mistake:
    """One thing to mend: where, what is there, what is allowed and what to do."""

    key: str
    """As in the stack file: `gatehouse:backend.port`."""
    got: object
    allowed: str
    remedy: str = ""
    meaning: str = ""
    """The meaning of the key, if that helps to see what is allowed."""

    def __str__(self) -> str:
        lines = [f"{self.key}", f"    got      {format_value(self.got)}", f"    allowed  {self.allowed}"]
        if self.meaning:
            lines.append(f"    meaning  {self.meaning}")
        if self.remedy:
            lines.append(f"    do       {hide_passwords(self.remedy)}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Hidden:
    """In place of a value that is or may be a secret: never printed, whichever part of it is wrong."""

    why: str

    def __repr__(self) -> str:
        return f"(not shown: {self.why})"


class Nothing:
    """In place of a value that is not there."""

    def __repr__(self) -> str:
        return "nothing"


HIDDEN = Hidden("it may be a secret")
_SOUNDS_SECRET: Final = re.compile(r"secr|passw|token|key|credential|pin\b", re.IGNORECASE)
_NUMBER_OR_TRUTH: Final = re.compile(r"true|false|-?\d{1,6}(\.\d{1,3})?")


def hide_unless_harmless(key: str, value: object, words: Collection[str]) -> object:
    """The value of an unknown key, if it is a truth value, a number or one of `words`; else HIDDEN.

    It is hidden too if the key sounds like that of a secret.
    """
    known = isinstance(value, int | float) or (
        isinstance(value, str) and (value in words or _NUMBER_OR_TRUTH.fullmatch(value) is not None)
    )
    return value if known and not _SOUNDS_SECRET.search(key) else HIDDEN


ENCRYPTED = Hidden("it is in an encrypted section")
NOTHING = Nothing()
OUT = "take it out; docs/settings.md has every key, and docs/choosing.md what is left out"


class ConfigError(pulumi.RunError):
    """The config has mistakes. Raised before any resource is declared; the CLI prints it without a traceback."""

    def __init__(self, stack: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        file = find_stack_file(stack)
        document = read_nodes(file)
        body = "\n\n".join(_format_with_line(mistake, file, document) for mistake in mistakes)
        super().__init__(name_documents(f"{count} in the config of stack {stack}; nothing was declared\n\n{body}\n"))


def _format_with_line(mistake: Mistake, file: Path, document: yaml.Node | None) -> str:
    key, rest = str(mistake).split("\n", 1)
    line = find_line(key, document)
    return f"{key}\n    line     {line} of {file.name}\n{rest}" if line else f"{key}\n{rest}"


def format_value(value: object) -> str:
    """Returns a value as the report prints it: on one line of bounded length."""
    value = NOTHING if value is None else value
    text = value if isinstance(value, str) and value else _write_as_in_file(value)
    # A URL may carry a password; it is refused, and never printed.
    text = hide_passwords(text)
    # Control characters are shown, so that they do not steer the terminal.
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _write_as_in_file(value: object) -> str:
    """A value as a stack file writes it: `true`, `[a, b]`, `{maximum: 3}`."""
    if isinstance(value, Mapping | list | tuple):
        return yaml.safe_dump(_make_plain(value), default_flow_style=True, sort_keys=False, width=math.inf).strip()
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _make_plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _make_plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_make_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float | None) else repr(value)


_OTHER_WORDS: Final = {
    "ami": "imageId",
    "desiredcount": "count",
    "ecs": "fargate",
    "replicas": "count",
    "size": "instanceType",
}
"""Words of other tools, in small letters, for what is called otherwise here."""


def find_near_key(key: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """The known key that an unknown one is a slip of, an abbreviation, or another word for. Empty if there is none."""
    if (word := _OTHER_WORDS.get(key.lower(), "")) in known:
        return word
    begun = find_nearest(key, [name for name in known if len(key) > 2 and name.startswith(key)], 0)
    swapped = [name for name in known if len(name) < 5 and sorted(name) == sorted(key.lower())]
    return begun or next(iter(swapped), "") or find_nearest(key, known, cutoff)

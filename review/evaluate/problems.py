"""Mistakes of a file, all at once, each with its key, its value and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..graph.prose import make_printable


@dataclass(frozen=True)
class Problem:
    """One mistake. `value` is never a secret."""

    key: str
    value: Any
    remedy: str

    def __str__(self) -> str:
        where = f"{make_printable(self.key)}: " if self.key else ""
        got = f"got {self.value!r}; " if self.value not in ("", None) else ""
        return f"{where}{got}{self.remedy}"


class StackFileError(ValueError):
    """Pulumi.yaml or a stack file that the CLI would refuse."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("\n".join([f"{file}:", *(f"  {problem}" for problem in self.problems)]))

    def __reduce__(self) -> tuple[type["StackFileError"], tuple[str, tuple[Problem, ...]]]:
        return StackFileError, (self.file, self.problems)


class ProgramError(Exception):
    """The program, or what it declared, would fail under the real CLI; the message is what it would print."""

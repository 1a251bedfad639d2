"""The message for a program that failed: at most thirty lines, which name a line of the program."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..graph.prose import make_printable
from ..graph.value_text import truncate
from .job import Job
from .mocks import ANSWERS_FILE
from .project_file import Project
from .stack_file import NOT_OPENED, Stack, find_most_similar, list_stacks

_ENCRYPTED: Final = "it is in an encrypted section"  # in messages of our own settings, in place of a value
LINES: Final = 30
_FRAMES: Final = 20
_WIDTH: Final = 2000  # characters of a line: what a program raises may be of any length
_MODULE: Final = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
_KEY: Final = re.compile(r"KeyError: '(\w+)'")
LATE: Final = (
    "the program did not finish in time: something that it waits for never comes, "
    "such as an output that depends on itself"
)


def format_failure(failure: Mapping[str, Any], job: Job, notes: Sequence[str], *, refused: str) -> str:
    """The message from the parts of a failure. `refused` is why the recorder refused a request."""
    project, stack, strict = job.project, job.stack, job.strict
    if failure.get("refused"):
        return "\n".join(truncate(line, _WIDTH) for line in str(failure["refused"]).splitlines()[:LINES])
    own, text = bool(refused or failure.get("own")), refused or str(failure.get("text", ""))
    absent = []
    if failure.get("run error" if strict else "config") and stack.is_empty:
        absent.append(f"the stack {stack.name} has no file: {suggest_stack_file(project, stack)}")
        if strict:
            return absent[0]  # each setting that is required would be one mistake more
    lines = text.splitlines()
    # Our own settings name the key that is wrong; the line that read it would be noise.
    frames = failure.get("frames")
    where = (
        [*map(make_printable, map(str, frames[:_FRAMES]))] if isinstance(frames, list) and not (strict and own) else []
    )
    hints = list(_list_hints(text, job, notes, own=own))
    if failure.get("config"):
        hints += [f"{note}; {ANSWERS_FILE} can hold them" for note in stack.notes if note.startswith(NOT_OPENED)]
    room = LINES - len(absent) - len(where) - len(hints)
    # A report of the settings has all mistakes at once; another program's message may be anything.
    if len(lines) > room and not own:
        lines = [*lines[: room - 1], f"… ({len(lines) - room + 1} more lines)"]
    return "\n".join(truncate(line, _WIDTH) for line in [*absent, *lines, *where, *hints])


def _list_hints(text: str, job: Job, notes: Sequence[str], *, own: bool) -> Iterator[str]:
    stack = job.stack
    if stack.secret_keys and _ENCRYPTED in text:
        yield f"a review has stand-ins for encrypted values: write one that fits, by its path, into {ANSWERS_FILE}"
    if own:
        # Our own settings and arguments are checked against what lookups found, which may be made up.
        yield from notes
        return
    yield from _suggest_install(text, job.project)
    if stack.stand_ins:
        yield f"{', '.join(stack.stand_ins)}: encrypted, so a stand-in: {ANSWERS_FILE} can hold another"
    if (absent := _KEY.fullmatch(text)) and absent[1] in job.variables:
        yield f"programs do not get all variables of yours: --env {absent[1]} passes this one"
    yield from notes


def _suggest_install(text: str, project: Project) -> Iterator[str]:
    """The command that installs a package that a program does not find."""
    if (lacking := _MODULE.search(text)) and (command := project.install_command):
        yield f"{lacking[1]} is not installed: run `{command}`"


def suggest_stack_file(project: Project, stack: Stack) -> str:
    """The remedy for a stack without a file: name one that has it, or write it."""
    if near := find_most_similar(project, stack.name):
        return f"did you mean {near}?"
    names = ", ".join(list_stacks(project))
    write = f"write its config into Pulumi.{stack.name}.yaml"
    return f"those with one are {names}; {write}" if names else write

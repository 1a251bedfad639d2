"""One run of a program, and its result, as bytes between the review and the program's process.

The program's process has another Python, and may name the review's package otherwise. Nothing but data comes out of it.
"""

import datetime
import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..graph import UNKNOWN, Asset, Graph, Invoke, Options, Origin, Resource, Secret
from .host.stand_in import StandIn
from .problems import Problem, ProgramError, StackFileError
from .project_file import Project
from .stack_file import Stack

_PACKAGE: Final = __name__.removesuffix(".evaluate.job")
_HOMES: Final = ("review", "gatehouse_review")  # names of the package: by `python -m review` and by launch.py
_DATA: Final[dict[str, Any]] = {
    kind.__qualname__: kind
    for kind in (
        *(Asset, Graph, Invoke, Options, Origin, Resource, Secret),
        *(StandIn, Problem, ProgramError, StackFileError, datetime.date, datetime.datetime),
    )
} | {"UNKNOWN": UNKNOWN}
"""All that a result consists of, beside texts, numbers, lists and mappings."""


@dataclass(frozen=True)
class Job:
    """One run of a program. `folder` is a place for its home and its temporary files."""

    project: Project
    stack: Stack
    known: bool  # whether outputs of providers are made up, else unknown
    strict: bool  # whether a lookup without an answer and a file that does not exist are errors, else notes
    variables: frozenset[str] = frozenset()  # names of the review's environment variables
    folder: str = ""


Result = Graph | ProgramError | StackFileError


def dump(value: Any) -> bytes:
    """A job or a result, or a question or an answer of another kind, as bytes."""
    buffer = io.BytesIO()
    _Writer(buffer, protocol=5).dump(value)
    return buffer.getvalue()


def load_job(data: bytes) -> Any:
    """The job, or the question of another kind, that the review wrote."""
    return _JobReader(io.BytesIO(data)).load()


def load_result(data: bytes) -> Result:
    """The result that a program's process wrote. Raises ProgramError if it is none: a program may write anything."""
    try:
        result: Result = _ResultReader(io.BytesIO(data)).load()
    except Exception as error:  # bytes of others raise any
        raise ProgramError(f"the program's process did not report what it declared ({type(error).__name__})") from error
    if not isinstance(result, Graph | ProgramError | StackFileError):
        raise ProgramError("the program's process did not report what it declared")
    return result


def load_answer(data: bytes, *kinds: type) -> Any:
    """What a program's process answered, of these kinds of data. Raises what bytes of others raise."""
    reader = _ResultReader(io.BytesIO(data))
    reader.kinds = {**_DATA, **{kind.__qualname__: kind for kind in kinds}}
    return reader.load()


def make_path(text: str) -> Path:
    """A path. Pythons differ in the modules of their classes of paths."""
    return Path(text)


class _Writer(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Origin):
            return Origin, (value.value,)  # Python before 3.11.4 would write `getattr`, which no reader takes
        return (make_path, (str(value),)) if isinstance(value, Path) else NotImplemented


class _JobReader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What a name in the bytes stands for, in this process's copy of the review's package."""
        home, separator, rest = module.partition(".")
        return super().find_class(f"{_PACKAGE}.{rest}" if separator and home in _HOMES else module, name)


class _ResultReader(pickle.Unpickler):
    kinds = _DATA

    def find_class(self, _module: str, name: str) -> Any:
        """One of the kinds of data of a result, whichever module the bytes name: no other code runs."""
        return self.kinds[name]

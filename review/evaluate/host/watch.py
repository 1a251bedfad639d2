"""Watches one run of a program: what it reports beside what it registers."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from pulumi import runtime

from . import types
from .failure import Failure
from .modules import noting, replaced
from .refusals import Refusals
from .stand_in import json_of_stand_ins
from .unrun import Unrun

Tell = Callable[[Mapping[str, Any]], None]
"""Takes one claim, which is JSON."""


class Watch:
    """Claims of one run, with the types of what the program registers and looks up."""

    def __init__(self, root: Path, tell: Tell) -> None:
        self._tell = tell
        self._told: set[str] = set()
        self.failure, self._refusals = Failure(root, self._registered), Refusals(root)
        self.unrun = Unrun(root, self.failure.keep)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within, the run is watched; its end, or its error, is reported."""
        refusals = self._refusals
        refusals.begin()
        try:
            with self.failure.watched(), self.unrun.watched(), self._in_order(), json_of_stand_ins():
                yield
                self._tell({"unrun": self.unrun.found()})
        except BaseException as error:  # of the program, an interrupt that it raises as well
            self._tell({"failed": self.failure.told(error, refusals)})
            raise
        finally:
            refusals.end()
            self._tell({"attempts": [*refusals.attempts], "started": [*refusals.started]})

    def _registered(self, token: str, resource: Any) -> None:
        if token not in self._told:
            self._told.add(token)
            kind: Any = type(resource)
            self._tell({"type": token, "properties": types.properties(kind)})

    def _in_order(self) -> AbstractContextManager[None]:
        """Within, each lookup is reported when the program makes it: a thread pool sends them in any order."""
        # An older SDK lacks one.
        names = [name for name in ("invoke", "invoke_output") if hasattr(runtime, name)]
        return replaced(*((runtime, name, noting(self._asked, getattr(runtime, name))) for name in names))

    def _asked(self, token: str, arguments: Any, *_: Any, **_options: Any) -> None:
        identity = arguments.get("id") if isinstance(arguments, Mapping) else None
        self._tell({"asked": token, "id": identity if isinstance(identity, str) else None})
        if token not in self._told and (described := types.result(token)):
            self._told.add(token)
            fields, values = described
            self._tell({"type": token, "properties": fields, "values": json.loads(json.dumps(values))})

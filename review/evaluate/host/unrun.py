"""Code of a program that an evaluation does not run: functions of an `apply`, hooks, and what waits for a deployment.

A function of an `apply` is not run while its input is unknown, and one that is given a stand-in for an encrypted value
runs with a value that nobody has. Code that awaits an output runs with None in place of what is unknown. Hooks run only
in a deployment, and so does what a program guards by `is_dry_run`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from sys import _getframe
from traceback import walk_stack
from types import FrameType
from typing import Any

import pulumi
from pulumi.output import UNKNOWN
from pulumi.runtime import settings

from .effects import Effects
from .modules import Own, noting, replaced
from .stand_in import TEXT, StandInMapping


@dataclass
class _Apply:
    function: Any
    line: str
    ran: bool = False
    stood_in: bool = False  # whether it ran with a stand-in for an encrypted value


class Unrun:
    """Watches one run. `failed` is called with each error of a function that is given an output's value."""

    def __init__(self, root: Path, failed: Callable[[Exception], None]) -> None:
        self._own, self._failed = Own(root), failed
        self._applies: list[_Apply] = []
        self._others: dict[str, Any] = {}  # hooks, and reads of `is_dry_run`, by their words; None for any code

    def watched(self) -> AbstractContextManager[None]:
        """Within, it is noted which code is not run."""
        apply, is_dry_run = pulumi.Output.apply, settings.is_dry_run
        # An older SDK has no hooks.
        hooks: Any = [getattr(pulumi, kind, type("NoHooks", (), {})) for kind in ("ResourceHook", "ErrorHook")]
        future, is_known = pulumi.Output.future, pulumi.Output.is_known

        def applied(output: Any, func: Any, *arguments: Any, **options: Any) -> Any:
            if str(getattr(func, "__module__", "")).partition(".")[0] == "pulumi":
                return apply(output, func, *arguments, **options)
            noted = _Apply(func, self._nearest())
            self._applies.append(noted)

            def watched(value: Any) -> Any:
                noted.ran, noted.stood_in = True, _holds_stand_in(value)
                try:
                    result = func(value)
                except Exception as error:
                    self._failed(error)
                    raise
                return _without_guesses(result) if noted.stood_in else result

            return apply(output, watched, *arguments, **options)

        def hooked(_made: Any, name: str, func: Any, *_: Any, **_options: Any) -> None:
            self._others[f"the hook {name} at {self._nearest(func)}"] = func

        def asked() -> bool:
            frame = _getframe(1)
            if self._own.has(frame.f_code.co_filename):
                self._others[f"the code for deployments at {self._own.caller(walk_stack(frame))}"] = None
            return is_dry_run()

        def awaited(output: Any, *arguments: Any, **options: Any) -> Any:
            return self._awaited(output, future(output, *arguments, **options), is_known, _getframe(1))

        def asked_for(output: Any) -> Any:
            return self._awaited(output, is_known(output), is_known, _getframe(1))

        return replaced(
            (pulumi.Output, "apply", applied),
            (pulumi.Output, "future", awaited),
            (pulumi.Output, "is_known", asked_for),
            *((kind, "__init__", noting(hooked, kind.__init__)) for kind in hooks),
            (pulumi.runtime, "is_dry_run", asked),
            (settings, "is_dry_run", asked),
        )

    def _awaited(self, output: Any, answer: Any, is_known: Any, frame: FrameType) -> Any:
        """An answer about an output that the program awaits; its code goes on without the output if that is unknown."""
        file, number = frame.f_code.co_filename, frame.f_lineno
        if not self._own.has(file):
            return answer

        async def noted() -> Any:
            result = await answer
            if not await is_known(output):
                self._others[f"the code that awaits an output at {self._own.line(file, number)}"] = None
            return result

        return noted()

    def found(self) -> dict[str, list[str] | None]:
        """By its words, the types of the resources that code may declare; None if it may do anything."""
        merged: dict[str, list[str] | None] = {}
        for code, done in self._effects():
            if done is None or done.anything:
                merged[code] = None
            elif (before := merged.get(code, [])) is not None and done.types:
                merged[code] = sorted({*before, *done.types})
        return merged

    def _effects(self) -> Iterator[tuple[str, Effects | None]]:
        for apply in self._applies:
            if not apply.ran or apply.stood_in:
                yield f"the function of apply at {apply.line}", Effects(apply.function, self._own.has)
        for code, function in self._others.items():
            yield code, None if function is None else Effects(function, self._own.has)

    def _nearest(self, function: Any = None) -> str:
        """The nearest line of the program, else the function's own: the SDK makes hooks of functions later."""
        if caller := self._own.caller(walk_stack(_getframe(2))):
            return caller
        code: Any = getattr(function, "__code__", None)
        own = code is not None and self._own.has(code.co_filename)
        return self._own.line(code.co_filename, code.co_firstlineno) if own else "a line of a package"


def _without_guesses(result: Any) -> Any:
    """The result of a function that was given a stand-in: unknown if the stand-in only decided it."""
    guessed = isinstance(result, str | int | float | list | tuple | dict) and not _holds_stand_in(result)
    return pulumi.Output.from_input(UNKNOWN) if guessed else result


def _holds_stand_in(value: Any) -> bool:
    if isinstance(value, str):
        return TEXT in value
    if isinstance(value, Mapping):
        return isinstance(value, StandInMapping) or any(map(_holds_stand_in, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_stand_in, value))

"""All stacks of `make prove` at once, until they are done, somebody stops them, or the time is over."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from .life import EngineError, Life

LIMIT_SECONDS: Final = 2 * 60 * 60
"""After which everything is destroyed. A destroy has no limit of its own."""
_PAUSE: Final = 0.2


@dataclass(kw_only=True)
class Run:
    """A run. `begin` makes the life of a stack, which creates the empty stack."""

    begin: Callable[[str], Life]
    say: Callable[[str], None]
    limit: float = LIMIT_SECONDS
    lives: list[Life] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    why: str = ""
    """Why it was stopped."""

    def is_stopped(self) -> bool:
        return bool(self.why)

    def stop(self, why: str, *, removal: bool = False) -> None:
        """Interrupt every phase, after which each stack is removed. With `removal`, removals end too."""
        self.why = self.why or why
        self.say(f"{why}: {'removals end, see --clean' if removal else 'removing every stack; this takes a while'}")
        for life in self.lives:
            life.interrupt(removal=removal)

    def run_all(self, names: Sequence[str], at_once: int, *, first_alone: bool) -> None:
        """Run the stacks. With `first_alone`, the others begin when the first one is up."""
        began, others = time.monotonic(), threading.Event()
        if not first_alone:
            others.set()
        with _handle_signals(), ThreadPoolExecutor(at_once) as pool:
            left: set[Future[None]] = {pool.submit(self._run_one, name, names[0], others) for name in names}
            while left:
                try:
                    _, left = wait(left, _PAUSE, FIRST_COMPLETED)
                    if not self.why and time.monotonic() - began > self.limit:
                        self.stop(f"the time limit of {self.limit / 3600:g} hours")
                except KeyboardInterrupt:
                    self.stop("interrupted", removal=bool(self.why))

    def _run_one(self, name: str, first: str, others: threading.Event) -> None:
        try:
            while name != first and not self.why and not others.wait(_PAUSE):
                pass
            if self.why:
                return
            life = self.begin(name)
            life.came_up = others.set if name == first else life.came_up
            self.lives.append(life)
            life.run()
        except EngineError as error:
            self.problems.append(f"{name}: {error}")
        except Exception as error:
            # The other stacks go on, and are removed.
            self.problems.append(f"{name}: {type(error).__name__}: {error}")
        finally:
            if name == first:
                others.set()


@contextmanager
def _handle_signals() -> Iterator[None]:
    """Take the end of a job or of a terminal as Ctrl-C."""
    taken = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

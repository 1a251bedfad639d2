"""Gives the answer of a request again when the SDK repeats the request, since it lost the answer.

For the emulator a repeated DeleteRoute is a second one, which finds no route. An SDK sends the same
`amz-sdk-invocation-id` with each attempt of a call.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from .calls import Application, Environ

_KEPT: Final = 500
"""Calls whose answers are kept. An attempt follows the last one within seconds."""


@dataclass
class _Answer:
    """The answer of one call, if it succeeded. An SDK repeats some failures to get another answer."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    head: tuple[Any, ...] = ()
    body: bytes = b""


class Repeated:
    """An application that runs each call once, however often it is sent."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Run a call, or give its answer again."""
        call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if not call:
            return self._inner(environ, start_response)
        answer = self._of(call)
        # The attempt before may still run.
        with answer.lock:
            if not answer.head:
                started: list[tuple[Any, ...]] = []
                body = b"".join(self._inner(environ, lambda *head: started.append(head)))
                if not str(started[-1][0]).startswith("2"):
                    start_response(*started[-1])
                    return [body]
                answer.head, answer.body = started[-1], body
            start_response(*answer.head)
            return [answer.body]

    def _of(self, call: str) -> _Answer:
        with self._lock:
            answer = self._answers.setdefault(call, _Answer())
            self._answers.move_to_end(call)
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
            return answer

"""The event loop of a program. The SDK's calls to the monitor are made at once, in the program's order.

The SDK makes each of them in a thread, since an engine may take long to answer. The recorder answers at once, and
changing threads a hundred times took a tenth of a stack's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, TypeVar, TypeVarTuple

from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime._context import wrap_with_context
from pulumi.runtime.settings import _get_rpc_manager

_SDK: Final = wrap_with_context.__module__
_ROUNDS: Final = 100_000
"""A resource takes some thirty; a task of the program that never rests holds the run up for no longer."""
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Loop(asyncio.SelectorEventLoop):
    """Leaves what the program itself gives to threads in threads."""

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """A call of the SDK is made in a thread only if there are transforms, which the loop runs meanwhile."""
        if func.__module__ != _SDK or any(one._transforms for one in _CallbackServicer._servicers):
            return super().run_in_executor(executor, func, *args)
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # of any kind: a thread would hand it on as well
            done.set_exception(error)
        return done


async def settled() -> None:
    """Let everything run that can, and forget the calls that succeeded.

    The SDK waits for outputs one after the other, for all of them each time: a chain of 300 resources took 7 seconds.
    """
    loop: Any = asyncio.get_running_loop()
    for _ in range(_ROUNDS):
        if not loop._ready:
            break
        await asyncio.sleep(0)
    calls: list[Any] = _get_rpc_manager().rpcs
    calls[:] = [call for call in calls if not call.done() or call.exception()]

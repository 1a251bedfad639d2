"""The event loop of each program that a test runs, on the review's recorder or on mocks.

The SDK makes each call to its monitor in a thread, since an engine may take long to answer. A recorder answers at once,
and changing threads a hundred times took a tenth of a stack's time. So this loop makes the calls at once, in the
program's order. What the SDK does at each resource, and no recorder reads, is left out.
"""

import asyncio
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from typing import Any, Final, TypeVar, TypeVarTuple

from pulumi import Output, _types, log
from pulumi.runtime import get_root_resource, resource
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime._context import wrap_with_context
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.settings import SETTINGS, _get_rpc_manager

from review.evaluate.program_process import disable_debug_messages

_SDK: Final = wrap_with_context.__module__
_ROUNDS: Final = 100_000
"""A resource takes some thirty; a task of the program that never rests holds the run up for no longer."""
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Loop(asyncio.SelectorEventLoop):
    """Leaves what the program itself gives to threads in threads."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: list[asyncio.Task[Any]] = []

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """A task that this loop knows of."""
        self._tasks.append(task := asyncio.Task(coro, loop=self, **options))
        return task

    async def end(self) -> None:
        """Cancel the tasks that the program left, and close its generators and threads."""
        left = [task for task in self._tasks if not (task.done() or task is asyncio.current_task())]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.shutdown_asyncgens()
        await self.shutdown_default_executor()

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """A call of the SDK is made in a thread only if there are transforms, which the loop runs meanwhile."""
        if func.__module__ != _SDK or any(servicer._transforms for servicer in _CallbackServicer._servicers):
            return super().run_in_executor(executor, func, *args)
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # of any kind: a thread would hand it on as well
            done.set_exception(error)
        return done


@contextmanager
def own_loop() -> Iterator[Loop]:
    """A loop for one run, which ends with it.

    asyncio.Runner would look for tasks that are left among those of all loops: a quarter of a long process's time. And
    it would put off a Ctrl-C until the program waits for something.
    """
    loop = Loop()
    loop.set_exception_handler(lambda _loop, _context: None)
    asyncio.set_event_loop(loop)  # the SDK's mocks look it up
    with closing(loop):
        try:
            yield loop
        finally:
            loop.run_until_complete(loop.end())
            asyncio.set_event_loop(None)


class Callbacks(_CallbackServicer):
    """Keeps transforms, in place of the SDK's server. It listens on no port, and hooks are not run in a preview."""

    def __init__(self, monitor: Any) -> None:  # not the base's, which makes a server
        self._callbacks, self._transforms, self._state_migrations = {}, {}, {}
        self._monitor, self._target, self._server = monitor, "nowhere", self
        self._loop = asyncio.get_running_loop()
        _CallbackServicer._servicers.append(self)

    async def stop(self, grace: float) -> None:
        """Let go of the run, since the SDK keeps its last servicer."""
        vars(self).clear()


async def settle() -> None:
    """Let everything of a program run that can, and forget the calls and the outputs that succeeded.

    The SDK waits for outputs one after the other, for all of them each time: a chain of 300 resources took 7 seconds.
    """
    loop: Any = asyncio.get_running_loop()
    stack: Any = get_root_resource()
    exported = dict(stack.outputs)
    for _ in range(_ROUNDS):
        if not loop._ready:
            break
        await asyncio.sleep(0)
    calls: list[Any] = _get_rpc_manager().rpcs
    calls[:] = [call for call in calls if not call.done() or call.exception()]
    SETTINGS.outputs -= {one for one in SETTINGS.outputs if one.done() and not (one.cancelled() or one.exception())}
    # The SDK takes exports when the program, or its `pulumi.run`, has run: those of an `apply` come too late.
    if getattr(stack, "_async_program", None) is None:
        stack.outputs = exported


for _reads in ("_is_union_type", "_is_optional_type", "unwrap_type"):  # the SDK does, for each value of each resource
    setattr(_types, _reads, functools.cache(getattr(_types, _reads)))
log.debug = disable_debug_messages(log.debug)
# The SDK reads every frame and its line of code at each declaration: a fifth of a stack's time.
vars(resource)["_get_stack_trace"] = source_pb2.StackTrace
# The SDK has each output take itself out of this set: a third of what the loop calls. `settle` takes all out at once.
type.__setattr__(Output, "_track", lambda one: SETTINGS.outputs.add(one._data))

"""Runs a program in this process: the recorder is called without a socket, and modules stay imported."""

import asyncio
import contextvars
import functools
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import Any, Final

from pulumi import Output, RunError, _types, log
from pulumi.runtime import configure, set_all_config
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.stack import run_in_stack

from review.evaluate.host.messages import CallError
from review.evaluate.host.python import run_file, without_messages
from review.evaluate.host.watch import Tell, Watch
from review.evaluate.process import passed
from review.tests.helpers.in_process.loop import own_loop, settled
from review.tests.helpers.in_process.modules import own_modules

_TRANSFORM_SECONDS: Final = 30.0
for _reads in ("_is_union_type", "_is_optional_type", "unwrap_type"):  # the SDK does, for each value of each resource
    setattr(_types, _reads, functools.cache(getattr(_types, _reads)))
log.debug = without_messages(log.debug)
# The SDK has each output take itself out of this set: a third of what the loop calls. `settled` takes all out at once.
type.__setattr__(Output, "_track", lambda one: runtime_settings.SETTINGS.outputs.add(one._data))


class _Callbacks(_CallbackServicer):
    """Keeps transforms, in place of the SDK's server. It listens on no port, and hooks are not run in a preview."""

    def __init__(self, monitor: Any) -> None:  # not the base's, which makes a server
        self._callbacks, self._transforms, self._state_migrations = {}, {}, {}
        self._monitor, self._target, self._server = monitor, "nowhere", self
        self._loop = asyncio.get_running_loop()
        _CallbackServicer._servicers.append(self)

    async def stop(self, grace: float) -> None:
        """Let go of the run, since the SDK keeps its last servicer."""
        vars(self).clear()


def call_back(callback: Any, asked: bytes) -> bytes:
    """Call a transform of the program."""
    servicer = next(servicer for servicer in _CallbackServicer._servicers if callback.token in servicer._callbacks)
    future: Any = asyncio.run_coroutine_threadsafe(
        servicer._callbacks[callback.token](asked),  # type: ignore[arg-type] # it is a coroutine
        servicer._loop,
    )
    return bytes(future.result(_TRANSFORM_SECONDS).SerializeToString())


def run(program: dict[str, Any], recorder: Any, log: Any, tell: Tell, patience: float, *, reimport: bool) -> None:
    """Run a program as `python.main` does. Raises the program's own error."""
    root, main = Path(program["root"]), Path(program["main"])
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(passed(before) | {"HOME": before.get("HOME", "/")})
    modules = own_modules(root, main.parent) if reimport else nullcontext()
    try:
        # The watch reports what was not run while the program's modules are loaded.
        with modules, Watch(root, tell).watched(isolated=True):
            # A context of its own: the SDK's settings, config and root resource are context variables.
            contextvars.copy_context().run(_evaluate, program, recorder, log, patience)
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Engine(MockEngine):
    def __init__(self, log: Any) -> None:
        super().__init__(logging.getLogger("review.program"))
        self.Log = log  # type: ignore[method-assign] # the engine's only work here

    def RequirePulumiVersion(self, request: Any) -> None:
        """Whichever CLI is used later checks its own version."""


class _Monitor:
    """A recorder whose refusals the SDK takes for the engine's."""

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._recorder, name)

        def answered(*arguments: Any) -> Any:
            try:
                return method(*arguments)
            except CallError as error:
                raise RunError(str(error)) from error

        return answered


def _evaluate(program: dict[str, Any], recorder: Any, log: Any, patience: float) -> None:
    runtime_settings.ROOT.set(None)
    configure(
        MockSettings(  # type: ignore[no-untyped-call] # the SDK's class
            monitor=_Monitor(recorder),
            monitor_features=set(),
            engine=_Engine(log),
            project=program["project"],
            stack=program["stack"],
            # Programs guard side effects by this, so it is true even if outputs are known.
            dry_run=True,
            organization=program["organization"],
            package_refs={},
            base_providers_by_ref={},
            root_directory=program["root"],
            lock=threading.Lock(),
            outputs=set(),
            legacy_apply_enabled=False,
            **dict.fromkeys(("callbacks", "parallel")),
        )
    )
    set_all_config(program["config"], program["secret_keys"])

    async def declared() -> None:
        run_file(program["main"])
        stack: Any = runtime_settings.get_root_resource()
        exported = dict(stack.outputs)
        await settled()
        # The SDK takes exports when the file, or its `pulumi.run`, has run: those of an `apply` come too late.
        if getattr(stack, "_async_program", None) is None:
            stack.outputs = exported

    async def main() -> None:
        runtime_settings.SETTINGS.callbacks = _Callbacks(recorder)
        await asyncio.wait_for(run_in_stack(declared), patience)

    with _as_the_cli(Path(program["main"])), own_loop() as loop:
        loop.run_until_complete(main())


@contextmanager
def _as_the_cli(main: Path) -> Iterator[None]:
    """Working directory, import path and arguments as a real run has them, all put back after."""
    path, argv, folder = list(sys.path), sys.argv, Path.cwd()
    sys.path.insert(0, str(main.parent))
    sys.argv = [str(main)]
    os.chdir(main.parent)
    # Processes that the program starts write past sys.stdout, which is only for the report.
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.chdir(folder)
        sys.argv, sys.path[:] = argv, path

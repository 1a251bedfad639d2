"""Runs a Python program as the CLI's language host does: by the engine's protocol, on the SDK's public runtime."""

import asyncio
import importlib
import json
import logging
import os
import runpy
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import FOLDERS
from .messages import CLAIM_METHOD


def run_file(main: str) -> None:
    from .watch import ExitError

    try:
        runpy.run_path(main, run_name="__main__")
    except SystemExit as leaving:  # asyncio lets it out past everything that waits for the run to settle
        if leaving.code:
            raise ExitError(f"the program left with exit status {leaving.code}") from leaving


def without_messages(debug: Callable[..., None]) -> Callable[..., None]:
    """The SDK's `log.debug` without messages: it sends several for each resource, and the review shows none."""

    def ignored(msg: object, *arguments: object, **options: object) -> None:
        if not isinstance(msg, str):
            debug(msg, *arguments, **options)  # an error

    return ignored


def _imported_from(today: str, older: str) -> None:
    """Import packages of a repository, which the environment of today refers to, from an older version of it."""
    environment = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]

    def path(entry: str) -> str:
        real = Path(entry).resolve()
        is_own = real.is_relative_to(today) and not any(map(real.is_relative_to, environment))
        return str(Path(older, real.relative_to(today))) if is_own else entry

    sys.path[:] = map(path, sys.path)
    # Setuptools has the folders of packages in the module of a finder.
    for finder in (module for name, module in sys.modules.items() if name.startswith("__editable__")):
        mapping, spaces = (getattr(finder, name, {}) for name in ("MAPPING", "NAMESPACES"))
        mapping.update({name: path(folder) for name, folder in mapping.items()})
        spaces.update({name: [*map(path, folders)] for name, folders in spaces.items()})


def _copied(line: int, output: int) -> bool:
    """Make a copy of this process, which has these ends of its connections; see `process.py`. True in the copy."""
    is_copy = os.fork() == 0
    if is_copy:
        os.setsid()
        for place, end in enumerate((line, output, output)):
            os.dup2(end, place)
        os.write(0, b"%d\n" % os.getpid())
    os.close(line)
    os.close(output)
    return is_copy


def _end_with_the_review() -> None:
    """End this process, and others of its session, once the review has closed its end of the connection.

    Nothing else ends a copy whose review was killed: it is in a session of its own.
    """
    closing = select.poll()
    closing.register(0, select.POLLHUP | getattr(select, "POLLRDHUP", 0))
    closing.poll()
    os.killpg(0, signal.SIGKILL)


def _described_program() -> dict[str, Any]:
    """Returns the description of the program, which comes when the review is ready itself.

    Ends this process if none comes: the review ended, because the stack file has a mistake for example.
    """
    with suppress(OSError):  # the review closed a connection that it had not read to its end
        if line := sys.stdin.readline():
            program: dict[str, Any] = json.loads(line)
            return program
    os._exit(0)


def main(common: str = "", *ends: str) -> None:
    """Run the program whose description comes on the standard input, and end this process.

    With `ends`, a copy of this process, which has imported the module `common`, runs another one.
    """
    from .network import leave_network, with_socket

    isolated = leave_network()  # before a library starts a thread: only then the system allows it
    import grpc
    from grpc import aio
    from pulumi import log, runtime

    from . import lazy_packages
    from .stand_in import TEXT, StandIn
    from .watch import Watch

    lazy_packages.install()
    if common:
        sys.path.insert(0, str(Path.cwd()))
        with suppress(Exception):  # the program's own import will say it
            importlib.import_module(common)
        del sys.path[0]
    is_copy = bool(ends) and _copied(*map(int, ends))
    program = _described_program()
    if is_copy:
        threading.Thread(target=_end_with_the_review, daemon=True).start()
    folder = program["folder"]
    os.environ |= {key: f"{folder}/{name}" for key, name in FOLDERS.items()}
    address = f"unix:{folder}/recorder"
    log.debug = without_messages(log.debug)
    aio.server = with_socket(folder, aio.server)
    tell = grpc.insecure_channel(address).unary_unary(CLAIM_METHOD)
    settings = runtime.Settings(
        project=program["project"],
        stack=program["stack"],
        monitor=address,
        engine=address,
        dry_run=True,  # programs guard side effects by this, so it is true even if outputs are known
        organization=program["organization"],
        root_directory=program["root"],
    )
    runtime.configure(settings)
    config = {key: StandIn(value) if value == TEXT else value for key, value in program["config"].items()}
    runtime.set_all_config(config, program["secret_keys"])
    if program["older"]:
        _imported_from(*program["older"])
    sys.argv = [program["main"]]
    sys.path[0:0] = [str(Path(program["main"]).parent)]
    # As the CLI's own: after a failure every task that is left raises it.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda *_: None)
    status = 0
    try:
        watch = Watch(Path(program["root"]), lambda claim: tell(json.dumps(claim).encode()))
        with watch.watched(isolated=isolated):
            loop.run_until_complete(runtime.run_in_stack(lambda: run_file(program["main"])))
    except BaseException:  # reported by the watch
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Without exit handlers and threads: a program's own could wait without end, or delete the files that it declares.
    if is_copy:
        os.write(0, b"%d\n" % status)
    os._exit(status)

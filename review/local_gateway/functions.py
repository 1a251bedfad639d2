"""Lambda functions, run from their own archives: one process for each call that runs at the same time."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..aws.catalog import types
from ..aws.compute.functions import (
    DEFAULT_MEMORY,
    DEFAULT_TIMEOUT,
    find_memory,
    find_reserved_concurrency,
    find_timeout,
)
from ..graph import Graph, Resource, reveal
from ..graph.reading import as_text, get_declared_input, get_output, get_value
from .environment import INIT_SECONDS, Environment, FunctionError, Result
from .errors import FunctionFailure, GatewayError
from .request import Say
from .unpacked import UnsupportedRuntimeError, link_sdk, unpack

_WRAPPER: Final = "AWS_LAMBDA_EXEC_WRAPPER"
_TASK_FOLDER: Final = "/var/task"
_QUALIFIER: Final = re.compile(r":function:[^:/]+:([^:/]+)")
_MOST_PROCESSES: Final = 10
"""Calls of one function at the same time."""
_NODE_RUNTIME: Final = "nodejs"
_NO_SDK: Final = (
    ". Lambda's runtimes for Node.js contain the AWS SDK: install the package in your project (npm install --save-dev)"
)
_NODE: Final = Path(__file__).with_name("node_runtime.mjs")
_PYTHON: Final = Path(__file__).with_name("python_runtime.py")


def find_version(graph: Graph, uri: str) -> tuple[str, str]:
    """The alias or version by which an address calls a function, and the version's number; empty if not known."""
    found = _QUALIFIER.search(uri)
    qualifier = found[1] if found else ""
    aliases = (one for one in graph.list_by_type(*types.ALIAS) if get_declared_input(one, "name") == qualifier)
    alias = next(aliases, None)
    return qualifier, qualifier if alias is None else as_text(get_declared_input(alias, "functionVersion"))


class Function:
    """One function of the graph."""

    def __init__(
        self,
        resource: Resource,
        variables: Mapping[str, str],
        say: Say,
        aws_endpoint: str = "",
        project: Path | None = None,
    ) -> None:
        """`variables` are those of its environment, with addresses of this machine in place of the network's.

        Raises UnsupportedRuntimeError.
        """
        self.name = resource.name
        self._resource, self._variables, self._say = resource, variables, say
        self._aws_endpoint = aws_endpoint
        self._seconds = find_timeout(resource) or DEFAULT_TIMEOUT
        self._reserved = find_reserved_concurrency(resource)
        # Without a reserved number AWS starts more; here a call waits for one of these.
        self._free = asyncio.Semaphore(_MOST_PROCESSES)
        self._all: list[Environment] = []
        self._made = Path(tempfile.mkdtemp(prefix="gatehouse-try-")).resolve()
        self._folder = self._made / "task"
        self._folder.mkdir()
        try:
            # First, since functions from images have no code here.
            self._command = _build_command(resource, variables, self._folder)
            unpack(reveal(get_declared_input(resource, "code")), self._folder)
        except (UnsupportedRuntimeError, OSError, ValueError, zipfile.BadZipFile) as problem:
            shutil.rmtree(self._made, ignore_errors=True)
            reason = "" if isinstance(problem, UnsupportedRuntimeError) else "its code cannot be read: "
            raise UnsupportedRuntimeError(f"{self.name}: {reason}{problem}") from None
        if _NODE_RUNTIME in as_text(get_declared_input(resource, "runtime")):
            link_sdk(project, self._made)

    async def invoke(
        self,
        event: bytes,
        seconds: float | None = None,
        qualifier: str = "",
        version: str = "",
        log: list[str] | None = None,
    ) -> Result:
        """The result for one event, by a version if the caller names an alias or a version (`qualifier`).

        `seconds` is the caller's patience once a process is free: AWS starts as many as there are calls. `log` takes
        the lines that the process writes until its next event.
        Raises GatewayError if the function fails or may not run, and TimeoutError.
        """
        if self._reserved is not None and sum(environment.busy for environment in self._all) >= self._reserved:
            note = f"{self.name} runs {self._reserved} calls at the same time already"
            raise GatewayError("FUNCTION_THROTTLED", f"{note}; raise its reserved concurrency")
        async with self._free:
            try:
                async with asyncio.timeout(seconds):
                    free = (
                        environment
                        for environment in self._all
                        if environment.qualifier == qualifier and not environment.busy and not environment.ended
                    )
                    process = next(free, None) or await self._start_environment(qualifier, version)
                    process.log = [] if log is None else log
                    return await process.invoke(event, self._seconds)
            except FunctionError as error:
                self._say(f"{self.name}: {error.kind}: {error}")
                lacks_sdk = "Cannot find" in str(error) and "'@aws-sdk/" in str(error)
                note = f"{self.name} failed: {error}{_NO_SDK if lacks_sdk else ''}"
                raise FunctionFailure(note, str(error)) from None

    async def _start_environment(self, qualifier: str, version: str) -> Environment:
        arn = (as_text(get_output(self._resource, "arn")) or self.name) + (f":{qualifier}" if qualifier else "")
        process = Environment(self.name, arn, self._say_line)
        process.qualifier = qualifier
        self._all.append(process)
        started = time.perf_counter()
        # If the start takes longer, Lambda starts it again as a part of the call, in the function's own time.
        starting = asyncio.ensure_future(
            process.start(self._command, self._folder, self._build_variables(version), INIT_SECONDS + self._seconds)
        )
        try:
            await asyncio.shield(starting)
        except BaseException:
            # One that is cut off where it opens a port would leave that open.
            await process.stop()
            await asyncio.wait([starting])
            await process.stop()
            # Nobody waits for its error, whose text is the function's own.
            starting.cancelled() or starting.exception()
            raise
        self._say(f"{self.name}: cold start, {(time.perf_counter() - started) * 1000:.0f} ms here")
        return process

    def _say_line(self, line: str) -> None:
        # Tracebacks name the files as on AWS.
        self._say(line.replace(str(self._folder), _TASK_FOLDER))

    def _build_variables(self, version: str) -> dict[str, str]:
        """The function's variables and Lambda's own, with none of the caller's."""
        region, name = self._resource.region, as_text(get_output(self._resource, "name")) or self.name
        logs = (
            as_text(get_value(get_declared_input(self._resource, "loggingConfig"), "logGroup")) or f"/aws/lambda/{name}"
        )
        own = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(self._folder),
            "LAMBDA_TASK_ROOT": str(self._folder),
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "LD_LIBRARY_PATH": f"{self._folder}:{self._folder}/lib",
            "PYTHONPATH": "/var/runtime",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": f"{find_memory(self._resource) or DEFAULT_MEMORY:g}",
            "AWS_LAMBDA_FUNCTION_VERSION": version or "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": logs,
            "AWS_LAMBDA_LOG_STREAM_NAME": time.strftime("%Y/%m/%d/[$LATEST]", time.gmtime()) + uuid.uuid4().hex,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{as_text(get_declared_input(self._resource, 'runtime'))}",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "gatehouse-try",
            "AWS_SECRET_ACCESS_KEY": "gatehouse-try",
            "AWS_SESSION_TOKEN": "gatehouse-try",
            "AWS_EC2_METADATA_DISABLED": "true",
            **({"AWS_ENDPOINT_URL": self._aws_endpoint} if self._aws_endpoint else {}),
            "_HANDLER": as_text(get_declared_input(self._resource, "handler")),
        }
        return {**own, **self._variables}

    async def stop(self) -> None:
        """End every process, and remove the unpacked archive."""
        await asyncio.gather(*(environment.stop() for environment in self._all))
        await asyncio.to_thread(shutil.rmtree, self._made, ignore_errors=True)


def _build_command(resource: Resource, variables: Mapping[str, str], folder: Path) -> list[str]:
    """The command that starts the function. Raises UnsupportedRuntimeError."""
    runtime = as_text(get_declared_input(resource, "runtime"))
    language = runtime.rstrip("0123456789.x")
    wrapper = variables.get(_WRAPPER, "").replace(_TASK_FOLDER, str(folder))
    if as_text(get_declared_input(resource, "packageType")) == "Image":
        raise UnsupportedRuntimeError("functions from container images are not served")
    if language == "python":
        client = ["-m", "awslambdaric", as_text(get_declared_input(resource, "handler"))]
        own = client if importlib.util.find_spec("awslambdaric") else [str(_PYTHON)]
        command = [sys.executable, *([] if wrapper else own)]
    elif language == _NODE_RUNTIME:
        if not (node := shutil.which("node")):
            raise UnsupportedRuntimeError(f"runtime {runtime} requires node on the PATH")
        command = [node, str(_NODE)]
    else:
        raise UnsupportedRuntimeError(f"runtime {runtime} is not served; Python and Node.js are")
    return [wrapper, *command] if wrapper else command

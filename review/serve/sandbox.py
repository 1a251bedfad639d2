"""A process that evaluates texts of the stack's author: each of them may run code, or never end."""

import asyncio
import importlib.util
import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..aws.catalog import types
from ..confine.keeper import Limits
from ..graph import Asset, Resource
from .errors import FunctionFailure, GatewayError
from .functions import Function

_CODE: Final = Path(__file__).with_name("sandboxed.py")
_PACKAGES: Final = ("airspeed", "jsonschema")
_MEGABYTES: Final = 512
_INPUTS: Final = {"runtime": "python3", "handler": "sandboxed.handler", "timeout": 3, "memorySize": _MEGABYTES}
_LIMITS: Final = Limits(seconds=math.inf, memory=_MEGABYTES << 20, processes=16, threads=64, files=1024, disk=16 << 20)
_NAME: Final = "sandbox"
_AT_ONCE: Final = 2
"""Calls of one route that are evaluated at the same time: the routes share the processes."""
_MOST: Final = 256
"""Calls of one route that are evaluated or wait for that."""
_PATIENCE: Final = 10.0


class Sandbox:
    """Runs `sandboxed.py` as a function of the stack: confined, without secrets, and ended when it is late."""

    def __init__(self) -> None:
        self._function: Function | None = None
        self._asked: Counter[str] = Counter()
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))

    async def ask(self, route: str, kind: str, **values: Any) -> Any:
        """The result of a function of `sandboxed.py` for a call of a route. Raises GatewayError."""
        if self._asked[route] >= _MOST:
            raise GatewayError("THROTTLED", f"{_MOST} calls of {route} are evaluated or wait: its texts are slow")
        self._asked[route] += 1
        try:
            async with asyncio.timeout(_PATIENCE), self._places[route]:
                return await self._evaluated(kind, values)
        except TimeoutError:
            note = f"other calls of {route}, and of other routes with slow texts, took {_PATIENCE:g} s"
            raise GatewayError("INTEGRATION_TIMEOUT", note) from None
        finally:
            self._asked[route] -= 1

    async def _evaluated(self, kind: str, values: Mapping[str, Any]) -> Any:
        if self._function is None:
            specs = filter(None, map(importlib.util.find_spec, _PACKAGES))
            homes = dict.fromkeys(str(Path(spec.origin or "").parents[1]) for spec in specs)
            self._function = Function(_code(), {"PYTHONPATH": os.pathsep.join(homes)}, lambda _: None, limits=_LIMITS)
        event = json.dumps({"kind": kind, "given": values}, default=str).encode()
        try:
            told = json.loads((await self._function.invoke(event)).payload)
        except FunctionFailure as failure:
            note = f"this declaration cannot be served: {failure.reported}"
            raise GatewayError("API_CONFIGURATION_ERROR", note) from None
        if "failed" in told:
            raise GatewayError("API_CONFIGURATION_ERROR", told["failed"])
        return told["result"]

    async def fits(self, route: str, pairs: Sequence[tuple[str, str]], *, whole: bool = False) -> list[bool]:
        """Whether each regular expression fits its text from the first character on, or the whole text."""
        return list(await self.ask(route, "fits", pairs=pairs, whole=whole))

    async def stop(self) -> None:
        if self._function is not None:
            await self._function.stop()


def _code() -> Resource:
    code = Asset(members={_CODE.name: Asset(text=_CODE.read_text(encoding="utf-8"))}, archive=True)
    inputs = {**_INPUTS, "code": code}
    urn, kind = f"urn:gatehouse:try::own::{types.FUNCTION[0]}::{_NAME}", types.FUNCTION[0]
    return Resource(urn=urn, type=kind, name=_NAME, parent=None, custom=True, inputs=inputs, state=inputs)

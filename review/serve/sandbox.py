"""A process that evaluates texts of the stack's author: each of them may run code, or never end."""

import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ..aws.catalog import types
from ..graph import Asset, Resource
from .errors import FunctionFailure, GatewayError
from .functions import Function

_CODE: Final = Path(__file__).with_name("sandboxed.py")
_PACKAGES: Final = ("airspeed", "jsonschema")
_INPUTS: Final = {"runtime": "python3", "handler": "sandboxed.handler", "timeout": 5, "memorySize": 512}
_NAME: Final = "sandbox"


class Sandbox:
    """Runs `sandboxed.py` as a function of the stack: confined, without secrets, and ended when it is late."""

    def __init__(self) -> None:
        self._function: Function | None = None

    async def ask(self, kind: str, **given: Any) -> Any:
        """The result of a function of `sandboxed.py`. Raises GatewayError."""
        if self._function is None:
            specs = filter(None, map(importlib.util.find_spec, _PACKAGES))
            homes = dict.fromkeys(str(Path(spec.origin or "").parents[1]) for spec in specs)
            self._function = Function(_code(), {"PYTHONPATH": os.pathsep.join(homes)}, lambda _: None)
        event = json.dumps({"kind": kind, "given": given}, default=str).encode()
        try:
            told = json.loads((await self._function.invoke(event)).payload)
        except FunctionFailure as failure:
            note = f"this declaration cannot be served: {failure.reported}"
            raise GatewayError("API_CONFIGURATION_ERROR", note) from None
        if "failed" in told:
            raise GatewayError("API_CONFIGURATION_ERROR", told["failed"])
        return told["result"]

    async def fits(self, pairs: Sequence[tuple[str, str]], *, whole: bool = False) -> list[bool]:
        """Whether each regular expression fits its text from the first character on, or the whole text."""
        return list(await self.ask("fits", pairs=pairs, whole=whole))

    async def stop(self) -> None:
        if self._function is not None:
            await self._function.stop()


def _code() -> Resource:
    code = Asset(members={_CODE.name: Asset(text=_CODE.read_text(encoding="utf-8"))}, archive=True)
    inputs = {**_INPUTS, "code": code}
    urn, kind = f"urn:gatehouse:try::own::{types.FUNCTION[0]}::{_NAME}", types.FUNCTION[0]
    return Resource(urn=urn, type=kind, name=_NAME, parent=None, custom=True, inputs=inputs, state=inputs)

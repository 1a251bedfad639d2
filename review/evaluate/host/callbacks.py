"""Where a program registers its transforms and hooks: in place of the SDK's server, on which the engine calls them."""

import asyncio
from typing import Any

from pulumi.runtime._callbacks import _CallbackServicer


class Callbacks(_CallbackServicer):
    """Keeps them, and listens on no port: the monitor runs transforms itself, and hooks are not run in a preview."""

    def __init__(self, monitor: Any) -> None:  # not the base's, which makes a server
        self._callbacks = {}
        self._transforms = {}
        self._state_migrations = {}
        self._monitor = monitor
        self._loop = asyncio.get_running_loop()
        self._target = "nowhere"
        self._server = self
        _CallbackServicer._servicers.append(self)

    async def stop(self, grace: float) -> None:
        """There is nothing to stop."""

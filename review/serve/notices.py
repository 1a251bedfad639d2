"""Where the server's notices go: lines for the reader, and what happened to each request."""

from collections.abc import Callable

from .request import Trace

Say = Callable[[str], None]
Told = Callable[[Trace], None]

"""A backend that is stopped when its test is over."""

from collections.abc import Iterator

import pytest

from tests.forwarder.loopback import Loopback, Script
from tests.forwarder.setting import Serve


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(script, ...)` starts a backend."""
    started: list[Loopback] = []

    def start(*scripts: Script) -> Loopback:
        started.append(Loopback(list(scripts)))
        return started[-1]

    yield start
    for backend in started:
        backend.close()

"""A backend, a Runtime API and a runtime that are stopped when their test is over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.forwarder.lambda_api import FOLDER, LambdaApi, Runtime
from tests.forwarder.loopback import Loopback, Script
from tests.forwarder.setting import Serve

Start = Callable[..., Runtime]


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


@pytest.fixture
def lambda_api() -> Iterator[LambdaApi]:
    """Lambda's Runtime API."""
    api = LambdaApi()
    yield api
    api.close()


@pytest.fixture
def start(lambda_api: LambdaApi, tmp_path: Path) -> Iterator[Start]:
    """`start(url, ...)` starts the loop of the runtime."""
    started: list[Runtime] = []

    def runtime(url: str, **variables: str) -> Runtime:
        log = tmp_path / f"log-{len(started)}"
        started.append(Runtime(lambda_api, FOLDER, log, {"BACKEND_URL": url, **variables}))
        return started[-1]

    yield runtime
    for one in started:
        one.stop()

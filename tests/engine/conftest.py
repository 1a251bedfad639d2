"""An emulator for tests of what it answers. It needs moto, which only `make engine` installs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.engine.cli import Engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine of which there is only the emulator."""
    pytest.importorskip("moto")
    from tests.engine.emulator import COMMAND, emulator

    log: Path = tmp_path_factory.mktemp("emulator") / "log"
    with emulator(COMMAND, log) as address:
        yield cast(Engine, SimpleNamespace(endpoint=address))

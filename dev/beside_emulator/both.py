"""The program of this folder, served by the local gateway and by the emulator."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from review.evaluate.project_file import load
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.serve.stack import Options
from review.serve.testing import Served, serving

from .emulator import Deployed, emulator

PROGRAM: Final = Path(__file__).parent / "program"
VARIABLE: Final = "GATEHOUSE_MINISTACK"
PYTHON: Final = os.environ.get(VARIABLE)
"""An interpreter that has `ministack`."""


class Both(NamedTuple):
    """The local gateway; the emulator's address, and the host of each API there by its logical name."""

    local: Served
    address: str
    hosts: Mapping[str, str]


@contextmanager
def both(python: str) -> Iterator[Both]:
    """Serve the program twice while the block runs."""
    project = load(PROGRAM)
    graph = run(project, read_stack(project, "dev"), strict=False)
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator(python, Path(folder) / "log") as address,
        serving(graph, Options()) as local,
    ):
        yield Both(local, address, Deployed(graph, PROGRAM / "functions", address).hosts)

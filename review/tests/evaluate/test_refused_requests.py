"""Requests that the engine refuses are refused here as well, and end the review."""

from pathlib import Path

import pytest

from review.evaluate.problems import ProgramError
from review.tests.evaluate.test_process import reviewed
from review.tests.helpers.fixture_types import Write

ABOVE_ITSELF = """
import contextlib
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

kind = "pulumi:pulumi:Stack::x"
above = f"urn:pulumi:dev::small::{kind}::one"
for name, given in (("one", {"parent": above}), ("below", {"parent": above}), ("one", {"dependencies": [above]})):
    made = resource_pb2.RegisterResourceRequest(type=kind, name=name, custom=True, **given)
    with contextlib.suppress(Exception):
        settings.get_monitor().RegisterResource(made)
"""


def test_no_resource_is_above_itself(write_project: Write, launch_folder: Path) -> None:
    """Nobody would come to the end of those above it. As of the engine, which knows no such parent."""
    with pytest.raises(ProgramError, match="could not find parent resource urn:pulumi:dev::small"):
        reviewed(write_project(ABOVE_ITSELF), launch_folder)


def test_a_place_that_is_none_is_left_out(write_project: Write, launch_folder: Path) -> None:
    project = write_project(
        """
        from pulumi.runtime import settings
        from pulumi.runtime.proto import resource_pb2

        made = resource_pb2.RegisterResourceRequest(type="a:b:C", name="one", custom=True)
        made.stackTrace.frames.add().pc.uri = "http://[none"
        settings.get_monitor().RegisterResource(made)
        """
    )
    assert [resource.source for resource in reviewed(project, launch_folder)] == [""]

"""Fixtures of both halves."""

from review.tests.conftest import write_project
from tests.helpers.installed import installed

__all__ = ["installed", "write_project"]

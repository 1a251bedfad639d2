"""Modules of a program, among what libraries put beside them."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from review.evaluate.host.modules import list_project_files


class Library:
    """As cffi's: it says that it is a module, and has no dictionary."""

    __slots__ = ()
    __class__ = ModuleType  # type: ignore[assignment]


def test_what_only_says_that_it_is_a_module_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ModuleType("own")
    own.__file__ = str(Path("/project/own.py"))
    monkeypatch.setitem(sys.modules, "own", own)
    monkeypatch.setitem(sys.modules, "library", Library())
    assert isinstance(sys.modules["library"], ModuleType)
    assert list_project_files(Path("/project")) == ("own.py",)

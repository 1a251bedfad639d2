"""Components with a line of theirs changed, for tests that bring an old fault back."""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

import components
from review.tests.helpers.stacks import ROOT

from .planted_traps import Planted


def plant(monkeypatch: pytest.MonkeyPatch, planted: Planted) -> None:
    """Let every component use a file's functions and classes as they are with the fault."""
    name = planted.file.removesuffix(".py").replace("/", ".")
    # Whatever were loaded only now would keep the planted lines.
    for path in _modules(components):
        importlib.import_module(path)
    original = sys.modules[name]
    copy = ModuleType(name)
    copy.__file__, copy.__package__ = original.__file__, name.rpartition(".")[0]
    monkeypatch.setitem(sys.modules, name, copy)  # dataclasses look their module up
    exec(compile(planted.text(ROOT), ROOT / planted.file, "exec"), vars(copy))
    for module in list(sys.modules.values()):
        if module.__name__.partition(".")[0] == "components":
            for key, value in list(vars(module).items()):
                own = inspect.isfunction(value) or inspect.isclass(value)
                if value is original or (own and value.__module__ == name and hasattr(copy, value.__name__)):
                    changed = copy if value is original else getattr(copy, value.__name__)
                    monkeypatch.setattr(module, key, changed)


def _modules(package: ModuleType) -> Iterator[str]:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            yield module.name

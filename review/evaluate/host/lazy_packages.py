"""Imports a module of the SDK's packages once a program uses it.

The SDK imports whole packages: `aws.ec2` has 180 modules, of which a stack uses ten, and takes a third of a preview.
Its API of automation, which starts the CLI, takes a sixth of its own import.
"""

import importlib
import re
import sys
from collections.abc import Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any, Final

_AUTOMATION: Final = "pulumi.automation"
_PACKAGE: Final = re.compile(r"pulumi_aws\.[a-z0-9_]+")
_MEMBERS: Final = re.compile(r"^from \.(\w+) import \*$", re.MULTILINE)
_OTHER: Final = re.compile(
    r"^(?!#|\s*$|from \.\w+ import \*$|import |from \.\. import |from \. import outputs$)", re.MULTILINE
)
"""A line of a package that does more than to gather what its modules have."""
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def install() -> None:
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds packages of pulumi_aws that only gather what their modules have."""

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name == _AUTOMATION and (whole := PathFinder.find_spec(name, path)) and whole.loader:
            whole.loader = LazyLoader(whole.loader)
            return whole
        spec = PathFinder.find_spec(name, path) if _PACKAGE.fullmatch(name) else None
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or not spec.submodule_search_locations:
            return None
        text = spec.loader.get_source(name) or ""
        if _OTHER.search(text):
            return None
        spec.loader = _Loader(spec.loader, _MEMBERS.findall(text))
        return spec


class _Loader(SourceFileLoader):
    """Runs nothing of a package until a member is used."""

    def __init__(self, loader: SourceFileLoader, modules: Sequence[str]) -> None:
        super().__init__(loader.name, loader.path)
        self._modules = frozenset(modules)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__getattr__"] = partial(self._member, module)

    def _member(self, package: ModuleType, name: str) -> Any:
        """A member of the package, from the module that is named after it; else after all modules are imported."""
        for module in self._likely(name):
            submodule = importlib.import_module(f"{self.name}.{module}")
            # Python binds the module under its name, where the package has the function `get_vpc` of its module.
            for member in (module, name):
                if hasattr(submodule, member):
                    setattr(package, member, getattr(submodule, member))
            if hasattr(submodule, name):
                return getattr(submodule, name)
        if name == "outputs":
            return importlib.import_module(f"{self.name}.outputs")
        del package.__dict__["__getattr__"]
        super().exec_module(package)
        return getattr(package, name)

    def _likely(self, name: str) -> list[str]:
        """Modules that a name may be of: `get_ami_output` is in get_ami, `InstanceArgs` in instance or _inputs."""
        words = _WORD.sub("_", name).lower()
        own = dict.fromkeys([words, *(words.removesuffix(f"_{suffix}") for suffix in ("args", "output", "result"))])
        modules = [*own, "_inputs" if name.endswith("Args") else "_enums"]
        return [module for module in modules if module in self._modules]

"""The components as a package for programs in any language: `pulumi package add <repository>/components`."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from pulumi.provider import main as serve

FOLDER = Path(__file__).parent


def main() -> None:
    """Serve the components. Pulumi runs this folder by its path: load it under the name that pip gives it."""
    gatehouse = load("gatehouse", FOLDER)
    provider = importlib.import_module("gatehouse.provider.gatehouse_provider").GatehouseProvider
    serve(provider(gatehouse.COMPONENTS, gatehouse.VERSION), sys.argv[1:])


def load(name: str, folder: Path) -> ModuleType:
    """Import the package in `folder` as `name`."""
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()

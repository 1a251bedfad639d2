"""The components as a package for programs in any language: `pulumi package add <repository>/components`."""

import importlib
import importlib.util
import sys
from pathlib import Path

from pulumi.provider import main as serve

FOLDER = Path(__file__).parent


def main() -> None:
    """Serve the components. Pulumi runs this folder by its path: load it as the package that it is."""
    spec = importlib.util.spec_from_file_location(
        "gatehouse", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    assert spec is not None
    assert spec.loader is not None
    gatehouse = importlib.util.module_from_spec(spec)
    sys.modules["gatehouse"] = gatehouse
    spec.loader.exec_module(gatehouse)
    provider = importlib.import_module("gatehouse.provider").GatehouseProvider
    serve(provider(gatehouse.COMPONENTS, gatehouse.VERSION), sys.argv[1:])


if __name__ == "__main__":
    main()

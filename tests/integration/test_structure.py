"""The structure of every package, read from its imports: who may import whom, and no cycle of folders or modules."""

import ast
import functools
import inspect
import json
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from components import COMPONENTS
from review.tests.helpers.stacks import ROOT

PACKAGES = ("handlers", "components", "review")
"""None of them imports another."""
NOT_THE_PRODUCT = {"review": ("policy", "tests")}


def modules_of(package: str) -> dict[str, Path]:
    folder = ROOT / package
    left_out = NOT_THE_PRODUCT.get(package, ())
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(folder.rglob("*.py"))
        if path.relative_to(folder).parts[0] not in left_out
    }


@functools.cache
def nodes(path: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text()))]


def imports(module: str, path: Path) -> Iterator[str]:
    """Every import of a module by its full name, with those inside functions and for types only."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{home}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def needs(package: str) -> dict[str, set[str]]:
    """By module, the modules of the same package that it imports. An imported name stands for its module."""
    modules = modules_of(package)

    def resolved(name: str) -> str:
        while name and name not in modules:
            name = name.rpartition(".")[0]
        return name

    return {
        module: {resolved(name) for name in imports(module, path)} - {module, ""} for module, path in modules.items()
    }


def room_of(package: str, module: str, path: Path) -> str:
    """The folder of a module. A module at the top of a package, or of the settings, is a room of its own."""
    inner = path.parent.relative_to(ROOT / package)
    return module if inner in (Path(), Path("stack/settings")) else str(inner)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_none_of_the_others(package: str) -> None:
    others = {*PACKAGES, "tests", "tools"} - {package}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for module, path in modules_of(package).items()
        for name in imports(module, path)
        if name.partition(".")[0] in others
    ]
    assert wrong == []


def test_data_flows_from_the_stack_file_to_the_components() -> None:
    """No component needs a stack file, and no setting a topology."""
    wrong = [
        f"{module} imports {other}"
        for module, others in needs("components").items()
        for other in others
        if (".stack" in other and ".stack" not in module) or (".topologies" in other and ".settings" in module)
    ]
    assert wrong == []


def test_the_root_of_components_holds_only_components() -> None:
    files = {Path(inspect.getfile(component)).name for component in COMPONENTS}
    found = {path.name for path in (ROOT / "components").glob("*.py")}
    assert found == {*files, "__init__.py", "__main__.py"}


@pytest.mark.parametrize("package", PACKAGES)
def test_neither_modules_nor_rooms_form_a_cycle(package: str) -> None:
    modules = modules_of(package)
    rooms = {module: room_of(package, module, path) for module, path in modules.items()}
    # A name that a package hands on comes from its module.
    above: dict[str, set[str]] = {}
    below: dict[str, set[str]] = defaultdict(set)
    for module, others in needs(package).items():
        above[module] = {other for other in others if modules[other].name != "__init__.py"}
        below[rooms[module]] |= {rooms[other] for other in others} - {rooms[module]}
    for each in (above, below):
        TopologicalSorter(each).prepare()  # raises CycleError, which names the cycle


OWN_IMPORTS = {
    "tests": {"handlers", "components", "tests", "tools"},
    "tests/helpers": {"components", "review", "tests.helpers"},
    "review/tests": {"review"},
}
"""What the tests of each half may import. `tests/integration` needs both."""


@pytest.mark.parametrize("folder", OWN_IMPORTS)
def test_the_halves_are_tested_separately(folder: str) -> None:
    ours = {*PACKAGES, "tests", "tools"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if folder != "tests" or not {"helpers", "integration", "engine"} & {*path.parts}
        for name in imports(".".join(path.relative_to(ROOT).with_suffix("").parts), path)
        if (name.partition(".")[0] in ours and not any(f"{name}.".startswith(f"{own}.") for own in OWN_IMPORTS[folder]))
        or (name.startswith("review.tests") and folder != "review/tests")
    ]
    assert wrong == []


def test_no_key_of_a_table_stands_twice() -> None:
    """Of two rows for one type, JSON keeps the last one, without a word."""
    twice: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in keys if keys.count(key) > 1)
        return dict(pairs)

    for path in (ROOT / "review/aws/catalog").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    assert not twice

"""The structure of every package, read from its imports: who may import whom, and no cycle of folders or modules."""

import ast
import functools
import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.helpers.stacks import ROOT

ALLOWED = {
    "facts": set(),
    "handlers": set(),
    "components": {"facts"},
    "settings": {"facts", "components"},
    "topologies": {"facts", "components", "settings"},
    "review": {"facts"},
}
"""Packages that each package may import. The program imports nothing of the review."""
FLOORS = {"facts": 3, "handlers": 3, "components": 9, "settings": 8, "topologies": 7, "review": 15}
"""Upper bound for the longest chain of rooms that need one another."""
MOST_LINES = {
    "components": 11_924,
    "settings": 4_540,
    "topologies": 1_015,
    "facts": 1_250,
    "handlers": 2_743,
    "examples": 252,
    "review/aws": 8_031,
    "review/cli": 684,
    "review/compare": 6_718,
    "review/confine": 1_046,
    "review/cost": 1_530,
    "review/engine_files": 633,
    "review/evaluate": 3_980,
    "review/graph": 1_487,
    "review/policy": 313,
    "review/reach": 3_645,
    "review/report": 3_407,
    "review/rules": 4_882,
    "review/serve": 6_394,
    "review/verify": 1_297,
    "review": 928,
    "tests": 17_534,
    "tests_of_both": 4_627,
    "review/tests": 42_071,
    "dev": 10_800,
}
"""Upper bound for the lines of Python of each package. A cut lowers it. A change that raises it says what goes instead.

"review" is the modules at the top of that package.
"""
LONGEST_FILE, LONGEST_CLASS, LONGEST_FUNCTION = 400, 200, 60
NOT_THE_PRODUCT = {"review": ("policy", "tests")}


def files_of(package: str) -> Iterator[Path]:
    """The files that a bound of `MOST_LINES` counts."""
    return (ROOT / package).glob("*.py") if package == "review" else (ROOT / package).rglob("*.py")


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
    """The folder of a module. A module at the top of a package is a room of its own: a component, or shared by all."""
    inner = path.parent.relative_to(ROOT / package)
    return module if inner == Path() else str(inner)


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    own = ALLOWED[package] | {package}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for module, path in modules_of(package).items()
        for name in imports(module, path)
        if (top := name.partition(".")[0]) not in own and top in {*ALLOWED, "tests", "tests_of_both", "dev"}
    ]
    # A handler's folder is the root of its archive, and the review's documents are written by hand.
    assert wrong == []


@pytest.mark.parametrize("package", ALLOWED)
def test_no_module_needs_itself(package: str) -> None:
    modules = modules_of(package)
    # A name that a package hands on comes from its module.
    TopologicalSorter(
        {
            one: {other for other in others if modules[other].name != "__init__.py"}
            for one, others in needs(package).items()
        }
    ).prepare()


@pytest.mark.parametrize("package", ALLOWED)
def test_rooms_form_no_cycle(package: str) -> None:
    modules = modules_of(package)
    rooms = {module: room_of(package, module, path) for module, path in modules.items()}
    below: dict[str, set[str]] = defaultdict(set)
    for module, others in needs(package).items():
        below[rooms[module]] |= {rooms[other] for other in others} - {rooms[module]}
    floors: dict[str, int] = {}
    for room in TopologicalSorter(below).static_order():  # raises CycleError, which names the cycle
        floors[room] = 1 + max((floors[other] for other in below.get(room, ())), default=0)
    assert max(floors.values()) <= FLOORS[package], floors


@pytest.mark.parametrize("package", ALLOWED)
def test_every_package_has_a_sentence(package: str) -> None:
    for module, path in modules_of(package).items():
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text())), module


def test_files_and_functions_stay_short() -> None:
    """A longer file holds two ideas, and a longer function does two things."""
    paths = [path for package in ALLOWED for path in modules_of(package).values()]
    long = [str(path.relative_to(ROOT)) for path in paths if path.read_text().count("\n") > LONGEST_FILE]
    long += [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in paths
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("package", MOST_LINES)
def test_classes_stay_short(package: str) -> None:
    """A longer class holds two ideas."""
    classes = [node for path in files_of(package) for node in nodes(path) if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes if (node.end_lineno or 0) - node.lineno >= LONGEST_CLASS] == []


@pytest.mark.parametrize("package", MOST_LINES)
def test_no_package_grows(package: str) -> None:
    size = sum(path.read_text().count("\n") for path in files_of(package))
    assert size <= MOST_LINES[package], (
        f"cut what the new lines replace, or raise the bound in MOST_LINES to {size:_} and say in the commit what goes"
    )
    assert size > 0.98 * MOST_LINES[package], f"lower the bound to {size:_}, so that the cut lasts"


def test_every_package_has_a_bound() -> None:
    folders = {str(path.parent.relative_to(ROOT)) for path in ROOT.rglob("*.py") if ".venv" not in path.parts}
    packages = {folder for folder in folders if not any(folder.startswith(f"{bound}/") for bound in MOST_LINES)}
    assert packages - set(MOST_LINES) <= {".", "dist", "build"}


def test_no_binary_is_committed() -> None:
    """A wheel was, by `git add --all`: git tells what it takes for text."""
    listed = subprocess.run(["git", "grep", "-Il", ""], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    every = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    others = {*every.splitlines()} - {*listed.splitlines()}
    assert {name for name in others if not (ROOT / name).exists() or (ROOT / name).stat().st_size} == set()


APART = {
    "tests": {"facts", "handlers", "components", "settings", "topologies", "tests", "dev"},
    "tests/helpers": {"facts", "components", "review", "tests.helpers"},
    "review/tests": {"facts", "review", "tests.helpers", "dev"},
}
"""What the tests of each half may import. What needs both stands in `tests_of_both`."""


@pytest.mark.parametrize("folder", APART)
def test_the_halves_are_tested_apart(folder: str) -> None:
    ours = {*ALLOWED, "tests", "tests_of_both", "dev"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if folder != "tests" or "helpers" not in path.parts
        for name in imports(".".join(path.relative_to(ROOT).with_suffix("").parts), path)
        if (name.partition(".")[0] in ours and not any(f"{name}.".startswith(f"{own}.") for own in APART[folder]))
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

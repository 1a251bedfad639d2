"""The rooms of the review, read from its imports: few, on few floors, and none needs itself."""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

REVIEW = Path(__file__).resolve().parents[2] / "review"
ROOMS = 12
FLOORS = 8


def module_of(path: Path) -> str:
    parts = path.relative_to(REVIEW.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in REVIEW.rglob("*.py")}


def imported(module: str) -> set[str]:
    """Modules of the review that a module imports, inside functions and for types only as well."""
    path, found = MODULES[module], set()
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{home}.{alias.name}" if f"{home}.{alias.name}" in MODULES else home for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return (found & MODULES.keys()) - {module}


def room_of(module: str) -> str:
    """A room is a folder; what lies in the review's own folder is its front door."""
    path = MODULES[module]
    return str(path.parent.relative_to(REVIEW))


def needs() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        for other in imported(module):
            found[room_of(module)].add(room_of(other))
        found[room_of(module)].discard(room_of(module))
    return found


def test_there_are_few_rooms_on_few_floors_and_no_circle() -> None:
    rooms = needs()
    floors: dict[str, int] = {}
    for room in TopologicalSorter(rooms).static_order():  # raises CycleError and names the circle
        floors[room] = 1 + max((floors[other] for other in rooms.get(room, ())), default=0)
    assert len(floors) <= ROOMS, sorted(floors)
    assert max(floors.values()) <= FLOORS, floors


def test_no_module_needs_itself() -> None:
    # Names that a package hands on come from its modules; the package itself is no module's need.
    TopologicalSorter(
        {module: {one for one in imported(module) if MODULES[one].name != "__init__.py"} for module in MODULES}
    ).prepare()


def test_every_room_says_what_it_is() -> None:
    for module, path in MODULES.items():
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text())), module

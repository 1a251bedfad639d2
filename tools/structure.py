"""The imports between the modules of the packages, and their picture in CONTRIBUTING.md."""

import ast
import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("handlers", "components", "review")
_NOT_THE_PRODUCT: Final = {"review": ("policy", "tests")}
_PAGE: Final = ROOT / "CONTRIBUTING.md"
_BEGIN: Final = "<!-- structure: written by `make docs` -->\n"
_END: Final = "<!-- end of structure -->\n"
_PARTS: Final = ("api", "compute", "function", "ingress", "nat", "user_data")
_SHARED: Final = (
    "aws_lookups",
    "iam",
    "operations",
    "refused_changes",
    "resource_hooks",
    "resource_options",
    "security_groups",
)


def list_modules(package: str) -> dict[str, Path]:
    """Returns the files of a package's modules by their full names."""
    folder = ROOT / package
    left_out = _NOT_THE_PRODUCT.get(package, ())
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(folder.rglob("*.py"))
        if path.relative_to(folder).parts[0] not in left_out
    }


@functools.cache
def _parse(path: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path)))]


def list_imports(module: str, path: Path) -> Iterator[str]:
    """Yields each import of a module by its full name, with those inside functions and for types only."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in _parse(path):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{home}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def find_needs(package: str) -> dict[str, set[str]]:
    """Returns for each module the modules of the same package that it imports. An imported name means its module."""
    modules = list_modules(package)

    def resolve(name: str) -> str:
        while name and name not in modules:
            name = name.rpartition(".")[0]
        return name

    return {
        module: {resolve(name) for name in list_imports(module, path)} - {module, ""}
        for module, path in modules.items()
    }


def _name_box(package: str, path: Path) -> str:
    """The box of the picture that has a file."""
    folders = path.parent.relative_to(ROOT / package).parts
    if package == "components" and folders[:1] == ("stack",):
        return f"stack/{folders[1]}" if len(folders) > 1 else "stack"
    groups = {**dict.fromkeys(_PARTS, "parts"), **dict.fromkeys(_SHARED, "shared"), "network": "components"}
    return groups.get(folders[0], folders[0]) if folders else package


def _find_arrows(package: str) -> dict[str, set[str]]:
    """Returns for each box the boxes that it imports directly: an arrow that two others make is left out."""
    boxes = {module: _name_box(package, path) for module, path in list_modules(package).items()}
    # A package's own module only hands names on. The files beside the review's folders start it, from several floors.
    boxes = {module: box for module, box in boxes.items() if module != package and box != "review"}
    below: dict[str, set[str]] = defaultdict(set)
    needs = find_needs(package)
    for module, box in boxes.items():
        below[box] |= {boxes[other] for other in needs[module] if other in boxes} - {box}
    return {box: {other for other in others if not _is_implied(below, box, other)} for box, others in below.items()}


def _is_implied(below: Mapping[str, set[str]], box: str, target: str) -> bool:
    """Whether a way over at least one other box leads to the target. Boxes that group folders may form circles."""
    seen, ahead = {box}, [other for other in below[box] if other != target]
    while ahead:
        each = ahead.pop()
        if each in seen:
            continue
        seen.add(each)
        if target in below.get(each, ()):
            return True
        ahead += below.get(each, ())
    return False


def draw() -> str:
    """Returns the picture as Mermaid: a box for each folder, and an arrow to what its modules import."""
    lines = ["```mermaid", "flowchart TB"]
    for package in PACKAGES[1:]:
        lines.append(f"  subgraph {package}_[{package}]")
        for box, others in sorted(_find_arrows(package).items()):
            if others:
                lines.append(f"    {_write_id(box)} --> {' & '.join(map(_write_id, sorted(others)))}")
        lines.append("  end")
    return "\n".join([*lines, "```"]) + "\n"


def _write_id(box: str) -> str:
    return box.replace("/", "-")


def build_texts() -> dict[Path, str]:
    """CONTRIBUTING.md with today's picture."""
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return {_PAGE: f"{before}{_BEGIN}\n{draw()}\n{_END}{rest.partition(_END)[2]}"}

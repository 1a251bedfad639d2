"""Runs the tests nearest to the files that changed since the last commit: `make test ARGS=--changed`.

These are the tests that name a changed module in an import, else those that name what imports it.
"""

import functools
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tools.structure import ROOT, list_imports

_FOLDERS: Final = ("components", "handlers", "review", "tests", "tools")
_HOMES: Final = (ROOT, ROOT / "handlers/forwarder")
_FEW: Final = 3
"""Files that take less time than to start processes for them."""


def list_changed() -> list[Path]:
    """Returns files that differ from the last commit, and new ones that Git does not ignore."""
    commands = (["diff", "--name-only", "-z", "HEAD"], ["ls-files", "--others", "--exclude-standard", "-z"])
    git = shutil.which("git") or "git"
    listed = (subprocess.run([git, *each], cwd=ROOT, capture_output=True, text=True, check=True) for each in commands)
    return [ROOT / name for done in listed for name in done.stdout.split("\0") if name]


def find_tests(changed: Iterable[Path]) -> list[Path]:
    """Returns the nearest test files of each changed file."""
    return sorted({test for path in changed for test in _find_nearest(path.resolve()) if test.is_file()})


def _find_nearest(changed: Path) -> set[Path]:
    if changed.name == "conftest.py":
        return set(changed.parent.rglob("test_*.py"))
    level, seen = {changed}, {changed}
    while level:
        # What only helps tests is no step of its own.
        while more := {path for each in level for path in _find_readers(each) if _helps_tests(path)} - seen:
            seen |= more
            level |= more
        if tests := {path for each in level for path in (each, *_find_readers(each)) if _is_test(path)}:
            return tests
        level = {path for each in level for path in _find_readers(each)} - seen
        seen |= level
    return set()


def _is_test(path: Path) -> bool:
    return path.name.startswith("test_") and path.suffix == ".py"


def _helps_tests(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts and not _is_test(path)


@functools.cache
def _find_readers(path: Path) -> Collection[Path]:
    """Modules that import a module, or that name another file, or else its folder."""
    texts = _read_texts()
    if path.suffix == ".py":
        word = re.compile(rf"\b{path.parent.name if path.name == '__init__.py' else path.stem}\b")
        return {module for module, text in texts.items() if word.search(text) and _imports(module, path)}
    found = {module for module, text in texts.items() if path.name in text}
    return found or {module for module, text in texts.items() if f'"{path.parent.name}"' in text}


def _imports(module: Path, path: Path) -> bool:
    """Whether a module imports a file, which may be gone."""
    if path.is_file():
        return path in _list_imported(module)
    gone = _name(path)
    return any(f"{name}.".startswith(f"{gone}.") for name in list_imports(_name(module), module))


@functools.cache
def _read_texts() -> dict[Path, str]:
    return {path: path.read_text() for name in _FOLDERS for path in sorted((ROOT / name).rglob("*.py"))}


@functools.cache
def _list_imported(module: Path) -> Collection[Path | None]:
    return {_locate(name) for name in list_imports(_name(module), module)}


def _name(module: Path) -> str:
    home = max((home for home in _HOMES if module.is_relative_to(home)), key=lambda home: len(home.parts))
    return ".".join(module.relative_to(home).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def _locate(name: str) -> Path | None:
    """Returns the file that an imported name comes from, also by way of a package that hands it on."""
    parts = name.split(".")
    parts[0] = "components" if parts[0] == "gatehouse" else parts[0]
    for place in _list_places(parts):
        return place
    package = next(_list_places(parts[:-1]), None)
    if package is None:
        return None
    if package.name == "__init__.py":
        handed_on = (each for each in list_imports(_name(package), package) if each.rpartition(".")[2] == parts[-1])
        return next((found for each in handed_on if each != name and (found := _locate(each))), package)
    return package


def _list_places(parts: list[str]) -> Iterator[Path]:
    for home in _HOMES:
        place = home.joinpath(*parts)
        yield from (file.resolve() for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file())


def main(arguments: list[str]) -> int:
    """Run pytest on the nearest tests, and name their files. `arguments` are pytest's."""
    changed = list_changed()
    try:
        files = [str(path.relative_to(ROOT)) for path in find_tests(changed)]
    except SyntaxError as error:
        print(f"{error.filename}:{error.lineno}: {error.msg}", file=sys.stderr)
        return 2
    print(*files or [f"No test is near to the {len(changed)} changed files."], sep="\n", flush=True)
    if not files:
        return 0
    processes = ["-n", "0"] if len(files) <= _FEW else []
    done = subprocess.run([sys.executable, "-m", "pytest", *processes, *arguments, *files], check=False)
    if done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED:
        print(f'These tests are all slow ones: make slow ARGS="{" ".join(files)}" runs them.')
        return 0
    if done.returncode == 0:
        print("The nearest tests passed; others may read what changed too. Run all of the program's with: make test")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

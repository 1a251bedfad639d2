"""A function whose code lacks its entry point is refused; where only a run can tell, it is taken."""

import zipfile
from pathlib import Path

import pytest

from components.function.handler import find_handler_faults

PYTHON = "def main(event, context): ...\ntry:\n    other = 1\nexcept E:\n    from a import b as c\n"


@pytest.mark.parametrize(
    ("name", "source", "handler", "runtime", "allowed"),
    [
        ("app.py", PYTHON, "app.main", "python3.13", ""),
        ("app.py", PYTHON, "app.other", "python3.13", ""),
        ("app.py", PYTHON, "app.c", "python3.13", ""),
        ("app.py", PYTHON, "app.b", "python3.13", "app.py defines no b"),
        ("app.py", "def f[T](x: T): ...\nclass (", "app.x", "python3.13", ""),
        ("app.py", "from wrapped import *", "app.x", "python3.13", ""),
        ("app.py", PYTHON, "handler.main", "python3.13", "has no handler.py"),
        ("src/app.py", PYTHON, "src/app.main", "python3.13", ""),
        ("src/app.py", PYTHON, "src.app.main", "python3.13", ""),
        ("app/__init__.py", PYTHON, "app.main", "python3.13", ""),
        ("app.cpython-313-aarch64-linux-gnu.so", "", "app.main", "python3.13", ""),
        ("index.mjs", "", "index.handler", "nodejs22.x", ""),
        ("src/index.cjs", "", "src/index.a.handler", "nodejs22.x", ""),
        ("index.ts", "", "index.handler", "nodejs22.x", "has no index.js"),
        ("bootstrap", "", "anything", "provided.al2023", ""),
    ],
)
def test_the_entry_point_is_in_the_code(
    tmp_path: Path, name: str, source: str, handler: str, runtime: str, allowed: str
) -> None:
    file = tmp_path / "code" / name
    file.parent.mkdir(parents=True)
    file.write_text(source)
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.write(file, name)
    for place in (tmp_path / "code", tmp_path / "code.zip"):
        faults = list(find_handler_faults(place, handler, runtime, installs=False))
        assert [allowed in fault.allowed for fault in faults] == ([True] if allowed else [])
        assert [fault.remedy for fault in faults if "has no" in allowed] in ([], [f"name one of its files: {name}"])


def test_packages_may_bring_the_entry_point(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    assert not list(find_handler_faults(tmp_path, "mangum.handler", "python3.13", installs=True))
    assert list(find_handler_faults(tmp_path, "app.handler", "python3.13", installs=True))

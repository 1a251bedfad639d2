"""Code is compared by its content, each version's in its own tree."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from review.compare.assets import compute_digest
from review.graph import Asset, Graph
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import compare_graphs

DENY, ALLOW = "def handler(*_): return deny()\n", "def handler(*_): return allow()\n"


def tree(folder: Path, text: str) -> str:
    (folder / "code" / "inner").mkdir(parents=True)
    (folder / "code" / "inner" / "handler.py").write_text(text)
    (folder / "code" / "same.py").write_text("SAME = 1\n")
    return str(folder)


def folder(base: str) -> Asset:
    return Asset(path="code", base=base, archive=True)


def members(base: str) -> Asset:
    files = {name: Asset(path=f"code/{name}", base=base) for name in ("inner/handler.py", "same.py")}
    return Asset(members=files, archive=True)


def members_in_archives(base: str) -> Asset:
    return Asset(members={"lib": Asset(path="code", base=base, archive=True)}, archive=True)


def packed(base: str) -> Asset:
    with zipfile.ZipFile(Path(base, "code.zip"), "w") as archive:
        for name in ("inner/handler.py", "same.py"):
            archive.write(Path(base, "code", name), name)
    return Asset(path="code.zip", base=base, archive=True)


def with_code(code: Asset) -> Graph:
    build = Builder()
    build("lambda/function:Function", "gate", code=code)
    return build.graph()


FORMS = (folder, members, members_in_archives, packed)


@pytest.mark.parametrize("form", FORMS)
def test_other_code_differs_and_the_same_code_of_another_tree_does_not(form: object, tmp_path: Path) -> None:
    assert callable(form)
    trees = [tree(tmp_path / name, text) for name, text in (("a", DENY), ("b", ALLOW), ("c", DENY))]
    for number, path in enumerate(path for base in trees for path in Path(base).rglob("*.py")):
        os.utime(path, (10**9 + number * 1000,) * 2)
    denies, allows, again = (with_code(form(base)) for base in trees)
    assert compare_graphs(denies, allows).heading == "1 resource changes: gate (Function)"
    assert "code: other content" in compare_graphs(denies, allows).lines[0].sentence
    assert compare_graphs(denies, again).heading == "Nothing differs"


def test_an_archive_has_the_digest_of_its_members_however_it_is_written(tmp_path: Path) -> None:
    base = tree(tmp_path, DENY)
    assert len({compute_digest(form(base)) for form in (folder, members, packed)}) == 1


def test_a_member_that_a_build_makes_is_named(tmp_path: Path) -> None:
    parts: Mapping[str, Asset] = {"a.js": Asset(path="dist/a.js", base=str(tmp_path))}
    assert compute_digest(Asset(members=parts, archive=True)) == "dist/a.js, which is not there"


def test_code_that_is_in_neither_version_is_named_as_not_compared() -> None:
    build = Builder()
    build("lambda/function:Function", "f", code=Asset(archive=True, path="built.zip", base="/nowhere"))
    found = compare_graphs(build.graph(), build.graph())
    assert found.heading == "Nothing is known to differ"
    assert "built.zip of f, which is not there" in found.scope

"""Code of functions comes from folders that its author may name, as regular files, and from no link to others."""

import asyncio
import json
import os
import shutil
import signal
import tempfile
import threading
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.files import outside
from review.evaluate.project_file import load
from review.graph import Asset, Graph
from review.serve import command, functions_by_arn, unpacked
from review.serve.functions import Function
from review.serve.stack import Options, Stack
from review.serve.testing import serving
from review.serve.unpacked import Room, Sources, UnsupportedRuntimeError
from review.serve.watch import Watch
from review.tests.graph_builder import Builder
from review.tests.serve.programs import called_by_http, lambda_function
from tests.helpers import plain_http


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the code of a function, beside a folder with a secret."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home/secret").write_text("secret")
    code = tmp_path / "shop/orders"
    code.mkdir(parents=True)
    (tmp_path / "shop/.git").mkdir()
    (tmp_path / "shop/shared").mkdir()
    (code / "handler.py").write_text("")
    (code / "shared").symlink_to("../shared")
    return code


LINKS = {
    "a folder": ("lib", "../../home"),
    "a file": ("main.py", "../../home/secret"),
    "a device": ("data", "/dev/zero"),
    "by a folder of the repository": ("lib", "../shared/lib"),
}


@pytest.mark.parametrize("link", LINKS)
def test_a_link_of_the_code_leads_nowhere_else(link: str, checkout: Path, tmp_path: Path) -> None:
    name, target = LINKS[link]
    (checkout.parent / "shared/lib").symlink_to(tmp_path / "home")
    (checkout / name).symlink_to(target)
    (made := tmp_path / "made").mkdir()
    whole = Asset(path=str(checkout), archive=True)
    for code in (whole, Asset(members={"x": Asset(path=str(checkout / name))}, archive=True)):
        with pytest.raises(UnsupportedRuntimeError, match=r"leads out of the repository"):
            Sources(roots=[checkout.parent]).unpack(code, made)
    assert not [path for path in made.rglob("*") if path.is_file() and "secret" in path.read_text()]


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_only_regular_files_are_read(kind: str, checkout: Path, tmp_path: Path) -> None:
    path = checkout / "odd"
    os.mkfifo(path) if kind == "pipe" else path.symlink_to("/dev/zero")
    (made := tmp_path / "made").mkdir()
    for code in (Asset(path=str(checkout), archive=True), Asset(path=str(path), archive=True)):
        with pytest.raises(UnsupportedRuntimeError, match=r"it is no regular file|is no ZIP archive"):
            Sources().unpack(code, made)


def test_a_link_within_the_repository_is_followed(checkout: Path, tmp_path: Path) -> None:
    (checkout.parent / "shared/one.py").write_text("mine")
    (made := tmp_path / "made").mkdir()
    Sources(roots=[checkout.parent]).unpack(Asset(path=str(checkout), archive=True), made)
    assert (made / "shared/one.py").read_text() == "mine"


def test_a_copy_that_the_review_made_is_read(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/main.py").write_text("built")
    (made := tmp_path / "made").mkdir()
    Sources(roots=[checkout]).unpack(Asset(path="x", copy=str(tmp_path / "copy"), archive=True), made)
    assert (made / "main.py").read_text() == "built"


def graph_of_code(code: Path, *roots: Path) -> Graph:
    build = Builder()
    lambda_function(build, "function", code=Asset(path=str(code), archive=True), handler="handler.handler")
    return replace(build.graph(), roots=roots)


def test_a_link_that_comes_while_the_folder_is_watched_is_seen_and_not_followed(checkout: Path, tmp_path: Path) -> None:
    graph = graph_of_code(checkout, checkout.parent)
    watch = Watch(tmp_path / "shop", enabled=True)
    watch.take(graph)
    (resource,) = graph.of_type("aws:lambda/function:Function")
    lines: list[str] = []

    async def run() -> None:
        stack = Stack(graph, Options(), lines.append, print)
        made = Function(resource, {}, print, "", Sources(roots=graph.roots))
        stack._functions[resource.urn], stack._cleanup = made, [made.stop]
        (checkout / "shared").unlink()
        (checkout / "shared").symlink_to(tmp_path / "home")
        assert await asyncio.wait_for(watch.changed(asyncio.Event()), 60)
        assert not watch.is_code
        await stack.reload()
        assert stack._functions[resource.urn] is made
        await stack.stop()

    asyncio.run(run())
    assert "not taken over: function: " in lines[0]
    assert "leads out of the repository" in lines[0]


def test_an_evaluated_stack_reads_code_from_its_folders_only(checkout: Path, tmp_path: Path) -> None:
    build = Builder()
    (checkout / "handler.py").write_text("def handler(event, context):\n    return {'statusCode': 200, 'body': 'x'}\n")
    code = Asset(path=str(checkout), archive=True)
    called_by_http(build, lambda_function(build, "function", code=code, handler="handler.handler"))
    for roots, status in (([checkout.parent], 200), ([tmp_path / "home"], 500)):
        with serving(replace(build.graph(), roots=tuple(roots)), Options()) as served:
            assert plain_http.get(served.url() + "/a").status_code == status, served.log


@pytest.mark.parametrize(("folder", "reads"), [("orders", True), ("linked", False)])
def test_a_folder_by_option_is_read_within_its_repository(
    folder: str, reads: bool, checkout: Path, tmp_path: Path
) -> None:
    (tmp_path / "home/handler.py").write_text("")
    (checkout.parent / "linked").symlink_to("../home")
    (resource,) = functions_by_arn.from_folders([f"f={checkout.parent / folder}"], {"f": []}, "eu-west-1").values()
    (made := tmp_path / "made").mkdir()
    sources = Sources(roots=functions_by_arn.sources(resource))
    if reads:
        sources.unpack(resource.inputs["code"], made)
        assert (made / "handler.py").is_file()
    else:
        with pytest.raises(UnsupportedRuntimeError, match="leads out of the repository"):
            sources.unpack(resource.inputs["code"], made)
    (checkout / "lib").symlink_to(tmp_path / "home")
    with pytest.raises(UnsupportedRuntimeError, match="leads out of the repository"):
        sources.unpack(resource.inputs["code"], made)


def test_the_functions_of_a_stack_have_room_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "_MOST_OF_ALL", (3 << 20, 100))
    (tmp_path / "code").mkdir()
    (tmp_path / "code/large").write_bytes(bytes(1 << 20))
    sources, code = Sources(room=Room()), Asset(path=str(tmp_path / "code"), archive=True)
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        sources.unpack(code, tmp_path / name)
    (tmp_path / "d").mkdir()
    with pytest.raises(UnsupportedRuntimeError, match="a stack here takes at most 3 MB"):
        sources.unpack(code, tmp_path / "d")


@pytest.mark.parametrize("kind", ["folders", "entries", "members", "archives"])
def test_folders_are_counted_and_are_not_deep(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry of an archive may make a folder for each two of its bytes, and Python calls itself for each."""
    monkeypatch.setattr(unpacked, "_MOST", (1 << 20, 500))

    def code_of(names: list[str]) -> Asset:
        place = Path(tempfile.mkdtemp(dir=tmp_path))
        if kind == "folders":
            for name in names:
                (place / name).mkdir(parents=True)
            return Asset(path=str(place), archive=True)
        if kind == "members":
            return Asset(members={name + "a": Asset(text="") for name in names}, archive=True)
        if kind == "entries":
            with zipfile.ZipFile(place / "packed.zip", "w") as archive:
                for name in names:
                    archive.writestr(name, "")
            return Asset(path=str(place / "packed.zip"), archive=True)
        made = [Asset(archive=True) for _ in names]
        for number, name in enumerate(names):
            for part in Path(name).parts:
                made[number] = Asset(members={part: made[number]}, archive=True)
        return Asset(members={f"{number}": asset for number, asset in enumerate(made)}, archive=True)

    many, deep = [f"{number}/{'a/' * 50}" for number in range(20)], ["a/" * 150]
    for names, reason in ((many, "here 500 files"), (deep, "more than 100 folders within each other")):
        (made := Path(tempfile.mkdtemp(dir=tmp_path)) / "made").mkdir()
        with pytest.raises(UnsupportedRuntimeError, match=reason):
            Sources(roots=[tmp_path]).unpack(code_of(names), made)
        assert sum(1 for _ in made.rglob("*")) <= 500
    Sources(roots=[tmp_path]).unpack(code_of(many[:3]), Path(tempfile.mkdtemp(dir=tmp_path)))


def test_folders_are_watched_as_deeply_as_code_is_read(tmp_path: Path) -> None:
    """Python 3.11 calls itself for each, and ends at a thousand."""
    for depth in (99, 101):
        (folder := tmp_path.joinpath(*"a" * depth)).mkdir(parents=True)
        (folder / "main.py").touch()
    assert [len(path.relative_to(tmp_path).parts) for path in Watch(tmp_path, enabled=True)._seen] == [100]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_of_another_method_is_no_traceback(method: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", method) as archive:
        archive.writestr("main.py", "x" * 99)
    with pytest.raises(UnsupportedRuntimeError, match="Lambda takes no such compression"):
        Sources().unpack(Asset(path=str(tmp_path / "packed.zip"), archive=True), tmp_path)


def test_an_archive_that_lists_too_much_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "_MOST_LISTED", 999)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("a" * 999, "")
    with pytest.raises(UnsupportedRuntimeError, match="lists more files"):
        Sources().unpack(Asset(path=str(tmp_path / "packed.zip"), archive=True), tmp_path)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux shows where an open file is")
def test_a_link_that_comes_after_the_check_is_not_followed(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home/handler.py").write_text("secret")

    def checked(path: Path, roots: Iterable[Path]) -> bool:
        leads_out = outside(path, roots)
        if path.name == "handler.py":
            shutil.rmtree(checkout)
            checkout.symlink_to(tmp_path / "home")
        return leads_out

    monkeypatch.setattr(unpacked, "outside", checked)
    (made := tmp_path / "made").mkdir()
    with pytest.raises(UnsupportedRuntimeError, match="leads out of the repository"):
        Sources(roots=[checkout.parent]).unpack(Asset(path=str(checkout), archive=True), made)
    assert not (made / "handler.py").exists()


def test_ctrl_c_ends_the_command_while_it_unpacks(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (program := checkout.parent / "program").mkdir()
    (program / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (program / "__main__.py").touch()
    for number in range(40):
        (checkout / f"{number}").mkdir()
        for link in ("a", "b"):
            (checkout / f"{number}" / link).symlink_to(checkout / f"{number + 1}")
    (checkout / "40").mkdir()
    monkeypatch.setattr(unpacked, "_MOST", unpacked._MOST_OF_ALL)
    monkeypatch.setattr(tempfile, "tempdir", str(checkout.parent / "shared"))
    build = Builder()
    called_by_http(build, lambda_function(build, "function", code=Asset(path=str(checkout), archive=True)))
    monkeypatch.setattr(command, "evaluated", lambda *_: build.graph())
    began, copy = threading.Event(), Sources._copy

    def copied(*given: Any) -> None:
        if not began.is_set():
            began.set()
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        copy(*given)

    monkeypatch.setattr(Sources, "_copy", copied)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert command.main(["dev", "--project", str(program)]) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert began.is_set()
    assert capsys.readouterr() == ("", "")
    assert not list((checkout.parent / "shared").iterdir())


@pytest.mark.parametrize("target", [".", "../../home/x", "../../home/node_modules"])
def test_the_sdk_is_not_found_by_a_link_to_other_folders(
    target: str, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (checkout / target / "@aws-sdk").mkdir(parents=True)
    (checkout / "node_modules").symlink_to(target)
    (made := tmp_path / "made").mkdir()
    with pytest.raises(Exception, match="is a link to"):
        Sources(checkout).link_sdk(made)


LOOKS = """
import json, os, pathlib
def handler(event, context):
    found = []
    for name in json.loads(event["headers"]["x-names"]):
        try:
            found.append(len(os.listdir(name)) if os.path.isdir(name) else pathlib.Path(name).read_text())
        except OSError:
            found.append(None)
    return {"statusCode": 200, "body": json.dumps(found)}
"""


def test_a_function_sees_nothing_of_the_repository() -> None:
    """Also where that is outside of the home and of folders for temporary files."""
    place = Path(__file__).parents[3]
    with tempfile.TemporaryDirectory(prefix=".test-", dir=place) as made:
        program = Path(made, "infra/program")
        program.mkdir(parents=True)
        (Path(made) / ".git").mkdir()
        for name in ("review.answers.yaml", "__main__.py", "../../.git/config"):
            (program / name).touch()
        (program / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
        build = Builder()
        code = Asset(members={"main.py": Asset(text=LOOKS)}, archive=True)
        called_by_http(build, lambda_function(build, "function", code=code))
        names = [f"{program}/review.answers.yaml", f"{program}/__main__.py", f"{made}/.git/config", made]
        with serving(build.graph(), Options(project=load(program))) as served:
            (function,) = (one for one in served.stack._functions.values() if isinstance(one, Function))
            assert {str(Path(made).resolve()), str(program.resolve())} <= {*function._folders.hidden}
            answer = plain_http.get(served.url() + "/a", headers={"X-Names": json.dumps(names)})
    if any("this system does not keep it" in line for line in served.log):
        pytest.skip("this system allows no namespaces")
    # A hidden folder is not there, or empty.
    assert not any(answer.json())

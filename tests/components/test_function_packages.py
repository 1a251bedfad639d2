"""Packages beside a function's code: by uv and npm, for its runtime and processor, and the same each time."""

import base64
import hashlib
import http.server
import io
import json
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from components import ApiFunction
from components.facts import limits
from components.facts.review_variables import WITHOUT_PACKAGES
from components.function.packages import PackagesError, find_packages
from tests.helpers.declare import ProgramError, declare, one

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packages")]


def write_wheel(folder: Path, tag: str, content: str) -> Path:
    path = folder / f"tiny-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", content)
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Code that needs a package, which has a wheel for arm64 only."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = write_wheel(wheels, "cp313-cp313-manylinux_2_28_aarch64", "arm = True\n")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.delenv(WITHOUT_PACKAGES, raising=False)
    code = tmp_path / "orders"
    code.mkdir()
    (code / "handler.py").write_text("import tiny\n\n\ndef handler(*_): ...\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "requirements.txt").write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
    return code


def hash_archive(archive: pulumi.AssetArchive) -> dict[str, str]:
    return {
        name: hashlib.sha256(Path(asset.path).read_bytes()).hexdigest()
        for name, asset in archive.assets.items()
        if isinstance(asset, pulumi.FileAsset)
    }


def build(folder: Path, architecture: str = "arm64", runtime: str = "python3.13") -> pulumi.AssetArchive:
    requirements = folder.parent / "requirements.txt" if runtime.startswith("python") else None
    packages = find_packages(folder, runtime, architecture, requirements)
    assert packages is not None
    return packages.build_archive()


def test_packages_are_beside_the_code_and_the_same_files_each_time(folder: Path) -> None:
    first, second = hash_archive(build(folder)), hash_archive(build(folder))
    assert first == second
    assert first.keys() == {
        *("handler.py", "tiny.py", "requirements.txt", "tiny-1.0.dist-info/METADATA", "tiny-1.0.dist-info/WHEEL")
    }


def test_what_must_be_compiled_and_what_has_no_hash_is_refused_with_the_remedy(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as smaller:
        smaller.setattr(limits, "LAMBDA_CODE_BYTES", 50)
        with pytest.raises(PackagesError, match=r"code and packages have \d+ bytes, Lambda takes 50"):
            build(folder)
    with pytest.raises(PackagesError, match=r"python3.13 on x86_64 .* name it in zip"):
        build(folder, "x86_64")
    (folder.parent / "requirements.txt").write_text("tiny==1.0\n")
    with pytest.raises(PackagesError, match="--generate-hashes"):
        build(folder)


def test_a_review_installs_nothing_and_sees_the_lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WITHOUT_PACKAGES, "1")
    before = hash_archive(build(folder))
    assert before.keys() == {"handler.py", "requirements.txt"}
    (folder.parent / "requirements.txt").write_text("tiny==2.0\n")
    assert hash_archive(build(folder)) != before


def test_a_component_deploys_them_and_names_a_file_that_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    args = {"folder": "orders", "requirements": "requirements.txt"}
    function = one(declare(lambda: ApiFunction("orders", args)), "Function")
    assert {"handler.py", "tiny.py"} <= function.inputs["code"].members.keys()
    for wrong, words in (
        ({"requirements": "nowhere.txt"}, "a file that exists"),
        ({"runtime": "nodejs22.x"}, "only with a folder and a runtime of Python"),
    ):
        with pytest.raises(ProgramError, match=words):
            declare(lambda wrong=wrong: ApiFunction("orders", {**args, **wrong}))  # type: ignore[misc]


class _Registry(http.server.BaseHTTPRequestHandler):
    content: bytes

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def registry() -> Iterator[tuple[str, str]]:
    """The address of a package of Node.js on this machine, and its hash."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in (
            ("package.json", '{"name": "tiny", "version": "1.0.0"}'),
            ("index.js", "exports.tiny = 1\n"),
        ):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    content = packed.getvalue()
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Handler", (_Registry,), {"content": content})
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        yield f"http://127.0.0.1:{server.server_port}/tiny.tgz", f"sha512-{digest}"
        server.shutdown()


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_a_folder_with_a_lock_of_npm_gets_the_packages_of_the_lock(
    tmp_path: Path, registry: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WITHOUT_PACKAGES, raising=False)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    address, integrity = registry
    code = tmp_path / "quotes"
    (code / "node_modules" / "left").mkdir(parents=True)
    (code / "node_modules" / "left" / "index.js").touch()
    (code / "index.mjs").write_text("import 'tiny'\n")
    package = {"name": "quotes", "version": "1.0.0", "dependencies": {"tiny": "1.0.0"}}
    (code / "package.json").write_text(json.dumps(package))
    installed = {"version": "1.0.0", "resolved": address, "integrity": integrity}
    lock = {"name": "quotes", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": package}}
    (code / "package-lock.json").write_text(json.dumps(lock))
    with pytest.raises(PackagesError, match="with `npm install`"):
        build(code, runtime="nodejs22.x")
    lock["packages"] = {"": package, "node_modules/tiny": installed}
    (code / "package-lock.json").write_text(json.dumps(lock))
    files = hash_archive(build(code, runtime="nodejs22.x"))
    assert files.keys() == {
        *("index.mjs", "package.json", "package-lock.json"),
        *("node_modules/tiny/index.js", "node_modules/tiny/package.json"),
    }
    assert hash_archive(build(code, runtime="nodejs22.x")) == files

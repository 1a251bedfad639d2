"""Packages of a function beside its code, installed by uv or npm for the function's runtime and processor.

The same code and the same lock give the same files on every machine: packages come by their hashes, nothing is built,
and what an installer writes about itself stays out.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi

from ..facts import limits
from ..facts.forwarder import list_files
from ..facts.review_variables import WITHOUT_PACKAGES
from .function_code import PREFIX

_PYTHON: Final = "python"
_NODE: Final = "nodejs"
_OLD_GLIBC: Final = (3, 11)
"""The newest Python on Amazon Linux 2. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""
_PROCESSORS: Final = {"arm64": ("aarch64", "arm64"), "x86_64": ("x86_64", "x64")}
"""Names of uv and npm."""
_LEFT_OUT: Final = ("bin", ".lock", ".package-lock.json")
_OWN_FILES: Final = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
LOCK_OF_NPM: Final = "package-lock.json"
_REASON_LINES: Final = 6


class PackagesError(Exception):
    """The packages cannot be installed. The text has the reason and the remedy."""


@dataclass(frozen=True)
class Packages:
    """What is installed beside the code of `folder`."""

    folder: Path
    runtime: str
    architecture: str
    requirements: Path | None = None
    """File of Python requirements with hashes; None for a folder with a lock of npm."""

    def build_archive(self) -> pulumi.AssetArchive:
        """The archive of code and packages. Raises PackagesError.

        A review installs nothing: its archive has the code and the lock, which differ when the packages do.
        """
        names = {path.relative_to(self.folder).as_posix(): path for path in list_files(self.folder)}
        code = {name: path for name, path in names.items() if not name.startswith("node_modules/")}
        if self.requirements is not None:
            code["requirements.txt"] = self.requirements
        if WITHOUT_PACKAGES in os.environ:
            return _pack(code)
        target = Path(tempfile.mkdtemp(prefix=PREFIX))
        # The engine reads it while the program runs.
        atexit.register(shutil.rmtree, target, ignore_errors=True)
        installed = self._install_python(target) if self.requirements is not None else self._install_node(target)
        files = {**installed, **code}
        if (size := sum(path.stat().st_size for path in files.values())) > limits.LAMBDA_CODE_BYTES:
            remedy = "take packages out, or build an image"
            raise PackagesError(
                f"code and packages have {size:,} bytes, Lambda takes {limits.LAMBDA_CODE_BYTES:,}: {remedy}"
            )
        return _pack(files)

    def _install_python(self, target: Path) -> dict[str, Path]:
        version = self.runtime.removeprefix(_PYTHON)
        new = tuple(map(int, version.split("."))) > _OLD_GLIBC
        platform = f"{_PROCESSORS[self.architecture][0]}-{'manylinux_2_28' if new else 'manylinux2014'}"
        uv = [shutil.which("uv") or ""] if shutil.which("uv") else [sys.executable, "-m", "uv"]
        options = ["--no-config", "--require-hashes", "--only-binary", ":all:", "--python-version", version]
        command = [*uv, "pip", "install", "--quiet", *options, "--python-platform", platform, "--target", str(target)]
        _run([*command, "--requirement", str(self.requirements)], "pip install uv", self._remedy)
        return _list_packages(target)

    def _install_node(self, target: Path) -> dict[str, Path]:
        for name in ("package.json", LOCK_OF_NPM):
            shutil.copy(self.folder / name, target / name)
        options = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-bin-links"]
        options += ["--os=linux", f"--cpu={_PROCESSORS[self.architecture][1]}", "--libc=glibc"]
        command = [shutil.which("npm") or "npm", "ci", *options, "--prefix", str(target)]
        _run(command, "install Node.js with npm", self._remedy)
        return _list_packages(target)

    @property
    def _remedy(self) -> str:
        lock = (
            f"packages need a wheel for {self.runtime} on {self.architecture} and a hash each: write the file with "
            "`uv pip compile --generate-hashes`"
            if self.requirements is not None
            else f"packages need a lock that fits package.json: write {LOCK_OF_NPM} with `npm install`"
        )
        return f"{lock}. For a package that must be compiled, build the archive yourself, and name it in zip"


def find_packages(folder: Path, runtime: str, architecture: str, requirements: Path | None) -> Packages | None:
    """The packages of a folder: a file of requirements that is named, or a lock of npm in it. None without either."""
    if requirements is not None:
        return Packages(folder, runtime, architecture, requirements)
    if runtime.startswith(_NODE) and (folder / LOCK_OF_NPM).is_file():
        return Packages(folder, runtime, architecture)
    return None


def _run(command: list[str], missing: str, remedy: str) -> None:
    """Run an installer, with its own cache. Raises PackagesError."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # uv or npm
    except OSError as error:
        raise PackagesError(f"{Path(command[0]).name} does not run ({error.strerror}): {missing}") from error
    if done.returncode != 0:
        if "No module named uv" in done.stderr:
            raise PackagesError(f"uv is not installed here: {missing}")
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise PackagesError("\n".join([*lines[:_REASON_LINES], remedy]))


def _list_packages(target: Path) -> dict[str, Path]:
    """Files of packages by their paths, without what an installer writes about itself."""
    return {
        name: path
        for path in sorted(target.rglob("*"))
        if path.is_file()
        and (name := path.relative_to(target).as_posix()).partition("/")[0] not in _LEFT_OUT
        and "__pycache__" not in path.parts
        and path.name != ".package-lock.json"
        and not (path.parent.name.endswith(".dist-info") and path.name in _OWN_FILES)
    }


def _pack(files: dict[str, Path]) -> pulumi.AssetArchive:
    return pulumi.AssetArchive({name: pulumi.FileAsset(str(path)) for name, path in sorted(files.items())})

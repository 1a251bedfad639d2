"""The code of a Lambda function as an archive that changes only when the code does."""

import atexit
import shutil
import tempfile
import zipfile
from collections.abc import Collection
from pathlib import Path

import pulumi

_BESIDE = Path(__file__).parent.parent
# In a checkout the handlers are beside the components, in the installed package inside it.
HANDLERS = next(folder for folder in (_BESIDE / "handlers", _BESIDE.parent / "handlers") if folder.is_dir())

# Who made the archive, by the format of ZIP files, and regular files that everybody may read, or run.
_UNIX = 3
_READABLE = 0o100644
_EXECUTABLE = 0o100755


def handler_code(name: str) -> pulumi.AssetArchive:
    """The archive of one of our own handlers."""
    return folder_code(HANDLERS / name)


def executable_code(name: str, executables: Collection[str]) -> pulumi.FileArchive:
    """The archive of one of our own handlers, in which `executables` may be run.

    Pulumi puts no modes into the archives that it makes, and hands on one that is made already byte for byte
    (https://github.com/pulumi/pulumi/issues/3593). The same files give the same bytes: nothing is compressed, since not
    every machine would do so alike.
    """
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-"))
    # The engine reads it while the program runs.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / f"{name}.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in _files(HANDLERS / name):
            inside = path.relative_to(HANDLERS / name).as_posix()
            entry = zipfile.ZipInfo(inside)
            entry.create_system = _UNIX
            entry.external_attr = (_EXECUTABLE if inside in executables else _READABLE) << 16
            made.writestr(entry, path.read_bytes())
    return pulumi.FileArchive(str(archive))


def folder_code(folder: Path) -> pulumi.AssetArchive:
    """The files of a folder, each by its path in it; caches and hidden files stay out.

    Raises FileNotFoundError when the folder holds nothing to run.
    """
    return pulumi.AssetArchive({path.relative_to(folder).as_posix(): pulumi.FileAsset(path) for path in _files(folder)})


def _files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _travels(path.relative_to(folder)))
    if not files:
        raise FileNotFoundError(f"{folder}: no files to deploy")
    return files


def _travels(path: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.parts)

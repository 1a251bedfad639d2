"""The code of a Lambda function as an archive that changes only when the code does."""

from pathlib import Path

import pulumi

_BESIDE = Path(__file__).parent.parent
# In a checkout the handlers stand beside the components, in the installed package inside it.
HANDLERS = next(folder for folder in (_BESIDE / "handlers", _BESIDE.parent / "handlers") if folder.is_dir())


def handler_code(name: str) -> pulumi.AssetArchive:
    """The archive of one of our own handlers."""
    return folder_code(HANDLERS / name)


def folder_code(folder: Path) -> pulumi.AssetArchive:
    """The files of a folder, each by its path in it; caches and hidden files stay out.

    Raises FileNotFoundError when the folder holds nothing to run.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _travels(path.relative_to(folder)))
    if not files:
        raise FileNotFoundError(f"{folder}: no files to deploy")
    return pulumi.AssetArchive({path.relative_to(folder).as_posix(): pulumi.FileAsset(path) for path in files})


def _travels(path: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.parts)

"""A new image for a stack, as a pull request: built here, or taken from another stack."""

import importlib
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ..evaluate.yaml_text import read_mapping
from .forge import propose_change
from .job import Job, JobError, run_tool

_ECR: Final = re.compile(r"\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?")
_DEFAULT_PLATFORM: Final = "linux/arm64"
_SHORT: Final = 12


def propose_image(job: Job, project: Path, stack: str, *, image: str = "", source: str = "", build: str = "") -> None:
    """Open a pull request that puts an image into a stack's file. Exactly one of the three says which. Raises JobError.

    `image` is one by its digest in the repository that the file names already. `source` is another stack: if its image
    is in another repository, it is copied by its digest into this stack's own. `build` is a folder with a Dockerfile.
    """
    files = importlib.import_module("gatehouse.stack.image")
    path = project / f"Pulumi.{stack}.yaml"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    try:
        repository = get_repository(files.find_image(text, stack))
        if build:
            image = _build(repository, project / build, path)
        elif source:
            image = _copy(_read_image(files, project, source), repository)
        if get_repository(image) != repository:
            raise JobError(f"{image} is not of {repository}, the repository of backend.image in {path.name}")
        changed = files.replace_image(text, image, stack)
    except files.ImageError as error:
        raise JobError(str(error)) from error
    job.write_outputs(image=image)
    if changed == text:
        print(f"{path.name} has this image already: {image}")
        return
    path.write_text(changed, encoding="utf-8")
    digest = image.rpartition("sha256:")[2]
    propose_change(job, path, f"deploy-{stack}-{digest[:_SHORT]}", f"Deploy sha256:{digest[:_SHORT]} to {stack}")


def get_repository(image: str) -> str:
    """The repository of an image, without tag and digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def _read_image(files: Any, project: Path, stack: str) -> str:
    path = project / f"Pulumi.{stack}.yaml"
    image = str(files.find_image(path.read_text(encoding="utf-8") if path.exists() else "", stack))
    if "@sha256:" not in image:
        raise JobError(f"{path.name} names {image} by a tag: an image goes on by its digest only")
    return image


def _build(repository: str, folder: Path, path: Path) -> str:
    """Build and push the image of a folder, for the platform that the stack file names."""
    backend = read_mapping(path).get("config", {}).get("backend", {})
    commit = run_tool(["git", "rev-parse", "HEAD"])
    _log_in(repository)
    with TemporaryDirectory() as temporary:
        metadata = Path(temporary) / "image.json"
        platform = str(backend.get("platform") or _DEFAULT_PLATFORM)
        options = ["--platform", platform, "--tag", f"{repository}:{commit}", "--metadata-file", str(metadata)]
        run_tool(["docker", "buildx", "build", *options, "--push", str(folder)], shows=True)
        return f"{repository}@{json.loads(metadata.read_text())['containerimage.digest']}"


def _copy(image: str, repository: str) -> str:
    """The image in a repository, with the same digest: copied if it is in another one, as of another account."""
    if get_repository(image) == repository:
        return image
    digest = image.rpartition("@")[2]
    for each in (image, repository):
        _log_in(each)
    tag = f"{repository}:{digest.replace(':', '-')}"
    run_tool(["docker", "buildx", "imagetools", "create", "--tag", tag, image], shows=True)
    run_tool(["docker", "buildx", "imagetools", "inspect", f"{repository}@{digest}"])
    return f"{repository}@{digest}"


def _log_in(image: str) -> None:
    """Log in to the registry if it is ECR. The role of this job must be allowed to use it, also in another account."""
    host = image.partition("/")[0]
    if match := _ECR.fullmatch(host):
        password = f"aws ecr get-login-password --region {match['region']}"
        run_tool(["sh", "-c", f"{password} | docker login --username AWS --password-stdin {host}"])

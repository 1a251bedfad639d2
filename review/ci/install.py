"""Installs a project's requirements in a job, with the runner's way to its index and with nothing else of the job."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .job import JobError

KEPT: Final = (
    *("PATH", "LANG", "LC_ALL", "TMPDIR"),
    *("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "all_proxy", "http_proxy", "https_proxy", "no_proxy"),
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX_STRATEGY", "UV_CACHE_DIR"),
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NETRC"),
)
"""Variables of a job that an installation gets: the index, the proxy, and their certificates and tokens."""
TOKENS: Final = re.compile(r"UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)")
"""Variables that are kept too: user and token of an index in `UV_INDEX`."""
_UV_NAMES: Final = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX", "PIP_CERT": "SSL_CERT_FILE"}


def choose_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that an installation gets. Those of pip have their names of uv."""
    kept = {name: value for name, value in environment.items() if value and (name in KEPT or TOKENS.fullmatch(name))}
    for pip, uv in _UV_NAMES.items():
        if pip in kept and not {uv, "UV_INDEX_URL"} & kept.keys():
            kept[uv] = kept[pip]
    return kept


def has_token(variables: Mapping[str, str]) -> bool:
    """Whether a variable, or an address in one, opens something."""
    named = any(TOKENS.fullmatch(name) or name == "NETRC" for name in variables)
    return named or any(urlsplit(word).password for value in variables.values() for word in value.split())


def install(project: Path) -> None:
    """Make the project's environment by its requirements, unless it has one. Raises JobError.

    With a token among the variables, only wheels are installed: a package that is built would run its code beside it.
    Settings of uv in the project are not read, since they could give the token's index another address.
    """
    environment, requirements = project / ".venv", project / "requirements.txt"
    # A link to nowhere would let the environment be made there.
    if environment.exists() or environment.is_symlink() or (project / "venv").exists() or not requirements.is_file():
        return
    lock = project / "requirements.lock"
    variables = choose_variables(os.environ)
    options = ["--constraint", str(lock.resolve())] if lock.is_file() else []
    options += ["--only-binary", ":all:"] if has_token(variables) else []
    with tempfile.TemporaryDirectory(prefix="gatehouse-ci-") as home:
        variables["HOME"] = home
        uv = [sys.executable, "-I", "-m", "uv"]
        for command in (
            [sys.executable, "-I", "-m", "venv", str(environment.resolve())],
            [*uv, "pip", "install", "--quiet", "--no-config", "--system-certs", "--python", str(environment.resolve()),
             "--requirement", requirements.name, *options],
        ):  # fmt: skip
            if subprocess.run(command, cwd=project, env=variables, check=False).returncode != 0:  # noqa: S603
                raise JobError("the project's requirements could not be installed: the reason is above")

"""Make the virtual environment, or mend it: `python3 tools/environment.py review` installs requirements-review.txt.

Runs before anything is installed and under any Python 3, so it uses the standard library and old syntax alone. An
environment that was interrupted, lost its pip or belongs to a Python that is too old is made again. Prints nothing if
all is well, one line for what it does, and one line for what is wrong (exit 1).
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
# The purpose of each environment, and others that it serves: tests need what a preview needs, and the engine both.
SERVED_BY = {"review": ("review", "dev", "engine"), "dev": ("dev", "engine"), "engine": ("engine",)}
NEW_ENOUGH = f"import sys; sys.exit(sys.version_info < {OLDEST})"


def main(name: str) -> int:
    """Make the environment fit for one set of requirements."""
    if sys.version_info < OLDEST:
        return _with_a_newer_python(name)
    sound = PYTHON.exists() and _answers(str(PYTHON), "import pip; " + NEW_ENOUGH)
    if sound and any(_is_fresh(each) for each in SERVED_BY[name]):
        return 0
    if not sound:
        _make()
    print(f"Installing requirements-{name}.txt into {VENV}: up to 400 MB and two minutes …", file=sys.stderr)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*install, "-r", f"requirements-{name}.txt"]) != 0:
        sys.exit("The packages could not be installed: pip gives the reason above. The next run tries again.")
    _stamp(name).write_text(_fingerprint(name))
    return 0


def _with_a_newer_python(name: str) -> int:
    """Run again under the newest Python on the PATH that runs: pyenv puts there what is not active, too."""
    for minor in range(30, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and _answers(found, NEW_ENOUGH):
            return subprocess.call([found, __file__, name])
    return sys.exit(
        f"Gatehouse needs Python {OLDEST[0]}.{OLDEST[1]} or later; this is {sys.version.split()[0]}. "
        "Install one, or name it: make PYTHON=/path/to/python3.12 …"
    )


def _answers(python: str, program: str) -> bool:
    return subprocess.call([python, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def _make() -> None:
    _remove()
    command = [sys.executable, "-m", "venv", str(VENV)]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if made.returncode == 0:
        return
    reason = made.stdout.decode(errors="replace").strip()
    _remove()
    if "ensurepip" in reason:
        remedy = f"apt install python3.{sys.version_info[1]}-venv"
        sys.exit(f"This Python cannot make virtual environments. On Debian and Ubuntu: {remedy}")
    if "Read-only" in reason or "Permission denied" in reason:
        sys.exit("This folder cannot be written to: copy the project to one that can, and run make there.")
    sys.exit("The virtual environment could not be made: " + (reason.splitlines() or ["no reason given"])[-1])


def _remove() -> None:
    """Take the environment away; of a link, the link alone."""
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)


def _stamp(name: str) -> Path:
    """The file that holds which requirements are installed; written last, so that an interruption is taken up again."""
    return VENV / f".{name}"


def _is_fresh(name: str) -> bool:
    """Whether just these requirements were installed."""
    return _stamp(name).exists() and _stamp(name).read_text() == _fingerprint(name)


def _fingerprint(name: str) -> str:
    """The requirement files with those that they include."""
    digest = hashlib.sha256()
    pending = [f"requirements-{name}.txt"]
    while pending:
        text = Path(pending.pop()).read_text(encoding="utf-8")
        digest.update(text.encode())
        pending += [line[3:].strip() for line in text.splitlines() if line.startswith("-r ")]
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next run goes on from here.")
    except OSError as error:
        sys.exit(f"{error.filename or VENV}: {error.strerror}")

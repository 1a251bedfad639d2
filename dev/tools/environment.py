"""Make the virtual environment, or mend it: `python3 dev/tools/environment.py review` installs review/requirements.txt.

Runs before anything is installed and under any Python from 2.7 on, so it uses the standard library, old syntax and
ASCII alone, with types in comments. An environment that was interrupted, lost its pip, belongs to a Python that is too
old, or to another version than the one that the user named (NAMED), is made again. Prints nothing if all is well, else
one line: what it does, or what is wrong (exit 1).
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
VENV = ".venv"
PYTHON = os.path.join(VENV, "bin", "python")
# The purpose of each environment, and others that it serves: tests need what a preview needs, and the engine both.
SERVED_BY = {"review": ("review", "dev", "engine"), "dev": ("dev", "engine"), "engine": ("engine",)}
REQUIREMENTS = {
    "review": "review/requirements.txt",
    "dev": "dev/requirements.txt",
    "engine": "dev/engine/requirements.txt",
}
NEW_ENOUGH = "import sys; sys.exit(sys.version_info < {})".format(OLDEST)
THIS_VERSION = "import sys; sys.exit(sys.version_info[:2] != {})".format(sys.version_info[:2])


def main(name):  # type: (str) -> int
    """Make the environment fit for one set of requirements."""
    if sys.version_info < OLDEST:
        return _with_a_newer_python(name)
    sound = os.path.exists(PYTHON) and _answers(PYTHON, "import pip; " + (THIS_VERSION if _is_named() else NEW_ENOUGH))
    if sound and any(_is_fresh(each) for each in SERVED_BY[name]):
        return 0
    if not sound:
        _make()
    sys.stderr.write("Installing {} into {}: up to 400 MB and two minutes ...\n".format(REQUIREMENTS[name], VENV))
    install = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call(install + ["-r", REQUIREMENTS[name]]) != 0:
        sys.exit("The packages could not be installed: pip gives the reason above. The next run tries again.")
    with open(_stamp(name), "w") as stamp:
        stamp.write(_fingerprint(name))
    return 0


def _with_a_newer_python(name):  # type: (str) -> int
    """Run again under the newest Python on the PATH that runs: pyenv puts there what is not active, too."""
    for minor in range(30, OLDEST[1] - 1, -1):
        python = "python3.{}".format(minor)
        if _answers(python, NEW_ENOUGH):
            return subprocess.call([python, __file__, name])
    return sys.exit(
        "Gatehouse needs Python {}.{} or later; this is {}. ".format(OLDEST[0], OLDEST[1], sys.version.split()[0])
        + "Install one, or name it: make PYTHON=/path/to/python3.12 ..."
    )


def _is_named():  # type: () -> bool
    """Whether the user chose this Python: make's word for where the name came from."""
    return os.environ.get("NAMED") in ("command line", "environment")


def _answers(python, program):  # type: (str, str) -> bool
    try:
        with open(os.devnull, "w") as nowhere:
            return subprocess.call([python, "-c", program], stdout=nowhere, stderr=nowhere) == 0
    except OSError:  # there is none
        return False


def _make():  # type: () -> None
    _remove()
    # Of an environment that is active, the Python beneath: it may be this environment, which was just removed.
    python = sys.executable if sys.prefix == sys.base_prefix else getattr(sys, "_base_executable", sys.executable)
    command = [python, "-m", "venv", VENV]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if made.returncode == 0:
        return
    reason = made.stdout.decode(errors="replace").strip()
    _remove()
    if "ensurepip" in reason:
        remedy = "apt install python3.{}-venv".format(sys.version_info[1])
        sys.exit("This Python cannot make virtual environments. On Debian and Ubuntu: " + remedy)
    if "Read-only" in reason or "Permission denied" in reason:
        sys.exit("This folder cannot be written to: copy the project to one that can, and run make there.")
    sys.exit("The virtual environment could not be made: " + (reason.splitlines() or ["no reason given"])[-1])


def _remove():  # type: () -> None
    """Take the environment away; of a link, the link alone."""
    if os.path.islink(VENV):
        os.unlink(VENV)
    shutil.rmtree(VENV, ignore_errors=True)


def _stamp(name):  # type: (str) -> str
    """The file that holds which requirements are installed; written last, so that an interruption is taken up again."""
    return os.path.join(VENV, "." + name)


def _is_fresh(name):  # type: (str) -> bool
    """Whether just these requirements were installed."""
    return os.path.exists(_stamp(name)) and _read(_stamp(name)) == _fingerprint(name)


def _fingerprint(name):  # type: (str) -> str
    """The requirement files with those that they include."""
    digest = hashlib.sha256()
    pending = [REQUIREMENTS[name]]
    while pending:
        path = pending.pop()
        text = _read(path)
        digest.update(text.encode())
        included = [line[3:].strip() for line in text.splitlines() if line.startswith("-r ")]
        pending += [os.path.normpath(os.path.join(os.path.dirname(path), one)) for one in included]
    return digest.hexdigest()


def _read(path):  # type: (str) -> str
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next run goes on from here.")
    except OSError as error:
        sys.exit("{}: {}".format(error.filename or VENV, error.strerror))

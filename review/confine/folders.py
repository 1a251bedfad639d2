"""Folders that a confined program keeps: its repository, its Python and the review. Others of the home are hidden.

The environment is only read here. What it names is kept only if it is a Python, or the source of a Python package:
an environment that someone committed must not show other folders of the home.
"""

import json
import os
import pwd
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

_REVIEW: Final = Path(__file__).resolve().parents[2]
_MOST_TEXT: Final = 1 << 20
_PARTS: Final = ("bin/python*", "lib*/python3*", "lib*/lib*.so*", "pyvenv.cfg")
_SYSTEM: Final = "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /proc /dev /sys /nix /gnu"
_PACKAGES: Final = "/home/linuxbrew/.linuxbrew"
_SETTINGS: Final = (
    "passwd group hosts host.conf hostname resolv.conf nsswitch.conf gai.conf services protocols ld.so.cache "
    "ld.so.conf ld.so.conf.d alternatives localtime timezone locale.conf os-release mime.types ca-certificates "
    "ssl/certs ssl/cert.pem ssl/openssl.cnf pki/ca-trust pki/tls/certs pki/tls/cert.pem pki/tls/openssl.cnf "
    "crypto-policies static"
)
"""Names below /etc that libraries read, and that are no secrets."""
_OTHERS: Final = "/run /var/run /tmp /var/tmp /var/lib /var/opt /var/spool /srv /mnt /media"
"""Folders of the system that hold sockets of others, which the list of sockets does not name as they are called now."""
_PACKAGE_FILES: Final = ("pyproject.toml", "setup.py", "setup.cfg")


class Folders(NamedTuple):
    """Folders that stay in sight. `read_only` ones are read-only, also inside the others."""

    layered: Sequence[str] = ()  # what is written into these goes into a layer, which is gone when the process ends
    writable: Sequence[str] = ()  # empty folders of its own: what it writes there is in memory, if the system can
    read_only: Sequence[str] = ()
    homes: Sequence[str] = ()  # folders that are the user's home, which is hidden
    hidden: Sequence[str] = ()  # other folders and files that are empty, and take nothing
    socket: str = ""  # the Unix socket that stays in sight, in one of the folders


def kept(
    project: Path, python: str, own: Iterable[Path], shared: Iterable[Path] = (), today: Path | None = None
) -> Folders:
    """For a program of this project, run by that Python or by this one. It may write into `shared` folders. `own` are
    folders that its process needs of the review, and `today` is the repository that its environment is of.
    """
    checkout, theirs = _named(repositories(project)), _named([today] if today else ())
    environment = _own(theirs) if python == sys.executable else _environment(python, checkout, theirs) if python else ()
    read_only = [*environment, *own, _REVIEW / "review", _REVIEW / "facts", _REVIEW, *_commands()]
    return Folders(
        sorted(map(str, checkout)),
        sorted(map(str, _named(shared))),
        sorted(str(path) for path in _named(read_only) if path not in checkout),
        sorted(map(str, homes())),
    )


def alone(own: Iterable[Path], hidden: Iterable[Path]) -> Folders:
    """For a command of this Python: only `own` and what the system needs is not empty, of / and of `hidden` folders."""
    packages = (Path(entry) for entry in sys.path if Path(entry).match("lib*/python3*/*-packages"))
    settings = (Path("/etc", name) for name in _SETTINGS.split())
    read_only = [*_own_prefixes(), *packages, *own, *settings, Path(_PACKAGES), *_commands()]
    needed = {path.resolve() for path in map(Path, _SYSTEM.split())}
    others = {path.resolve() for path in (*Path("/").iterdir(), *hidden)}
    apart = {path for path in others if not any(each.is_relative_to(path) for each in needed)}
    read, own_homes, empty = (sorted(map(str, each)) for each in (_named(read_only), homes(), apart))
    return Folders(read_only=read, homes=own_homes, hidden=empty)


def emptied(folders: Folders) -> list[Path]:
    """The home, hidden and shared folders, where a program sees only what it keeps. A project around one shows it."""
    kept_folders = [*map(Path, folders.layered), *map(Path, folders.writable)]
    others = [path for path in (*map(Path, folders.homes), *temporary_folders())
              if not any(path.is_relative_to(folder) for folder in kept_folders)]  # fmt: skip
    return [*(path for path in map(Path, folders.hidden) if path.is_dir()), *others]


def in_sight(folders: Folders) -> list[Path]:
    """Read-only folders that a program sees; none with an emptied one inside, which a committed link may lead to."""
    empty = emptied(folders)
    named = [path for path in map(Path, folders.read_only) if ".." not in path.parts]
    return [path for path in named if not any(each.is_relative_to(path.resolve()) for each in empty)]


def temporary_folders() -> list[Path]:
    named = (*_OTHERS.split(), tempfile.gettempdir())
    return [*dict.fromkeys(path.resolve() for path in map(Path, named) if path.is_dir())]


def homes() -> set[Path]:
    """The user's home folders, by the environment and the list of users; with `sudo` those of its caller as well."""
    paths, caller = {Path.home().resolve()}, os.environ.get("SUDO_UID", "")
    for user in (os.geteuid(), *([int(caller)] if caller.isdecimal() else [])):
        with suppress(KeyError, OverflowError):
            paths.add(Path(pwd.getpwuid(user).pw_dir).resolve())
    return {home for home in paths if home.is_dir() and home != Path("/")}


def _named(folders: Iterable[Path]) -> set[Path]:
    """Folders and files that exist, under all their names."""
    return {name for folder in folders if folder.exists() for name in (folder.absolute(), folder.resolve())}


def repository(folder: Path) -> Path:
    """The Git checkout that a folder is in; the folder if it is in none."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)


def repositories(folder: Path) -> Iterator[Path]:
    """A folder, the Git checkout that it is in and, if that is a worktree, the Git folder that this belongs to."""
    yield folder
    top = repository(folder.absolute())
    if (mark := top / ".git").exists():
        yield top
        yield from _main(mark)


def _main(mark: Path) -> Iterator[Path]:
    """The Git folder that a worktree belongs to, if `mark` is one's `.git`."""
    with suppress(OSError, RuntimeError, ValueError):  # a circle of links, and names that are none
        own = (mark.parent / text(mark).removeprefix("gitdir:").strip()).resolve()
        # Git names one in the other. The mark of an archive may name any folder, also one of the archive that names it.
        here = mark.parent.resolve() / mark.name  # a link may lead to the mark of another
        if own.parent.name == "worktrees" and (own / text(own / "gitdir").strip()).resolve() == here:
            main, tree = own.parents[1], here.parent
            apart = not main.is_relative_to(tree) and not tree.is_relative_to(main)
            if apart and all((main / name).exists() for name in ("HEAD", "objects", "refs")):
                yield main


def text(file: Path) -> str:
    """The text of a regular file, up to a limit. Of others nothing: an author can commit a link to a device."""
    with suppress(OSError):
        if file.is_file():
            with file.open(errors="replace") as opened:
                return opened.read(_MOST_TEXT)
    return ""


def _prefix(folder: Path) -> Iterator[Path]:
    """What is of Python where it is installed: in the home and in `~/.local`, other things are beside it."""
    if folder.resolve() not in {home / name for home in homes() for name in ("", ".local")}:
        yield folder
    else:
        yield from (path for parts in _PARTS for path in folder.glob(parts))


def _own_prefixes() -> Iterator[Path]:
    return (part for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix) for part in _prefix(Path(prefix)))


def _own(theirs: Iterable[Path]) -> Iterator[Path]:
    yield from _own_prefixes()
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    # Python also puts the folder of the script there, or the current one.
    yield from (Path(entry) for entry in filter(None, sys.path) if entry in named or _is_package(Path(entry), theirs))


def _environment(python: str, checkout: Iterable[Path], theirs: Iterable[Path]) -> Iterator[Path]:
    """A virtual environment, the Python that it was made of, and packages that it only refers to."""
    links = [Path(python).absolute()]
    while links[-1].is_symlink() and len(links) < 9:
        links.append(links[-1].parent / links[-1].readlink())
    for prefix in (parent for link in (*links, links[-1].resolve()) for parent in link.parents[1:2]):
        # And no other folder with a `bin`, such as `~/.local`.
        if (prefix / "pyvenv.cfg").is_file() or any(prefix.glob("lib*/python3*/os.py")):
            yield from _prefix(prefix)
    # Another project's environment, which a project file may name, shows no sources of that project.
    known = (*checkout, *theirs, *(Path(one).resolve() for one in filter(None, [os.environ.get("VIRTUAL_ENV")])))
    if any(map(links[0].parents[1].resolve().is_relative_to, known)):
        for packages in links[0].parents[1].glob("lib*/python3*/site-packages"):
            yield from (folder for folder in _referred(packages) if _is_package(folder, theirs))


def _referred(packages: Path) -> Iterator[Path]:
    """Folders outside that an environment imports from: lines of .pth files, and editable installations."""
    for file in packages.glob("*.pth"):
        yield from (packages / line for line in text(file).splitlines() if line.startswith("/"))
    for file in packages.glob("*.dist-info/direct_url.json"):
        with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
            yield Path(unquote(urlsplit(json.loads(text(file))["url"]).path))


def _is_package(folder: Path, theirs: Iterable[Path]) -> bool:
    """Whether a folder is a package's source, packages of another environment, or of the environment's repository."""
    with suppress(OSError, RuntimeError):  # a name that is too long, and a circle of links
        folder = folder.resolve()  # the name of a link is chosen by its author
        known = folder.match("lib*/python3*/site-packages") or any(map(folder.is_relative_to, theirs))
        if known or not folder.is_dir():
            return folder.is_dir()
        places = {folder, folder.parent} - homes()  # what is in the home is not the home's package
        return any((path / name).is_file() for path in places for name in _PACKAGE_FILES)
    return False


def _commands() -> Iterator[Path]:
    """Folders of commands below /run, which some distributions have there."""
    paths = map(Path, os.environ.get("PATH", "").split(os.pathsep))
    yield from (path for path in paths if path.is_relative_to("/run"))

"""Shared by all test suites: the Hypothesis profile, the order and processes of tests, and garbage collection."""

import gc
import os
import signal
from pathlib import Path

import pytest
from _pytest.unraisableexception import gc_collect_iterations_key
from hypothesis import given, settings
from hypothesis.strategies import none

from review.facts.review_variables import WITHOUT_PACKAGES
from tests.helpers.draws import SEARCH, draws

# Packages of functions come from an index, which no test calls.
os.environ[WITHOUT_PACKAGES] = "1"

# A slow machine is no fault of the code: time is measured in tests/bench/, never asserted.
settings.register_profile(
    "gatehouse", deadline=None, max_examples=draws(50), derandomize=not SEARCH, database=None, print_blob=bool(SEARCH)
)
settings.load_profile("gatehouse")

# An evaluation makes and drops objects by the hundred thousand. What outlives one collection, such as imported modules
# and remembered stacks, stays to the end, and need not be looked through again.
gc.set_threshold(500_000, 1_000_000)

# The longest come first, so that no process waits for another at the end.
_FIRST = ("environment", "installed", "settings")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Look through all objects once when the tests have ended, for what failed unseen; pytest does it five times."""
    config.stash[gc_collect_iterations_key] = 1
    # Nobody looks through what that leaves: the end of a process did so three times, for seconds.
    config.add_cleanup(gc.freeze)
    # A shell that starts the run in its background has it ignore interrupts, and all that the tests start with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--others", action="store_true", help="run only the tests that `make test` leaves out")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over files without slow tests where the others' run would drop all of their tests."""
    dropped = config.option.others and collection_path.suffix == ".py" and _is_the_programs(config, collection_path)
    return True if dropped and ".slow" not in collection_path.read_text() else None


def _is_the_programs(config: pytest.Config, path: Path) -> bool:
    return any(path.is_relative_to(config.rootpath / folder) for folder in config.getini("testpaths"))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Refuse a file that does not exist. The processes of the tests would end without a word."""
    for argument in config.args:
        if not Path(argument.partition("::")[0]).exists():
            raise pytest.UsageError(f"{argument}: there is no such file or folder")


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Let Hypothesis look through all objects, as it does at its first draw, while there are few."""
    given(none())(lambda _: None)()


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process for each core: one more takes more of the processors' time, and ends no sooner."""
    return os.cpu_count() or 1


def _group(item: pytest.Item) -> str:
    """Tests that run in one process, one after the other: those of a mark, or of a file."""
    mark, file = item.get_closest_marker("xdist_group"), item.nodeid.partition("::")[0]
    return str(mark.args[0]) if mark else file


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hand tests out by the file: a process waits for the next one otherwise, and makes what the others have made."""
    if config.option.others:
        items[:] = [
            item for item in items if item.get_closest_marker("slow") or not _is_the_programs(config, item.path)
        ]
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    """A part of a long test (`settings-3`) ranks as the whole."""
    whole = _group(item).partition("-")[0]
    return _FIRST.index(whole) if whole in _FIRST else len(_FIRST)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Shorten long parameters in names of tests, which go between the processes: two were of megabytes."""
    return f"{val[:30]!r}… ({len(val)})" if isinstance(val, str | bytes) and len(val) > 60 else None

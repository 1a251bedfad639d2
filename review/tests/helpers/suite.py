"""How the suite runs: the Hypothesis profile, what is fast, order and processes of tests, and garbage collection."""

import gc
import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest
from _pytest.unraisableexception import gc_collect_iterations_key
from hypothesis import settings

from review.tests.helpers.draws import SEARCH, chosen, draws, share_of

# Every run draws the same, so that a clone is as green as the last one.
settings.register_profile(
    "review", deadline=None, max_examples=draws(100), derandomize=not SEARCH, database=None, print_blob=bool(SEARCH)
)
settings.load_profile("review")
# An evaluation makes and drops objects by the hundred thousand. What outlives one collection stays to the end.
gc.set_threshold(500_000, 1_000_000)
_FIRST = ("local_gateway", "rules", "installed")
"""The longest groups come first, so that no process waits for another at the end."""
_places: Counter[object] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Look through all objects once when the tests have ended; pytest does it five times, and Python's end again."""
    config.stash[gc_collect_iterations_key] = 1
    config.add_cleanup(gc.freeze)
    # A shell that starts the run in its background has it ignore interrupts, and all that the tests start with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores, since some tests wait."""
    return (os.cpu_count() or 1) + 1


def _name(nodeid: str) -> str:
    return nodeid.partition("tests/")[2]


def _is_asked_for(config: pytest.Config) -> bool:
    """Whether somebody runs these tests by a file's name or by words: all their cases run then, and no sample."""
    return bool(config.option.keyword) or any(".py" in argument for argument in config.args)


@pytest.hookimpl(wrapper=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Iterator[None]:
    """Outside of CI a sample of a test's cases is fast. A run of these makes no item of others, which took seconds."""
    yield
    if _is_asked_for(metafunc.config):
        return
    definition, calls = metafunc.definition, metafunc._calls
    share = share_of(_name(definition.nodeid), len(calls))
    for place, call in enumerate(calls):
        call.marks.extend([pytest.mark.slow.mark] * (not chosen(place, share)))
    if metafunc.config.option.markexpr == "not slow":
        fast = [call for call in calls if not any(mark.name == "slow" for mark in call.marks)]
        # One that is left out stays: without a case it would be a test without parameters.
        calls[:] = (not definition.get_closest_marker("slow") and fast) or calls[:1]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Outside of CI a sample of a file's tests is fast where they take long."""
    if not (hasattr(item, "callspec") or item.get_closest_marker("slow") or _is_asked_for(item.config)):
        if not chosen(_places[item.path], share_of(_name(item.nodeid))):
            item.add_marker("slow")
        _places[item.path] += 1


def _group(item: pytest.Item) -> str:
    """Tests that run in one process, one after the other: those of a mark, those that serve stacks, or of a file."""
    mark, file = item.get_closest_marker("xdist_group"), item.nodeid.partition("::")[0]
    return str(mark.args[0]) if mark else "local_gateway" if "tests/local_gateway/" in file else file


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand tests out by the file: a process makes what others have made otherwise."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: _FIRST.index(_group(item)) if _group(item) in _FIRST else len(_FIRST))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Shorten long parameters in names of tests, which go between the processes: two were of megabytes."""
    return f"{val[:30]!r}… ({len(val)})" if isinstance(val, str | bytes) and len(val) > 60 else None

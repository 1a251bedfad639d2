"""Every key of a stack file, changed once: the comparison has the difference, in the words of settings.yaml if any.

Its sums are those that the reports of both versions print. The keys are those of the settings' classes, so that the
table is complete by itself.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml

import review.compare.comparison
from review.compare.comparison import Comparison
from review.compare.facts import Facts, collect_facts
from review.compare.lines import Topic
from review.cost import Usage
from review.graph import Graph
from review.tests.compare.properties import list_wrong_sums
from review.tests.helpers.graph_reports import compare_graphs, estimate
from tests.integration.topologies.changed_configs import ALL_KEYS, built, changes_of, pairs, share_out

_FILE: Final = yaml.load(Path(__file__).with_name("settings.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
_STACKS: Final[Mapping[str, Any]] = _FILE["stacks"]


class Row(NamedTuple):
    topic: str
    key: str
    says: str = ""  # words of the heading
    of: str = ""  # the stack, if the first one that has the key is of no use
    change: Mapping[
        str, Any
    ] = {}  # `to` is the other value, and `sections` are others; without both the key is left out


def _rows() -> Iterator[Row]:
    for topic, keys in _FILE["settings"].items():
        for key, row in keys.items():
            written = row if isinstance(row, dict) else {"says": row}
            change = {name: value for name, value in written.items() if name in ("to", "sections")}
            yield Row(topic, key, written.get("says", ""), written.get("of", ""), change)


_WRITTEN: Final = [*_rows()]
_KEYS: Final = {*ALL_KEYS, "topology"}
ROWS: Final = {**{key: Row("DIFFERS", key) for key in _KEYS}, **{row.key: row for row in _WRITTEN}}
CHANGED: Final = {key: row for key, row in ROWS.items() if row.topic != "NONE"}


def test_each_row_is_of_one_key() -> None:
    assert ROWS.keys() == _KEYS
    assert len({row.key for row in _WRITTEN}) == len(_WRITTEN)
    assert {row.topic for row in _WRITTEN} <= {*Topic.__members__, "DIFFERS", "NONE"}
    assert all(len(row.says.split()) > 3 for row in _WRITTEN if row.topic == "NONE")
    assert all(bool(row.says) is (row.topic != "DIFFERS") for row in _WRITTEN)


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two archives of code."""
    folder = tmp_path_factory.mktemp("archives")
    for name in ("one", "other"):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr("a.py", f"def handler(*_): return {name!r}\n")
    return folder


@pytest.fixture(scope="module")
def facts_once() -> Iterator[None]:
    """Many rows share their first version, whose facts are the same."""
    known: dict[int, tuple[Graph, Facts]] = {}

    def facts(graph: Graph, usage: Usage) -> Facts:
        if id(graph) not in known:
            known[id(graph)] = graph, collect_facts(graph, usage)
        return known[id(graph)][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(review.compare.comparison, "collect_facts", facts)
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("facts_once")
@pytest.mark.parametrize("key", share_out(CHANGED))
def test_a_changed_key_is_a_difference(key: str, archives: Path) -> None:
    found = _compare_graphs(CHANGED[key], archives)
    assert found is not None
    assert _says(found.comparison, CHANGED[key]), found.comparison.heading
    assert [*list_wrong_sums(found.comparison, estimate(found.before), estimate(found.after))] == []


class Compared(NamedTuple):
    comparison: Comparison
    before: Graph
    after: Graph


def _compare_graphs(row: Row, archives: Path) -> Compared | None:
    """The comparison for the first stack in which the change has an effect. None if there is none."""
    if row.of:
        config = json.dumps(_STACKS[row.of])
        candidates = [(config, [json.dumps(changed) for changed in changes_of(config, row.key, row.change)])]
    elif row.change:
        tried = (config for config, _ in pairs()[row.key])
        candidates = [(one, [json.dumps(changed) for changed in changes_of(one, row.key, row.change)]) for one in tried]
    else:
        candidates = pairs()[row.key]
    for config, ways in candidates:
        before = built(config.replace("ARCHIVES", str(archives)))
        after = next(filter(None, (built(way.replace("ARCHIVES", str(archives))) for way in ways)), None)
        if before is not None and after is not None and (found := compare_graphs(before, after)).lines:
            return Compared(found, before, after)
    return None


def _says(found: Comparison, row: Row) -> bool:
    if row.topic == "DIFFERS":
        differing = [*found.resources.added, *found.resources.removed, *found.resources.changes]
        return bool(differing) and any(line.topic is not Topic.EDITS for line in found.lines)
    return row.topic in {line.topic.name for line in found.lines} and row.says in found.heading

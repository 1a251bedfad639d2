"""What programs.yaml says of small programs: what they export and declare, how they fail, and what is noted of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.problems import ProgramError
from review.graph import UNKNOWN, Graph, Secret
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.yaml_tables import read_table


def _cases() -> Iterator[Any]:
    whole = read_table(Path(__file__).with_name("programs.yaml"))
    words = whole.pop("words")
    for name, case in whole.items():
        given = {"strict": True, "config": "", "fails": [], "notes": [], "quiet": [], "files": {}, **case}
        for word, text in words.items():
            given["program"] = given["program"].replace(f"${word}", text)
        for known in (True, False) if given.get("known") == "both" else (given.get("known", True),):
            yield pytest.param(given, known, id=f"{name}{'' if known else ' unknown'}")


def plain(value: Any) -> Any:
    """A value as it is written in YAML."""
    if value is UNKNOWN:
        return "$unknown"
    if isinstance(value, Secret):
        return {"$secret": plain(value.value)}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def described(graph: Graph, name: str) -> dict[str, Any]:
    """A resource: its options, what it is, its outputs, and before all its inputs."""
    (resource,) = [resource for resource in graph if resource.name == name]
    options = {field.name: getattr(resource.options, field.name) for field in fields(resource.options)}
    about = {key: getattr(resource, key) for key in ("region", "source", "custom", "remote")}
    whole: dict[str, Any] = plain({**options, **about, **resource.state, **resource.inputs})
    return whole


@pytest.mark.parametrize(("case", "known"), [*_cases()])
def test_a_program(
    run_aws: Run,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    collect: Callable[[], int],
    case: dict[str, Any],
    known: bool,
) -> None:
    if "answers" in case:
        (tmp_path / "review.answers.yaml").write_text(case["answers"])
    if case["fails"]:
        with pytest.raises(ProgramError) as caught:
            run_aws(case["program"], config=case["config"], strict=case["strict"], known=known, **case["files"])
        collect()
        message = str(caught.value)
        assert [text for text in case["fails"] if text not in message] == [], message
        assert not any(text in message for text in case.get("silent", ())), message
        assert len(message.splitlines()) <= 30
        assert not caplog.records
        return
    graph = run_aws(case["program"], config=case["config"], strict=case["strict"], known=known, **case["files"])
    if "exports" in case:
        assert plain(graph.exports) == case["exports"]
    for name, expected in case.get("declares", {}).items():
        resource = described(graph, name)
        assert {key: resource.get(key) for key in expected} == expected
    if "names" in case:
        assert [resource.name for resource in graph] == case["names"]
    for text in case["notes"]:
        assert any(text in note for note in graph.notes), (text, graph.notes)
    for text in case["quiet"]:
        assert not any(text in note for note in graph.notes), (text, graph.notes)

"""Graphs that the tests keep: by all that they follow from, without a checkout's path, never of a patched program."""

import tempfile
from pathlib import Path

import pytest

from review.cost import sums
from review.evaluate import runner
from review.graph import Asset
from review.tests.helpers.in_process import kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GATEHOUSE_CACHE", str(tmp_path))
    monkeypatch.setattr(kept, "gettempdir", lambda: str(tmp_path / "temporary"))
    monkeypatch.setattr(kept, "_is_patched", lambda: False)
    return tmp_path


def test_a_graph_is_evaluated_once_and_its_archive_outlives_the_run(folder: Path) -> None:
    archive = folder / "temporary" / "forwarder.zip"
    archive.parent.mkdir()
    archive.write_bytes(b"code")
    made = [Asset(path=str(archive), base=str(kept.ROOT)), Asset(path=f"{kept.ROOT}/handlers/greeter.py")]
    assert kept.keep(lambda: made, "one") is made
    archive.unlink()
    code, file = kept.keep(lambda: [Asset(), Asset()], "one")
    assert (code.place.read_bytes(), code.place.suffix, code.base) == (b"code", ".zip", str(kept.ROOT))
    assert file == made[1]
    assert [path for path in folder.glob("graphs/*") if str(kept.ROOT).encode() in path.read_bytes()] == []
    # One whose archive is gone is evaluated again, as one of other sources is.
    code.place.unlink()
    assert kept.keep(lambda: "again", "one") == "again"


def test_what_it_follows_from_is_its_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept.keep(lambda: 1, "one") == kept.keep(lambda: 2, "one") == 1
    assert kept.keep(lambda: 2, "other") == 2
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert kept.keep(lambda: 3, "one") == 3
    monkeypatch.setattr(kept, "_hash_sources", lambda: "other sources")
    assert kept.keep(lambda: 4, "one") == 4
    # A file of a test is in no folder that the key reads.
    place = str(folder / "temporary" / "code")
    assert [kept.keep(lambda n=n: n, place) for n in (1, 2)] == [1, 2]  # type: ignore[misc]


def test_a_program_in_another_folder_has_that_folder(folder: Path) -> None:
    first, second = folder / "temporary" / "first", folder / "temporary" / "second"
    made = [Asset(path=str(first / "code"), base=str(first)), f"{first}-beside"]
    assert kept.keep(lambda: made[0], "program", project=first) is made[0]
    assert kept.keep(Asset, "program", project=second) == Asset(path=str(second / "code"), base=str(second))
    # What is elsewhere among temporary files may be another thing the next time.
    assert kept.keep(lambda: made[1], "beside", project=first) == made[1]
    assert kept.keep(lambda: "again", "beside", project=first) == "again"


def test_a_refusal_is_kept_and_another_error_is_not(folder: Path) -> None:
    for error, again in ((ValueError("refused"), True), (KeyError("broken"), False)):

        def fail(error: Exception = error) -> None:
            raise error

        with pytest.raises(type(error)):
            kept.keep(fail, type(error), refusals=(ValueError,))
        if again:
            with pytest.raises(ValueError, match="refused"):
                kept.keep(lambda: None, type(error), refusals=(ValueError,))
        else:
            assert kept.keep(lambda: "evaluated", type(error)) == "evaluated"


def test_a_program_that_a_test_patches_is_evaluated_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_CACHE", str(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
        assert [kept.keep(lambda n=n: n, "one") for n in (1, 2)] == [1, 2]  # type: ignore[misc]
    # A module that judges a graph changes none; one of the evaluation does.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "find_sum", None)
        assert not kept._is_patched()
        patch.setattr(runner, "run", None)
        assert kept._is_patched()
    monkeypatch.setitem({}, "lookup", "answer")
    assert kept.keep(lambda: 3, "one") == 3
    assert not (tmp_path / "graphs").exists()

"""A failing comparison says why, last and on the standard output, and passes once its last lines are pasted."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from review.ci.job import Job
from review.ci.review import print_reasons
from review.cli.command import main
from review.tests.helpers.in_process.evaluation import InThisProcess
from tests.helpers.stacks import ADOPTED

_ROTATION: Final = (Path(__file__).parents[3] / "review/docs/comparing.md").read_text(encoding="utf-8")
_BASE: Final[dict[str, Any]] = {
    "topology": "public-proxy",
    "network": ADOPTED,
    "backend": {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
    "proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:first:secret"}}},
    "api": {"kind": "rest", "routes": [{"path": "/hook", "methods": ["POST"], "includeSubpaths": False}]},
}
_ROTATED: Final = {"scheme": "github", "secret": {"secure": "v1:second:secret"}}
_CHANGES: Final[dict[str, dict[str, Any]]] = {
    "a rotated secret": {**_BASE, "proxy": {"webhook": _ROTATED}},
    "a rotation with the previous secret": {
        **_BASE,
        "proxy": {"webhook": {**_ROTATED, "previousSecret": {"secure": "v1:first:secret"}}},
    },
    "an open route": {**_BASE, "proxy": None},
}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.cli.command.Launcher", partial(InThisProcess, reimport=False))


def write(folder: Path, name: str, config: dict[str, Any]) -> str:
    file = folder / f"Pulumi.{name}.yaml"
    values = {"aws:region": "eu-west-1", **{key: value for key, value in config.items() if value is not None}}
    file.write_text(yaml.safe_dump({"config": values}))
    return str(file)


@pytest.mark.parametrize("name", _CHANGES)
def test_the_lines_to_paste_accept_the_change(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = write(tmp_path, "before", _BASE), write(tmp_path, "after", _CHANGES[name])
    given = ["--against", before, "--strict", "--only-changes"]
    assert main([after, *given]) == 1
    printed = capsys.readouterr().out
    facts, pasted = printed.partition("WHY THIS FAILS\n")[2].split("To accept a fact")
    assert facts.count("\n- ") == pasted.count("place: ")
    entries = yaml.safe_load("config:" + pasted.partition("\nconfig:")[2])["config"]["review:acknowledge"]
    assert (
        f"place: {json.dumps(entries[0]['place'], ensure_ascii=False)}" in printed.rstrip().splitlines()[-len(entries)]
    )
    reasons = [{**entry, "reason": "the security team has agreed to it"} for entry in entries]
    accepted = write(tmp_path, "after", {**_CHANGES[name], "review:acknowledge": reasons})
    assert main([accepted, *given]) == 0
    assert "WHY THIS FAILS" not in capsys.readouterr().out


def test_every_format_ends_with_the_reasons_and_ci_prints_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = write(tmp_path, "before", _BASE), write(tmp_path, "after", _CHANGES["a rotated secret"])
    given = [after, "--against", before, "--strict", "--format"]
    assert (main([*given, "markdown"]), main([*given, "json"])) == (1, 1)
    markdown, _, document = capsys.readouterr().out.partition("\n{\n")
    because = json.loads("{\n" + document)["failsBecause"]
    assert [line.removeprefix("    ") for line in markdown.splitlines()[-len(because) :]] == because
    print_reasons(Job({}, tmp_path), markdown)
    assert capsys.readouterr().out.splitlines()[-len(because) :] == [f"    {line}" for line in because]


def test_the_recipe_of_the_document_accepts_a_rotation(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", _ROTATION, re.DOTALL)
    entries = yaml.safe_load(block)["config"]["review:acknowledge"]
    before = write(tmp_path, "before", _BASE)
    after = write(tmp_path, "after", {**_CHANGES["a rotated secret"], "review:acknowledge": entries})
    assert main([after, "--against", before, "--strict"]) == 0

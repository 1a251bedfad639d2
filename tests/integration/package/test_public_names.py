"""Names that people's programs, stack files and workflows have: none of them goes unnoticed.

`public_names.txt` has those that the review's README.md and docs/library.md promise. If one goes on purpose, and before
each release, write it again by `UPDATE_SNAPSHOTS=1 make test ARGS=tests/integration`; CHANGELOG.md says what people
must change.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import components
from components.testing import Mocks
from review.cli import gatehouse, written
from review.rules import RULES
from review.serve import pytest_fixture, testing
from review.tests.helpers.stacks import ROOT, graph_of

RECORDED = Path(__file__).with_name("public_names.txt")
COMMANDS = ("review", "try", "verify", "doctor")
_SETTING = re.compile(r"^(?:## (\w+)$|\| `([\w.]+)` \|)", re.MULTILINE)


def names(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    yield from (f"from gatehouse import {name}" for name in components.__all__)
    yield f"from gatehouse.testing import {Mocks.__name__}"
    section = ""
    for heading, key in _SETTING.findall((ROOT / "docs" / "settings.md").read_text(encoding="utf-8")):
        section = heading or section
        yield f"setting {section}.{key}" if key else f"setting {section}"
    for stack in ("dev", "prod", "examples/private-cross-account.yaml"):
        yield from (f"output {name}" for name in graph_of(stack).exports)
    for command in COMMANDS:
        monkeypatch.setattr(sys, "argv", ["gatehouse", command, "--help"])
        with pytest.raises(SystemExit):
            gatehouse.main()
        options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", capsys.readouterr().out, re.MULTILINE)
        yield from (f"gatehouse {command} {option}" for option in options)
    yield from (f"exit status {name} {getattr(written, name)}" for name in ("OK", "STRICT", "FAULT"))
    yield from (f"rule {name}" for name in RULES)
    schema = json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text(encoding="utf-8"))
    yield from (f"report {key}" for key in schema["properties"])
    served = ("url", "routes", "route", *testing.Served.__dataclass_fields__)
    yield from (f"gatehouse_review.serve.testing.{one.__name__}" for one in (testing.served, testing.Served))
    yield from (f"gatehouse_review.serve.testing.Served.{one}" for one in served)
    yield f"gatehouse_review.serve.pytest_fixture.{pytest_fixture.serve_stack.__name__}"


def test_no_public_name_goes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = sorted({*names(monkeypatch, capsys)})
    if os.environ.get("UPDATE_SNAPSHOTS"):
        RECORDED.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert {*RECORDED.read_text(encoding="utf-8").splitlines()} - {*found} == set(), "see the head of this file"

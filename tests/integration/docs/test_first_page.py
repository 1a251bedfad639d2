"""The README shows what `make try` prints."""

import json
import re
from pathlib import Path

import pytest

from review.serve import command
from review.tests.helpers.stacks import ROOT


@pytest.mark.slow
def test_the_first_page_shows_what_try_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The call without a key is one of `dev`; the other is the same in the open example, since keys are random."""
    monkeypatch.chdir(ROOT)
    file = tmp_path / "requests.json"
    file.write_text(json.dumps([{"path": "/live/forward"}]))
    texts = [(ROOT / "README.md").read_text()]
    for stack in ("examples/open-proxy.yaml", "dev"):
        command.main([stack, "--once", str(file)])
        texts.append(capsys.readouterr().err)
    page, admitted, refused = (re.sub(r"\d+ ms", "… ms", text) for text in texts)
    first, second, reason = page.partition("```text\n200 ")[2].partition("```")[0].splitlines()
    assert f"200 {first}\n" in admitted
    assert f"{second}\n{reason}\n" in refused

"""The command `gatehouse` where a package is not installed."""

import importlib
import os
import shlex
import subprocess
import sys
from typing import Any

import pytest

from review.cli import gatehouse
from review.tests.helpers.stacks import ROOT


def run(monkeypatch: pytest.MonkeyPatch, command: str) -> int:
    def missing(*_: Any) -> Any:
        raise ModuleNotFoundError("No module named 'httpx'", name="httpx")

    monkeypatch.setattr(importlib, "import_module", missing)
    monkeypatch.setattr(sys, "argv", ["gatehouse", command])
    return gatehouse.main()


def test_an_extra_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "try") == 2
    install = f'{shlex.quote(sys.executable)} -m pip install "gatehouse-review[try]"'
    assert capsys.readouterr().err == f"gatehouse try needs httpx: {install}\n"


def test_an_import_that_needs_an_extra_names_it() -> None:
    code = "import sys; sys.modules['httpx'] = None; import review.local_gateway.testing"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'pip install "gatehouse-review[try]"' in done.stderr.splitlines()[-1]


def test_a_broken_installation_names_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModuleNotFoundError):
        run(monkeypatch, "review")


def test_ctrl_c_during_the_imports_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["gatehouse", "try"])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(importlib, "import_module", interrupted)
    with pytest.raises(KeyboardInterrupt) as ended:
        gatehouse.main()
    sys.excepthook(ended.type, ended.value, ended.tb)
    assert capsys.readouterr().err == ""


def test_a_reader_that_wants_no_more_of_the_help_sees_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        command = [sys.executable, "-m", "review.cli", "--help"]
        done = subprocess.run(command, cwd=ROOT, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_help_of_permissions_has_its_own_options_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gatehouse", "permissions", "--help"])
    with pytest.raises(SystemExit):
        gatehouse.main()
    text = capsys.readouterr().out
    assert text.startswith("usage: gatehouse permissions")
    assert "IAM policies" in text
    assert "--against" not in text

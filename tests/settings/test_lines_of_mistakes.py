"""A mistake is shown with the line of the stack file, and with its value where no secret can be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.stack.settings.mistakes import ConfigError, Mistake
from components.stack.settings.stack_file import find_line, read_nodes

STACK = """\
# A stack.
encryptionsalt: v1:x
config:
  aws:region: eu-west-1
  gatehouse:backend:
    image: nginx:1.29
    port: 70000
  api:
    routes:
      - path: /
        methods: [GET]
      - { path: /b, methods: [FETCH] }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(STACK)
    return file


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("gatehouse:backend.port", 7),
        ("gatehouse:backend", 5),
        ("gatehouse:backend.disk", 5),  # its section, where the key is not there
        ("gatehouse:api.routes", 9),
        ("gatehouse:api.routes[0].methods", 11),
        ("gatehouse:api.routes[1].methods[0]", 12),
        ("gatehouse:network", None),
        ("aws:region", 4),
    ],
)
def test_a_key_has_its_line(file: Path, key: str, line: int | None) -> None:
    assert find_line(key, read_nodes(file)) == line


def test_a_file_that_is_not_there_or_no_yaml_has_no_lines(tmp_path: Path) -> None:
    assert find_line("gatehouse:backend", read_nodes(tmp_path / "Pulumi.dev.yaml")) is None
    (tmp_path / "Pulumi.dev.yaml").write_text("config: [")
    assert find_line("gatehouse:backend", read_nodes(tmp_path / "Pulumi.dev.yaml")) is None


def test_the_report_names_the_lines(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    report = str(ConfigError("dev", [Mistake("gatehouse:backend.port", 70000, "1 to 65535")]))
    assert "gatehouse:backend.port\n    line     7 of Pulumi.dev.yaml\n    got      70000\n" in report
    assert "line" not in str(ConfigError("prod", [Mistake("gatehouse:backend.port", 70000, "1 to 65535")]))


@pytest.mark.parametrize(
    ("value", "is_shown"),
    [
        (80, True),
        (True, True),
        (2.5, True),
        ("session-manager", True),
        ("s3cr3t", False),
        ({"a": 1}, False),
        ([1], False),
    ],
)
def test_the_value_of_an_unknown_key_is_shown_if_it_can_be_no_secret(
    mistakes: Callable[..., list[Any]], value: object, is_shown: bool
) -> None:
    base = {"topology": "public-proxy", "backend": {"image": "nginx:1.29", "prot": value}}
    (mistake,) = mistakes(base)
    assert mistake.key == "gatehouse:backend.prot"
    assert (mistake.got == value) is is_shown


@pytest.mark.parametrize("off", [{}, False, "off"])
def test_an_optional_section_is_off_in_every_spelling(read: Callable[..., Any], off: object) -> None:
    config = {"topology": "private-api", "backend": {"kind": "greeter"}, "consumer": off, "ingress": off}
    assert read(config).consumer is None


def test_the_file_that_a_review_names_wins(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = file.rename(file.with_name("mine.yaml"))
    monkeypatch.setenv("GATEHOUSE_STACK_FILE", str(named))
    report = str(ConfigError("dev", [Mistake("gatehouse:backend.port", 70000, "1 to 65535")]))
    assert "line     7 of mine.yaml" in report


@pytest.mark.parametrize("folder", ["", "stacks"])
def test_a_file_is_found_from_the_folder_of_main(file: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    (file.parent / "Pulumi.yaml").write_text(f"stackConfigDir: {folder}" if folder else "")
    for each in ("src", "stacks"):
        (file.parent / each).mkdir()
    file.rename(file.parent / folder / file.name)
    monkeypatch.chdir(file.parent / "src")
    monkeypatch.setattr("pulumi.get_root_directory", lambda: str(file.parent))
    assert "line     7" in str(ConfigError("dev", [Mistake("gatehouse:backend.port", 70000, "1 to 65535")]))

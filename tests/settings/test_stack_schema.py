"""The schema of stack files, as an editor's validator reads it."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from components.arguments.schema import find_schema
from components.stack.settings import json_schema
from components.stack.settings.section import build_json_schema
from components.stack.settings.sections import SECTIONS
from tests.helpers.draws import sampled
from tests.settings.wrong_configs import BASE, FARGATE, SOUND, WRONG, Wrong

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(json_schema.format_schema())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
FILES = [
    *(ROOT / "examples").glob("*.yaml"),
    *(ROOT / "template").glob("Pulumi.*.yaml"),
    *ROOT.glob("Pulumi.*.yaml"),
    *(ROOT / "examples/library").glob("*/Pulumi.*.yaml"),
]


def accepts(config: Any) -> bool:
    return bool(VALIDATOR.is_valid({"config": json.loads(json.dumps(config))}))


def test_it_is_a_schema_and_the_files_have_it() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    for folder in ("docs", "template"):
        assert (ROOT / folder / json_schema.FILE).read_text() == json_schema.format_schema()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_stack_file_passes_and_names_it(file: Path) -> None:
    text = file.read_text()
    if "topology" in text:
        assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text))] == []
        name = text.partition("# yaml-language-server: $schema=")[2].partition("\n")[0]
        assert (file.parent / name).resolve() in (
            ROOT / "docs" / json_schema.FILE,
            ROOT / "template" / json_schema.FILE,
        )


@pytest.mark.parametrize("config", SOUND, ids=lambda config: str(config)[:60])
def test_a_sound_config_passes(config: Any) -> None:
    assert accepts(config)


def is_checked_by_code(key: str) -> bool:
    """Whether only code decides about the value of a key, or the absence of a file."""
    section, _, path = key.removeprefix("gatehouse:").replace("[", ".").replace("]", "").partition(".")
    place = [int(part) if part.isdecimal() else part for part in path.split(".")] if path else []
    if section == "backends":
        section, place = "backend", place[1:]
    nodes = [find_schema(build_json_schema(model), place) for model in SECTIONS[section][1].values()]
    plain = {"pattern", "enum", "const", "minimum", "maximum", "minLength", "minItems"}
    return any("words" in node and not plain & node.keys() for node in nodes)


REPEATED = "each member once"
"""The schema does not say so: members may be equal after they are read only."""


@pytest.mark.parametrize("wrong", sampled(WRONG), ids=lambda wrong: f"{wrong.key} {str(wrong.config)[:40]}")
def test_what_a_schema_can_refuse_is_refused(
    wrong: Wrong, mistakes: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Misspelt keys, other types, and values out of range: what is refused without a rule between settings."""
    monkeypatch.setattr("components.stack.settings.find_mistakes", lambda _: [])
    if wrong.secret or wrong.project != "gatehouse" or ":" in wrong.key:
        return
    try:
        (found, *_) = mistakes(BASE | {"aws:region": "eu-west-1"} | wrong.config)
    except pytest.fail.Exception:
        return  # a rule refuses it
    assert found
    if not accepts(wrong.config):
        return
    together = found.key == "gatehouse:network.egress"  # modes that do not go together
    assert together or found.allowed.startswith(REPEATED) or is_checked_by_code(found.key), dataclasses.astuple(found)


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"topolgy": "vpc-link"}, "config"),
        (BASE | {"backend": {"image": "nginx", "prot": 80}}, "config.backend"),
        (FARGATE | {"backend": {"kind": "fargate", "image": "a:1", "instanceType": "t4g.nano"}}, "config.backend"),
        (BASE | {"api": {"routes": [{"path": "/", "timeoutMilliseconds": 10}]}}, "config.api"),
        (BASE | {"backend": {"image": "nginx", "port": "eighty"}}, "config.backend"),
        (BASE | {"backend": {"image": "nginx", "port": 0}}, "config.backend"),
        (BASE | {"network": {"egress": "nat"}}, "config.network"),
        (BASE | {"network": {"vpcId": "vpc-1"}}, "config.network"),
        (BASE | {"backends": {"orders": {"kind": "greeter"}}}, "config.backends"),
        (BASE | {"protection": {"acknowledgePublic": [{"rout": "GET /"}]}}, "config.protection"),
        (BASE | {"proxy": {"webhook": {"scheme": "github", "secret": "plain"}}}, "config.proxy"),
    ],
)
def test_an_editor_marks_the_section(config: Any, place: str) -> None:
    (error,) = VALIDATOR.iter_errors({"config": config})
    assert ".".join(map(str, error.absolute_path)) == place


@pytest.mark.parametrize(
    "config",
    [
        {"gatehouse:backend": {"secure": "v1:a:b"}, "shop:other": 1, "aws:region": "eu-west-1"},
        {"network": {"egress": "nat-gateway", "zones": "2"}, "ingress": "off"},
        {"ingress": False, "consumer": {}, "api": {"throttle": "off", "tracing": "true"}},
        {"proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:a:b"}}}},
        {"api": {"routes": [{"path": "/", "methods": ["get"]}]}},
    ],
)
def test_what_the_cli_and_people_write_passes(config: Any) -> None:
    assert accepts(BASE | config)

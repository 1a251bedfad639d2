"""The package's public interface: a change of it shows here, and every property has words.

After a change that is meant: `UPDATE_SNAPSHOTS=1 make test ARGS=tests/package`, and say why in CHANGELOG.md.
"""

import importlib.util
import inspect
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider

import components
from components.version import VERSION
from tests.stacks import ROOT

SNAPSHOT = Path(__file__).with_name("schema.json")


def even(entry: dict[str, Any]) -> dict[str, Any]:
    """Descriptions without the indentation of their docstrings, which Python takes away by itself from 3.13."""
    return {key: inspect.cleandoc(value) if key == "description" else value for key, value in entry.items()}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    provider = ComponentProvider(list(components.COMPONENTS), "gatehouse", None, VERSION)
    found: dict[str, Any] = json.loads(provider.schema or "", object_hook=even)
    return found


def test_the_interface_is_as_it_was(schema: dict[str, Any]) -> None:
    text = json.dumps(schema, indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text)
    assert SNAPSHOT.read_text() == text, "the public interface changed: see the head of this file"


def test_every_component_type_and_property_has_words(schema: dict[str, Any]) -> None:
    silent = [
        f"{name}.{key}"
        for group in ("resources", "types")
        for name, entry in schema[group].items()
        for part in ("inputProperties", "properties")
        for key, found in entry.get(part, {}).items()
        if not found.get("description")
    ]
    assert silent == []
    assert all(entry.get("description") for entry in schema["resources"].values())


def test_tokens_are_those_of_the_classes(schema: dict[str, Any]) -> None:
    assert set(schema["resources"]) == {f"gatehouse:index:{component.__name__}" for component in components.COMPONENTS}
    for component in components.COMPONENTS:
        source = Path(sys.modules[component.__module__].__file__ or "").read_text()
        assert f'"gatehouse:index:{component.__name__}"' in source


def test_the_plugin_loads_by_its_path_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    served: dict[str, Any] = {}
    monkeypatch.setattr("pulumi.provider.experimental.component_provider_host", lambda **given: served.update(given))
    spec = importlib.util.spec_from_file_location("plugin_main", ROOT / "components" / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    plugin = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plugin)
    before = set(sys.modules)
    plugin.main()
    for name in set(sys.modules) - before:
        del sys.modules[name]
    assert (served["name"], served["version"]) == ("gatehouse", VERSION)
    assert {component.__module__.partition(".")[0] for component in served["components"]} == {"gatehouse"}
    assert len(served["components"]) == len(components.COMPONENTS)


def test_the_plugin_runs_python_with_the_projects_pins() -> None:
    folder = ROOT / "components"
    assert yaml.safe_load((folder / "PulumiPlugin.yaml").read_text())["runtime"] == "python"
    pins = set(re.findall(r"^pulumi\S*$", (folder / "requirements.txt").read_text(), re.MULTILINE))
    assert len(pins) == 3
    assert pins <= set((ROOT / "requirements.txt").read_text().splitlines())


def test_the_version_is_one() -> None:
    assert re.search(r'dynamic = \["version"\]', (ROOT / "pyproject.toml").read_text())
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)

"""The config of a stack file, as the CLI hands it to a program."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

SECRET: Final = "secretOfTheStackFile"  # noqa: S105 # no secret
"""Begins the text in place of an encrypted value. Each place has another text of letters."""


@dataclass(frozen=True)
class Config:
    """The config of a stack."""

    project: str
    stack: str
    values: Mapping[str, str]
    secret_keys: tuple[str, ...]
    """Keys that have an encrypted value in them."""


def read_stack_file(path: Path, secrets: Mapping[str, str]) -> Config:
    """Reads a stack file beside its `Pulumi.yaml`.

    `secrets` has the values of encrypted keys by their place, such as `proxy.webhook.secret`. Others get a text of
    letters. Raises OSError if a file is missing.
    """
    project = str(yaml.safe_load((path.parent / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])
    document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return build_config(document.get("config") or {}, project, path.stem.removeprefix("Pulumi."), secrets)


def build_config(config: Mapping[str, Any], project: str, stack: str, secrets: Mapping[str, str]) -> Config:
    """Returns a config that a stack file has below `config:`."""
    whole = {key if ":" in key else f"{project}:{key}": value for key, value in config.items()}
    opened = {key: _open(value, key.removeprefix(f"{project}:"), secrets) for key, value in whole.items()}
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in opened.items()}
    return Config(project, stack, values, tuple(key for key, value in whole.items() if any(_find_encrypted(value))))


def _find_encrypted(value: Any) -> Iterator[bool]:
    if isinstance(value, dict):
        yield value.keys() == {"secure"}
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _find_encrypted(inner)


def _open(value: Any, place: str, secrets: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_open(inner, f"{place}[{index}]", secrets) for index, inner in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"secure"}:
        return secrets.get(place, SECRET + "".join(filter(str.isalpha, place)))
    return {key: _open(inner, f"{place}.{key}", secrets) for key, inner in value.items()}

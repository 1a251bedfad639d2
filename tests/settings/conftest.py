"""Settings read as the program reads them: through pulumi.Config, from strings."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockResourceArgs

from settings import ConfigError, Settings, load

Load = Callable[..., Settings]


class _Nothing(pulumi.runtime.Mocks):
    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError(f"{args.typ} {args.name}: reading settings declares nothing")

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"{args.token}: reading settings looks nothing up")


@pytest.fixture
def read() -> Iterator[Load]:
    """`read({"topology": …})`, with `secret=("proxy",)` for keys that are encrypted."""
    pulumi.runtime.set_mocks(_Nothing(), project="gatehouse", stack="test")

    def read_config(config: dict[str, Any], secret: tuple[str, ...] = ()) -> Settings:
        texts = {
            f"gatehouse:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in config.items()
        }
        pulumi.runtime.set_all_config(texts, [f"gatehouse:{key}" for key in secret])
        return load()

    yield read_config
    pulumi.runtime.set_all_config({}, [])


@pytest.fixture
def mistakes(read: Load) -> Callable[..., list[Any]]:
    """The mistakes that a config is refused for."""

    def mistakes_of(config: dict[str, Any], secret: tuple[str, ...] = ()) -> list[Any]:
        with pytest.raises(ConfigError) as refused:
            read(config, secret)
        return list(refused.value.mistakes)

    return mistakes_of

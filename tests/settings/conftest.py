"""Settings read as the program reads them: through pulumi.Config, from strings."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.stack.settings import ConfigError, Settings, load
from tests.helpers.declare import in_loop
from tests.helpers.mocks import StackMocks

Load = Callable[..., Settings]


@pytest.fixture
def read() -> Load:
    """`read({"topology": …})`, with `secret=("proxy",)` for keys that are encrypted, and another project's name."""

    def read_config(config: dict[str, Any], secret: tuple[str, ...] = (), project: str = "gatehouse") -> Settings:
        texts = {
            key if ":" in key else f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in config.items()
        }
        secret_keys = [key if ":" in key else f"{project}:{key}" for key in secret]

        def evaluate() -> Settings:
            mocks = StackMocks()
            pulumi.runtime.set_mocks(mocks, project=project, stack="test", preview=True)
            pulumi.runtime.set_all_config(texts, secret_keys)
            settings = load()
            assert not mocks.declared
            return settings

        return in_loop(evaluate)

    return read_config


@pytest.fixture
def mistakes(read: Load) -> Callable[..., list[Any]]:
    """The mistakes that a config is refused for."""

    def mistakes_of(config: dict[str, Any], secret: tuple[str, ...] = (), project: str = "gatehouse") -> list[Any]:
        with pytest.raises(ConfigError) as refused:
            read(config, secret, project)
        return list(refused.value.mistakes)

    return mistakes_of

"""Settings read as the program reads them: through pulumi.Config, from strings."""

import contextvars
import json
from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime import configure, set_all_config
from pulumi.runtime.settings import Settings as RuntimeSettings

from components.stack.settings import ConfigError, Settings, load
from tests.helpers.in_process.loop import own_loop, settled

Load = Callable[..., Settings]


@pytest.fixture
def read() -> Load:
    """`read({"topology": …})`, with `secret=("proxy",)` for keys that are encrypted, and another project's name.

    There is no monitor: reading settings that declared anything or looked anything up would fail.
    """

    def read_config(config: dict[str, Any], secret: tuple[str, ...] = (), project: str = "gatehouse") -> Settings:
        texts = {
            key if ":" in key else f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in config.items()
        }

        async def evaluate() -> Settings:
            configure(RuntimeSettings(project=project, stack="test"))
            set_all_config(texts, [key if ":" in key else f"{project}:{key}" for key in secret])
            try:
                return load()
            finally:
                # Secrets are outputs, which the SDK fills in by tasks.
                await settled()

        with own_loop() as loop:
            return contextvars.copy_context().run(loop.run_until_complete, evaluate())

    return read_config


@pytest.fixture
def mistakes(read: Load) -> Callable[..., list[Any]]:
    """The mistakes that a config is refused for."""

    def mistakes_of(config: dict[str, Any], secret: tuple[str, ...] = (), project: str = "gatehouse") -> list[Any]:
        with pytest.raises(ConfigError) as refused:
            read(config, secret, project)
        return list(refused.value.mistakes)

    return mistakes_of

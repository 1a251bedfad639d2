"""The package as pip installs it."""

from tests.installed import installed

__all__ = ["installed"]

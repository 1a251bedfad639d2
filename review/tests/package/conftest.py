"""The package as pip installs it."""

from tests.helpers.installed import installed

__all__ = ["installed"]

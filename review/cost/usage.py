"""Assumptions of an estimate on a stack's use. You can set each by `--usage` or in the stack's config."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

NAMESPACE: Final = "review:"
CONFIG_KEY: Final = f"{NAMESPACE}usage"
_SUFFIXES: Final = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_NUMBER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kMG]?)")


class UsageError(ValueError):
    """An assumption that the estimate does not know, or that is no quantity."""


def _declare(default: float, meaning: str) -> Any:
    return dataclasses.field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Assumptions about one month."""

    requests: float = _declare(1e6, "Calls of the API.")
    kb_in: float = _declare(1.0, "Kilobytes of a request's body.")
    kb_out: float = _declare(4.0, "Kilobytes of an answer.")
    ms: float = _declare(100.0, "Milliseconds that a function runs for a call, on average.")
    stream_seconds: float = _declare(10.0, "Seconds that a function runs for a call whose answer streams, on average.")
    log_kb: float = _declare(1.0, "Kilobytes that a call writes to the logs of the API and of the function together.")
    nat_gb: float = _declare(1.0, "Gigabytes that the backend fetches and sends through its way out.")
    image_gb: float = _declare(0.5, "Gigabytes of images kept in each registry.")

    def list_settings(self) -> Iterator[tuple[str, str, str]]:
        """Each assumption by its name, with its quantity as `--usage` takes it, and its meaning."""
        for each in dataclasses.fields(self):
            yield each.name, _format_quantity(getattr(self, each.name)), each.metadata["meaning"]

    def describe(self) -> str:
        """The assumptions on a line, as `--usage` takes them."""
        return ", ".join(f"{name}={_format_quantity(value)}" for name, value in vars(self).items())

    def replace_settings(self, settings: Mapping[str, Any]) -> Usage:
        """These assumptions with others in their place. Raises UsageError with key, value and what is known."""
        known = vars(self)
        for key in settings:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
                raise UsageError(f"usage: {key}: got {settings[key]!r}; {hint}")
        return dataclasses.replace(self, **{key: _parse_quantity(key, value) for key, value in settings.items()})

    def replace_from_text(self, text: str) -> Usage:
        """`requests=5M,kb_out=20` in place of these assumptions."""
        pairs = [part.strip() for part in text.split(",") if part.strip()]
        for pair in pairs:
            if "=" not in pair:
                raise UsageError(f"usage: got {pair!r}; want name=quantity, such as requests=5M")
        return self.replace_settings(dict(pair.split("=", 1) for pair in pairs))


def _parse_quantity(key: str, value: Any) -> float:
    match = None if isinstance(value, bool) else _NUMBER.fullmatch(str(value).strip())
    if match is None:
        raise UsageError(f"usage: {key}: got {value!r}; want a number, or one with k, M or G behind it")
    return float(match[1]) * _SUFFIXES[match[2]]


def _format_quantity(value: float) -> str:
    suffix = next((letter for letter in "GMk" if value >= _SUFFIXES[letter]), "")
    return f"{value / _SUFFIXES[suffix]:g}{suffix}"

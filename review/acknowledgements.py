"""`review:acknowledge`: differences that a change makes on purpose, each by its place and with a reason.

```yaml
config:
  review:acknowledge:
    - { place: "aws:profile", reason: "the shop moves into an account of its own" }
```

The comparison of a pull request and the review of a plan read it alike. An entry ends with its change: one that the
earlier version has already counts no more, so that it hides no later difference at the same place. In a plan an entry
counts as long as the plan has the difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from .evaluate.problems import Problem, StackFileError
from .graph import reveal_all

CONFIG_KEY: Final = "review:acknowledge"
_KEYS: Final = ("place", "reason")
_SHORTEST: Final = 10  # letters of a reason
_REMEDY: Final = 'want a list of maps such as {place: "aws:profile", reason: "moves to the new account"}'


@dataclass(frozen=True)
class Acknowledgement:
    """A difference that is wanted."""

    place: str
    """As the comparison prints it: a key of the config, or the name of a resource. `*` stands for any text."""
    reason: str

    def covers(self, place: str) -> bool:
        # Brackets are a part of places, and no pattern.
        return fnmatchcase(place, self.place.replace("[", "[[]"))


def read_acknowledgements(config: Mapping[str, Any]) -> tuple[Acknowledgement, ...]:
    """Returns the entries of a stack's config. Raises StackFileError with every mistake in them."""
    entries = reveal_all(config.get(CONFIG_KEY))
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise StackFileError(CONFIG_KEY, [Problem("", entries, _REMEDY)])
    if problems := [problem for number, entry in enumerate(entries) for problem in _list_problems(number, entry)]:
        raise StackFileError(CONFIG_KEY, problems)
    return tuple(Acknowledgement(entry["place"], entry["reason"]) for entry in entries)


def _list_problems(number: int, entry: Any) -> Iterable[Problem]:
    place = f"[{number}]"
    if not isinstance(entry, Mapping):
        yield Problem(place, entry, _REMEDY)
        return
    for key in entry.keys() - {*_KEYS}:
        yield Problem(f"{place}.{key}", entry[key], f"unknown key; known keys: {', '.join(_KEYS)}")
    for key in _KEYS:
        if not isinstance(text := entry.get(key), str) or not text.strip():
            yield Problem(f"{place}.{key}", text, "missing: want a text")
    if isinstance(reason := entry.get("reason"), str) and 0 < len(reason.strip()) < _SHORTEST:
        yield Problem(f"{place}.reason", reason, f"want at least {_SHORTEST} characters, which readers understand")


def list_new(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Acknowledgement]:
    """Returns the entries of the later config that the earlier one does not have: those of this change."""
    earlier = {*read_acknowledgements(before)}
    return [entry for entry in read_acknowledgements(after) if entry not in earlier]


def find_for(entries: Iterable[Acknowledgement], place: str) -> Acknowledgement | None:
    """Returns the entry that acknowledges a place. None if no entry does."""
    return next((entry for entry in entries if entry.covers(place)), None)

"""`review.answers.yaml`, in which a project answers what the review cannot know: see `review/docs/reviewing.md`."""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .mocks import ANSWERS_FILE
from .problems import Problem, StackFileError
from .yaml_text import read_mapping

_ALSO: Final = ("review/answers.yaml",)  # read if the project has a folder for the review
_SECTIONS: Final = ("secrets", "lookups", "stacks")
_MOST_NEAR: Final = 100  # tokens that are looked through for one much like another, which takes long
_TOKEN: Final = re.compile(r"[^:]+:[^:]+:[^:]+")
Lookup = tuple[Mapping[str, Any], Mapping[str, Any]]
"""Arguments of lookups, and the result of all that have these, in the provider's names (`cidrBlock`)."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The file's content; empty if the project has none."""

    secrets: Mapping[str, Any] = field(default_factory=dict)
    """By config key with its namespace, and the path inside its value (`small:github.token`)."""
    lookups: Mapping[str, tuple[Lookup, ...]] = field(default_factory=dict)  # by token
    stacks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # outputs by the name of the stack

    def lookup(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The result for a lookup; None if the file has none."""
        return next((result for expected, result in self.lookups.get(token, ()) if _fits(arguments, expected)), None)

    def merge_older(self, older: "Answers") -> "Answers":
        """The answers of two versions of a project together: a fact that only one of them has is no difference."""
        both = {
            token: (*self.lookups.get(token, ()), *older.lookups.get(token, ()))
            for token in {**older.lookups, **self.lookups}
        }
        secrets, stacks = {**older.secrets, **self.secrets}, {**older.stacks, **self.stacks}
        return Answers(secrets=secrets, lookups=both, stacks=stacks)

    def describe_useless_lookups(self, lookups: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[str]:
        """Notes on answers that no lookup of a run takes, though it looked up their token, or one much like it."""
        calls = list(lookups)
        unanswered = sorted({called for called, _ in calls} - self.lookups.keys())[:_MOST_NEAR]
        for token, entries in [*self.lookups.items()][:_MOST_NEAR]:
            arguments = [sent for called, sent in calls if called == token]
            if not arguments and (near := difflib.get_close_matches(token, unanswered, n=1, cutoff=0.9)):
                yield f"{ANSWERS_FILE}: nothing is looked up by {token}; did you mean {near[0]}?"
            for expected, _ in entries if arguments else ():
                if not any(_fits(sent, expected) for sent in arguments):
                    yield f"{ANSWERS_FILE}: no lookup {token} has the arguments {dict(expected)}"

    def describe_useless_secrets(self, keys: Collection[str]) -> Iterator[str]:
        """Notes on answers to secrets that no key of a config has, though one has much the same name.

        One file answers for all stacks, so that a stack need not have them all.
        """
        for name in self.secrets:
            taken = name in keys or any(name.startswith((f"{key}.", f"{key}[")) for key in keys)
            if not taken and (near := difflib.get_close_matches(name, keys, n=1, cutoff=0.85)):
                yield f"{ANSWERS_FILE}: secrets.{name} is the key of no encrypted value; did you mean {near[0]}?"


def read(root: Path, project: str) -> Answers:
    """The answers of the project in `root`. Raises StackFileError with everything wrong in the file."""
    path = next((root / name for name in (ANSWERS_FILE, *_ALSO) if (root / name).is_file()), None)
    if path is None:
        return Answers()
    document = read_mapping(path, ANSWERS_FILE, root)
    if problems := list(_list_problems(document)):
        raise StackFileError(ANSWERS_FILE, problems)
    secrets = document.get("secrets") or {}
    lookups = document.get("lookups") or {}
    return Answers(
        secrets={str(key) if ":" in str(key) else f"{project}:{key}": value for key, value in secrets.items()},
        lookups={token: tuple(map(_lookup, _as_list(entries))) for token, entries in lookups.items()},
        stacks=document.get("stacks") or {},
    )


def _list_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    for section, content in document.items():
        if section not in _SECTIONS:
            yield Problem(section, "", f"unknown section; known: {', '.join(_SECTIONS)}")
        elif content is not None and not isinstance(content, dict):
            yield Problem(section, content, "want a mapping")
        for key, value in content.items() if isinstance(content, dict) else ():
            if section == "stacks" and not isinstance(value, dict):
                yield Problem(f"stacks.{key}", value, "want a mapping of the stack's outputs")
            if section == "lookups" and not _TOKEN.fullmatch(str(key)):
                yield Problem(f"lookups.{key}", "", "want a whole token, such as aws:ec2/getVpc:getVpc")
            remedy = "want a result as a mapping, or a list of {arguments: …, result: …}, both mappings"
            for entry in _as_list(value) if section == "lookups" else ():
                if not isinstance(entry, dict) or not all(isinstance(part, dict) for part in _lookup(entry)):
                    yield Problem(f"lookups.{key}", entry, remedy)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lookup(entry: Mapping[str, Any]) -> Lookup:
    return (entry.get("arguments", {}), entry["result"]) if "result" in entry else ({}, entry)


def _fits(arguments: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    return all(arguments.get(key) == value for key, value in expected.items())

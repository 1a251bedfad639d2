"""`review.answers.yaml`, in which a project answers what the review cannot know: see `review/docs/reviewing.md`."""

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .mocks import ANSWERS_FILE, Answered
from .problems import Problem, StackFileError
from .yaml_text import read_mapping

_ALSO: Final = ("review/answers.yaml",)  # read if the project has a folder for the review
_SECTIONS: Final = ("secrets", "lookups", "stacks", "asked")
_MOST_NEAR: Final = 100  # tokens that are looked through for one much like another, which takes long
_TOKEN: Final = re.compile(r"[^:]+:[^:]+:[^:]+")
Lookup = tuple[Mapping[str, Any], Mapping[str, Any]]
"""Arguments of lookups, and the result of all that have these, in the provider's names (`cidrBlock`)."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A result that AWS gave to `gatehouse answers`."""

    lookup: str
    """The token, such as `aws:ec2/getVpc:getVpc`."""
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]
    account: str
    region: str
    date: str
    incomplete: tuple[str, ...] = ()
    """Fields of the result that leave something out which AWS has."""

    @property
    def question(self) -> tuple[str, str, str, str]:
        """What two entries have in common of which one replaces the other."""
        return self.account, self.region, self.lookup, json.dumps(self.arguments, sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The file's content; empty if the project has none."""

    secrets: Mapping[str, Any] = field(default_factory=dict)
    """By config key with its namespace, and the path inside its value (`small:github.token`)."""
    lookups: Mapping[str, tuple[Lookup, ...]] = field(default_factory=dict)  # by token
    stacks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # outputs by the name of the stack
    asked: tuple[Asked, ...] = ()

    def lookup(
        self, token: str, arguments: Mapping[str, Any], region: str, accounts: Collection[str] = ()
    ) -> Answered | None:
        """What the file holds for a lookup in a region and in one of these accounts; None if it holds nothing.

        An answer that somebody wrote wins over one of AWS.
        """
        for expected, result in self.lookups.get(token, ()):
            if _fits(arguments, expected):
                return Answered(result, frozenset(result))
        given = {key: value for key, value in arguments.items() if value is not None}
        for entry in self.asked:
            of_account = not accounts or entry.account in accounts
            if (entry.lookup, entry.region) == (token, region) and of_account and entry.arguments == given:
                return Answered(entry.result, frozenset(entry.result).difference(entry.incomplete))
        return None

    def merge_older(self, older: "Answers") -> "Answers":
        """The answers of two versions of a project together: a fact that only one of them has is no difference."""
        both = {
            token: (*self.lookups.get(token, ()), *older.lookups.get(token, ()))
            for token in {**older.lookups, **self.lookups}
        }
        secrets, stacks = {**older.secrets, **self.secrets}, {**older.stacks, **self.stacks}
        return Answers(secrets=secrets, lookups=both, stacks=stacks, asked=(*self.asked, *older.asked))

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


def find_file(root: Path) -> Path | None:
    """The project's file; None if it has none."""
    return next((root / name for name in (ANSWERS_FILE, *_ALSO) if (root / name).is_file()), None)


def read(root: Path, project: str) -> Answers:
    """The answers of the project in `root`. Raises StackFileError with everything wrong in the file."""
    if (path := find_file(root)) is None:
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
        asked=tuple(map(_read_asked, document.get("asked") or ())),
    )


def _list_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    for section, content in document.items():
        if section not in _SECTIONS:
            yield Problem(section, "", f"unknown section; known: {', '.join(_SECTIONS)}")
        elif section == "asked":
            yield from _list_asked_problems(content)
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


def _read_asked(entry: Mapping[str, Any]) -> Asked:
    return Asked(**{**entry, "incomplete": tuple(entry.get("incomplete", ()))})


def _list_asked_problems(content: Any) -> Iterator[Problem]:
    remedy = "`gatehouse answers` writes this section, with lookup, arguments, result, account, region and date"
    for entry in content if isinstance(content, list) else [content]:
        texts = [entry.get(key) for key in ("lookup", "account", "region", "date")] if isinstance(entry, dict) else []
        mappings = [entry.get(key) for key in ("arguments", "result")] if texts else []
        rest = {*entry} - {*Asked.__dataclass_fields__} if texts else True
        if entry is not None and (
            rest
            or not all(isinstance(text, str) for text in texts)
            or not all(isinstance(part, dict) for part in mappings)
            or not isinstance(entry.get("incomplete", []), list)
        ):
            yield Problem("asked", entry, remedy)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lookup(entry: Mapping[str, Any]) -> Lookup:
    return (entry.get("arguments", {}), entry["result"]) if "result" in entry else ({}, entry)


def _fits(arguments: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    return all(arguments.get(key) == value for key, value in expected.items())

"""The jobs of a GitHub workflow that an event starts.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_DEFAULT_TYPES: Final = ("opened", "synchronize", "reopened")
"""Activities of a pull request that start a workflow without `types`."""
_TOKEN: Final = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[\w.*-]+)|(?P<mark>&&|\|\||==|!=|[!(),]))")


@dataclass(frozen=True)
class Event:
    """An event of a repository `me/shop`, whose branch is `main` except for pull requests."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    """`github.event`."""
    paths: Sequence[str] = ()
    """Files that a push changes."""
    ref: str = "refs/heads/main"
    variables: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Outputs of jobs, by the job's name."""


def jobs_started(workflow: Mapping[Any, Any], event: Event) -> set[str]:
    """Returns the names of the jobs that run, if each of them succeeds."""
    # YAML 1.1 reads the key `on` as a truth value.
    triggers = workflow[True]
    if isinstance(triggers, str):
        triggers = {triggers: None}
    if event.name not in triggers:
        return set()
    filters = triggers[event.name] or {}
    # A schedule has a list of times.
    if not isinstance(filters, list) and not _passes_filters(filters, event):
        return set()
    started: set[str] = set()
    for name, job in workflow["jobs"].items():
        needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
        condition = str(job.get("if", "true"))
        ready = started.issuperset(needs) or "always()" in condition
        if ready and _evaluate(condition, _context(event, needs, started)):
            started.add(name)
    return started


def _passes_filters(filters: Mapping[str, Any], event: Event) -> bool:
    if event.name == "pull_request" and event.payload["action"] not in filters.get("types", _DEFAULT_TYPES):
        return False
    branches = filters.get("branches")
    if branches and event.ref.removeprefix("refs/heads/") not in branches:
        return False
    if "paths" in filters:
        return any(_matches(path, filters["paths"]) for path in event.paths)
    ignored = filters.get("paths-ignore", ())
    return not ignored or not all(_matches(path, ignored) for path in event.paths)


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(re.fullmatch(_as_regular_expression(pattern), path) for pattern in patterns)


def _as_regular_expression(pattern: str) -> str:
    """A filter pattern: `**` matches any characters, and `*` any but a slash."""
    return re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")


def _context(event: Event, needs: Sequence[str], started: set[str]) -> dict[str, Any]:
    results = {
        name: {"result": "success" if name in started else "skipped", "outputs": event.outputs.get(name, {})}
        for name in needs
    }
    github = {"event_name": event.name, "event": event.payload, "ref": event.ref, "repository": "me/shop"}
    return {"github": github, "vars": event.variables, "needs": results, "true": True, "false": False}


def _evaluate(expression: str, context: Mapping[str, Any]) -> bool:
    tokens = [match.group().strip() for match in _TOKEN.finditer(expression)]
    assert "".join(tokens).replace(" ", "") == expression.replace(" ", ""), f"not read: {expression}"
    parser = _Parser(tokens, context)
    value = parser.read_or()
    assert not parser.tokens, f"not read: {parser.tokens}"
    return bool(value)


class _Parser:
    """Evaluates an expression while it reads it."""

    def __init__(self, tokens: list[str], context: Mapping[str, Any]) -> None:
        self.tokens = tokens
        self._context = context

    def _take(self, *marks: str) -> str:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in marks else ""

    def read_or(self) -> Any:
        value = self._read_and()
        while self._take("||"):
            other = self._read_and()
            value = value or other
        return value

    def _read_and(self) -> Any:
        value = self._read_comparison()
        while self._take("&&"):
            other = self._read_comparison()
            value = value and other
        return value

    def _read_comparison(self) -> Any:
        value = self._read_value()
        if mark := self._take("==", "!="):
            same = (value or "") == (self._read_value() or "")
            return same if mark == "==" else not same
        return value

    def _read_value(self) -> Any:
        if self._take("!"):
            return not self._read_value()
        if self._take("("):
            value = self.read_or()
            assert self._take(")")
            return value
        token = self.tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        return self._call(token) if self._take("(") else self._look_up(token)

    def _call(self, name: str) -> Any:
        arguments = []
        while not self._take(")"):
            arguments.append(self.read_or())
            self._take(",")
        match name:
            case "always":
                return True
            case "contains":
                return arguments[1] in (arguments[0] or ())
            case "fromJSON":
                return json.loads(arguments[0])
        raise AssertionError(f"the tests do not know the function {name}")

    def _look_up(self, path: str) -> Any:
        value: Any = self._context
        for position, key in enumerate(steps := path.split(".")):
            if key == "*":
                (last,) = steps[position + 1 :]
                return [member[last] for member in value or ()]
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

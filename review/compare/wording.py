"""Values and inputs in words, with secrets masked, also those that a program did not mark."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..graph import UNKNOWN, Asset, Graph, Resource, Secret
from ..graph.json_text import opened
from .differences import Input
from .resources import DIGEST

MASK: Final = "[secret]"
_LONGEST: Final = 160
"""Letters of a value."""
_SHORTEST: Final = 4
"""Shorter secrets are masked only where they are the whole value: they may be a part of any word."""
_SECRET_NAME: Final = re.compile(
    r"(pass(word|wd|phrase)?|secret(_?string|_?value)?|token|credentials?|pre_?shared_?key"
    r"|(api|private|access|auth|signing|secret|shared|encryption|ssh)_?key(_?(value|material|data))?"
    r"|webhook_?secret(_?\w+)?)$",
    re.IGNORECASE,
)
"""Names of inputs, variables and members whose texts are secrets."""
_NO_SECRET: Final = re.compile(r"arn:|ssm:|/|\{\{resolve:|https?://[^@]*$")
"""Beginnings of texts that name the place of a secret."""
_SECRET_TEXT: Final = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^-]*-----END [A-Z ]*PRIVATE KEY-----)?"
    r"|\b(?:gh[pousr]_|github_pat_|xox[abprs]-)[\w-]{10,}|(?<=://)[^\s:/@]{1,100}:[^\s/@]+(?=@)"
    r"|(?i:(?<=password=)|(?<=passwd=)|(?<=secret=)|(?<=token=)|(?<=_key=)|(?<=apikey=)|(?<=authorization: ))"
    r"(?:bearer |basic )?(?![$\[])[^\s\"'$&;|]{3,}"
)
"""Texts that are secrets by their form, or by the words before them."""
_VALUES: Final = {"aws:apigateway/apiKey:ApiKey": "value", "aws:ssm/parameter:Parameter": "value"}
"""Inputs that are secrets and have other names, by type."""
_CONTENT: Final = re.compile(r"content [0-9a-f]{12}")
_LABELS: Final = ("id", "arn", "invokeArn", "executionArn", "dnsName", "latestVersion")


class Wording:
    """Words for values of two versions of a stack."""

    def __init__(self, *graphs: Graph) -> None:
        self._graphs = graphs
        secrets = {text for graph in graphs for text in graph.secret_texts}
        for graph in graphs:
            for resource in graph:
                secrets.update(_secrets_in(resource.inputs, _VALUES.get(resource.type, "")))
        self._whole = frozenset(secrets)
        long = sorted((text for text in secrets if len(text) >= _SHORTEST), key=len, reverse=True)
        self._part = re.compile("|".join(map(re.escape, long)) or "(?!)")

    def masked(self, text: str) -> str:
        """A text with every secret in it masked."""
        return MASK if text in self._whole else _SECRET_TEXT.sub(MASK, self._part.sub(MASK, text))

    def of_value(self, value: Any, start: int = 0) -> str:
        """A value in few words, from a letter on."""
        if value is None:
            return "not set"
        if value is UNKNOWN:
            return "known after the update"
        text = value if isinstance(value, str) else json.dumps(self._plain(value), default=str, ensure_ascii=False)
        text = " ".join(self.masked(text).split())
        begin = "…" if start else ""
        end = "…" if len(text) > start + _LONGEST else ""
        return f"{begin}{text[start : start + _LONGEST]}{end}" if text else '""'

    def _plain(self, value: Any) -> Any:
        """A value as JSON can write it, with masked texts. What follows from a secret is one."""
        if isinstance(value, Secret | Asset) or value is UNKNOWN:
            return MASK if isinstance(value, Secret) else str(value)
        if isinstance(value, Mapping):
            return {str(key): self._plain(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._plain(member) for member in value]
        return self.masked(value) if isinstance(value, str) else value

    def of_input(self, part: Input, resources: tuple[Resource, Resource]) -> str:
        """`timeout: 3 → 5`, or that an input is new or left out."""
        was, now = (
            self._named(value, resource, graph)
            for value, resource, graph in zip((part.before, part.after), resources, self._graphs, strict=True)
        )
        if isinstance(was, Secret) or isinstance(now, Secret):
            words = [MASK if isinstance(value, Secret) else self.of_value(value) for value in (was, now)]
            return f"{part.name}: {words[0]} → {'another secret' if words[0] == words[1] else words[1]}"
        if was is None:
            return f"{part.name}: {self.of_value(now)} (new)"
        if now is None:
            return f"{part.name}: {self.of_value(was)} (removed)"
        return f"{part.name}: {self._of_both(was, now)}"

    def _of_both(self, was: Any, now: Any) -> str:
        if isinstance(was, str) and isinstance(now, str):
            if _CONTENT.fullmatch(was) and _CONTENT.fullmatch(now):
                return "other content"
            if DIGEST.fullmatch(was) and DIGEST.fullmatch(now):
                return "another digest"
        both = self.of_value(was), self.of_value(now)
        if "…" in "".join(text[-1:] for text in both) or both[0] == both[1]:
            # Of long texts from the first difference on.
            whole = [" ".join(self.masked(str(value)).split()) for value in (was, now)]
            same = len(os.path.commonprefix(whole))  # noqa: RUF071 # letter by letter, these are no paths
            both = self.of_value(was, max(same - 15, 0)), self.of_value(now, max(same - 15, 0))
        return f"{both[0]} → {both[1] if both[0] != both[1] else 'another value that reads alike'}"

    def _named(self, value: Any, resource: Resource, graph: Graph) -> Any:
        """A value with names of resources in place of their made-up IDs."""
        if isinstance(value, Mapping):
            return {key: self._named(inner, resource, graph) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._named(member, resource, graph) for member in value]
        if not isinstance(value, str):
            return value
        for text, name in _identities(resource, graph):
            value = value.replace(text, name)
        return value


def _identities(resource: Resource, graph: Graph) -> Iterator[tuple[str, str]]:
    """IDs of resources to which a resource refers, the longest first, with the names of these."""
    found: dict[str, str] = {}
    for urn in resource.dependencies:
        other = graph.resources.get(urn)
        if other is not None and other.custom and not other.existing:
            outputs = (other.state.get(key) for key in _LABELS)
            found.update({text: other.name for text in outputs if isinstance(text, str) and len(text) > _SHORTEST})
    yield from sorted(found.items(), key=lambda pair: -len(pair[0]))


def _secrets_in(value: Any, own_name: str = "", name: str = "") -> Iterator[str]:
    """Texts of inputs whose names call them secrets, at any depth, also in JSON texts."""
    value = opened(value)
    if isinstance(value, Mapping):
        label = value.get("name", value.get("Name"))
        for key, inner in value.items():
            # Variables of containers are `{"name": "DB_PASSWORD", "value": "…"}`.
            of_label = key in ("value", "Value") and isinstance(label, str)
            yield from _secrets_in(inner, own_name, label if of_label else str(key))
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _secrets_in(member, own_name, name)
    elif isinstance(value, str) and value:
        is_named = name == own_name != "" or _SECRET_NAME.search(name) is not None
        if is_named and not _NO_SECRET.match(value):
            yield value


def few_words(names: Iterable[str], most: int = 4) -> str:
    """`a, b, c, d and 3 more`."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more

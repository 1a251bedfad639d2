"""Values and inputs in words, with secrets masked, also those that a program did not mark."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..graph import UNKNOWN, Graph, Resource, Secret, list_texts, reveal_all
from ..graph.graph import collect_revealed_texts
from ..graph.json_parsing import parse_nested_json
from ..graph.prose import abbreviate_names
from ..graph.secret_forms import is_secret_name, is_secret_of, mask_secrets
from ..graph.value_text import truncate
from .differences import Input, map_leaves
from .resources import DIGEST, Change

MASK: Final = "[secret]"
_LONGEST: Final = 120  # letters of a value
_SHORTEST: Final = 4  # shorter secrets are masked only as whole values: they may be a part of any word
_AUTHORIZATION: Final = re.compile(r"(?i:(?<=authorization: )(?:bearer |basic )?)(?![$\[])[^\s\"'$&;|]{8,}")
_VALUES: Final = {"aws:apigateway/apiKey:ApiKey": "value", "aws:ssm/parameter:Parameter": "value"}
"""Inputs that are secrets and have other names, by type."""
OPERATION: Final = re.compile(
    r"body\.paths\.(?P<path>/.*?)"
    r"(?:\.(?P<method>get|head|post|put|patch|delete|options|x-amazon-apigateway-any-method)(?:\.(?P<rest>.+))?)?"
)
"""An input of a REST API that is a path of its OpenAPI document, an operation, or a part of one."""
_LABELS: Final = ("tags", "tagsAll", "description")
_DIGESTS: Final = re.compile(rf"content [0-9a-f]{{12}}|{DIGEST.pattern}")
_IDENTITIES: Final = ("id", "arn", "invokeArn", "executionArn", "dnsName")


class Wording:
    """Words for values of an earlier and a later version of a stack."""

    def __init__(self, before: Graph, after: Graph) -> None:
        self._before, self._after = before, after
        # A program gets a section as a whole, and marks all of it if a part is encrypted. Plain texts are no secrets.
        self._plain = "\n".join(text for graph in (before, after) for text in list_texts(graph.config))
        secrets = {text for text in (*before.secret_texts, *after.secret_texts) if text not in self._plain}
        self._made_up = {*_list_made_up(before)}, {*_list_made_up(after)}
        for graph in (before, after):
            secrets.update(_list_secrets(graph.exports, ""))
            marked = (value for value in graph.exports.values() if isinstance(value, Secret))
            secrets.update(text for text in collect_revealed_texts(marked) if isinstance(text, str))
        for resource in (*before, *after):
            secrets.update(_list_secrets(resource.inputs, _VALUES.get(resource.type, "")))
        self._whole = frozenset(secrets)
        long = sorted((text for text in secrets if len(text) >= _SHORTEST), key=len, reverse=True)
        self._part = re.compile("|".join(map(re.escape, long)) or "(?!)")

    def mask(self, text: str) -> str:
        """A text with every secret in it masked."""
        return MASK if text in self._whole else _AUTHORIZATION.sub(MASK, mask_secrets(self._part.sub(MASK, text), MASK))

    def format_pair(self, before: Any, after: Any) -> tuple[str, str]:
        """Two values in few words, with secrets masked."""
        was, now = self._describe_both(before, after)
        return was, f"{now} ({_tell_apart(before, after)})" if was == now else now

    def describe_change(self, change: Change) -> str:
        """The inputs that differ, and the replaced resources to which a resource refers."""
        alike: dict[str, list[str]] = {}
        for part in change.inputs:
            operation = OPERATION.fullmatch(part.name)
            place = f"{operation['method']} {operation['path']}" if operation and operation["rest"] else ""
            short = part._replace(name=operation["rest"]) if operation and place else part
            alike.setdefault(self.describe_input(short, change), []).append(place)
        words = [
            f"{sentence} (of {abbreviate_names(places)})" if places[0] else sentence
            for sentence, places in alike.items()
        ]
        if change.follows:
            words.append(f"refers to the new {', '.join(change.follows)}")
        return "; ".join(words)

    def describe_input(self, part: Input, change: Change) -> str:
        """`timeout: 3 → 5`, or that an input is new or left out."""
        before, after = (
            _replace_identities(part.before, change.old, self._before),
            _replace_identities(part.after, change.new, self._after),
        )
        was, now = self._describe_both(before, after)
        values = f"{was} → {now}" + (f" ({_tell_apart(part.before, part.after)})" if was == now else "")
        if all(repr(value) in known for value, known in zip((before, after), self._made_up, strict=True)):
            values = "another answer of a look-up"
        if all(isinstance(value, str) and _DIGESTS.fullmatch(value) for value in (before, after)):
            values = "other content"
        elif before is None or after is None:
            values = f"{now} (new)" if before is None else f"{was} (removed)"
        kept = "; AWS keeps the old value" if part.name in change.kept else ""
        unless = " unless it is replaced" if kept and change.replacing is None else ""
        return f"{part.name}: {values}{kept}{unless}"

    def _describe_both(self, before: Any, after: Any) -> tuple[str, str]:
        """Two values in few words: of long texts from the first difference on."""
        was, now = self._format_value(before), self._format_value(after)
        start = len(os.path.commonprefix([was, now])) - 15  # noqa: RUF071 # letter by letter, these are no paths
        if start <= 0 or max(len(was), len(now)) <= _LONGEST:
            return truncate(was, _LONGEST), truncate(now, _LONGEST)
        return f"…{truncate(was[start:], _LONGEST)}", f"…{truncate(now[start:], _LONGEST)}"

    def _format_value(self, value: Any) -> str:
        if isinstance(value, Secret) and isinstance(value.value, str) and value.value in self._plain:
            value = value.value
        if isinstance(value, Secret):
            return MASK
        if value is None or value is UNKNOWN:
            return "not set" if value is None else "known after the update"
        if not isinstance(value, str):
            whole = map_leaves(value, lambda leaf: self.mask(leaf) if isinstance(leaf, str) else leaf)
            value = json.dumps(whole, ensure_ascii=False, default=str, sort_keys=True)
        return " ".join(self.mask(value).split()) or '""'

    def describe_inputs(self, resource: Resource, graph: Graph) -> str:
        """The inputs of a resource that is new or gone, in an order that is the same in each run."""
        given = sorted((key, value) for key, value in resource.inputs.items() if value and key not in _LABELS)
        named = ((key, self._format_value(_replace_identities(value, resource, graph))) for key, value in given)
        words = ", ".join(f"{key} {truncate(text, _LONGEST)}" for key, text in named)
        return f": {words}" if words else ""


def _list_made_up(graph: Graph) -> Iterator[str]:
    """Values of stand-ins for the answers of look-ups, which are no facts."""
    for call in graph.invokes:
        if call.made_up:
            yield from {*_list_parts(reveal_all(call.result))} - {*_list_parts(reveal_all(call.arguments))}


def _list_parts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _list_parts(inner)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield repr(value)


def format_title(resource: Resource) -> str:
    """`front-api (RestApi)`."""
    return f"{resource.name} ({resource.kind})"


def _tell_apart(before: Any, after: Any) -> str:
    """How two values differ that read alike."""
    if isinstance(before, Secret) != isinstance(after, Secret) and reveal_all(before) == reveal_all(after):
        return "no longer marked as secret" if isinstance(before, Secret) else "marked as secret now"
    return "another value or resource"


def _replace_identities(value: Any, resource: Resource, graph: Graph) -> Any:
    """A value with names in place of the made-up IDs of resources to which a resource refers."""
    names: dict[str, str] = {}
    for urn in resource.dependencies:
        other = graph.resources.get(urn)
        if other is not None and other.custom and not other.existing:
            identities = [other.state.get(key) for key in _IDENTITIES]
            names.update({text: other.name for text in identities if isinstance(text, str) and len(text) > _SHORTEST})
    pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)")
    return map_leaves(
        value, lambda leaf: pattern.sub(lambda hit: names[hit[0]], leaf) if isinstance(leaf, str) else leaf
    )


def _list_secrets(value: Any, own_name: str, name: str = "") -> Iterator[str]:
    """Texts of inputs whose names call them secrets, at any depth, also in JSON texts."""
    value = parse_nested_json(value)
    if isinstance(value, Mapping):
        label = value.get("name")  # Variables of containers are `{"name": "DB_PASSWORD", "value": "…"}`.
        for key, inner in value.items():
            yield from _list_secrets(inner, own_name, str(label) if key == "value" and label else str(key))
    elif isinstance(value, list):
        for member in value:
            yield from _list_secrets(member, own_name, name)
    elif isinstance(value, str) and (is_secret_of(name, value) if is_secret_name(name) else name == own_name):
        yield value

"""The JSON schema of stack files, for editors: texts, defaults and choices are those of the components."""

import argparse
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...arguments.marks import ITEM, LOWER, TEXT
from ...arguments.names import NAME
from ...arguments.schema import ALSO, HIDES, OFF
from . import backend, services
from .network import AdoptedNetwork, NewNetwork
from .section import Section, build_json_schema
from .sections import SECTIONS
from .topology import Topology

FILE: Final = "stack.schema.json"
_SECURE: Final = {"$ref": "#/definitions/secure"}
_OFF: Final = ({"const": OFF}, {"const": False})  # YAML 1.1 reads a bare off as false
_ABOUT: Final = ("description", "default")
_LIMITS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_NUMBERS: Final = {"integer": "^-?[0-9]+$", "number": "^-?[0-9]*[.]?[0-9]+$"}
"""Types whose values the CLI writes as texts, and the texts."""
_TRUTHS: Final = [True, False, "true", "false"]
_STRUCTURE: Final = frozenset(("anyOf", "if", "then", "else", "properties", "items", "additionalProperties"))
"""Keywords of the schema, which are no keys of a stack file."""
_SHORT: Final = 150
"""Characters of a part that is repeated where it stands."""
_PAGE: Final = "https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/"


def build_stack_schema() -> dict[str, Any]:
    """Returns the schema of a whole stack file."""
    sections: dict[str, Any] = {
        "topology": {"enum": [one.value for one in Topology], "description": "How API Gateway reaches the backend."}
    }
    for key, (title, models) in SECTIONS.items():
        kinds = list(models.values())
        node = _choose_kind(kinds) if len(kinds) > 1 else _convert(build_json_schema(kinds[0]))
        choices = [node, _SECURE, *(_OFF if key in ("ingress", "consumer") else ())]
        sections[key] = {"description": title, "anyOf": choices}
    own = _convert(build_json_schema(services.OwnKeys))["properties"]
    service = _choose_kind([backend.KINDS[kind] for kind in services.KINDS], own)
    named = {"maxLength": services.MOST_CHARACTERS, "pattern": f"^{NAME}$", "not": {"enum": [*services.RESERVED]}}
    each = {"type": "object", "propertyNames": named, "additionalProperties": service}
    sections["backends"] = {"description": "Services behind the same API, by name", "anyOf": [each, _SECURE]}
    config = {
        "type": "object",
        "properties": sections,
        # The project's name may stand before a key, and other programs and providers have keys of their own.
        "patternProperties": {
            **{f"^gatehouse:{key}$": {"$ref": f"#/properties/config/properties/{key}"} for key in sections},
            "^[^:]+:[^:]+$": True,
        },
        "additionalProperties": False,
    }
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A stack of Gatehouse",
        "description": f"Pulumi.<stack>.yaml: {_PAGE}",
        "type": "object",
        "properties": {
            "config": config,
            **{key: {"type": "string"} for key in ("secretsprovider", "encryptedkey", "encryptionsalt")},
            "environment": True,
        },
        "additionalProperties": False,
        "definitions": {
            "secure": {
                "type": "object",
                "description": "A value that `pulumi config set --secret` encrypted.",
                "properties": {"secure": {"type": "string"}},
                "required": ["secure"],
                "additionalProperties": False,
            }
        },
    }
    return _share_parts(whole)


def _share_parts(schema: dict[str, Any]) -> dict[str, Any]:
    """Moves parts that are there more than once among the definitions, by the key of the first."""
    counts, names = Counter(text for text, _ in _list_parts(schema, "")), dict[str, str]()
    for text, key in _list_parts(schema, ""):
        if counts[text] > 1 and text not in names:
            names[text] = next(name for name in _number(key) if name not in names.values())

    def replace(node: Any, *, top: bool = False) -> Any:
        if isinstance(node, dict):
            if not top and (name := names.get(json.dumps(node, sort_keys=True, default=str))):
                return {"$ref": f"#/definitions/{name}"}
            return {key: replace(part) for key, part in node.items()}
        return [replace(part) for part in node] if isinstance(node, list) else node

    shared = {name: replace(json.loads(text), top=True) for text, name in names.items()}
    return {**replace(schema), "definitions": {**schema["definitions"], **shared}}


def _number(key: str) -> Iterator[str]:
    return (f"{key}{number or ''}" for number in itertools.count())


def _list_parts(node: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yields the parts of a schema that have a description, as text, with their keys."""
    if isinstance(node, dict):
        text = json.dumps(node, sort_keys=True, default=str)
        if "description" in node and key not in ("", "config") and len(text) > _SHORT:
            yield text, key
        for name, part in node.items():
            yield from _list_parts(part, key if name in _STRUCTURE else name)
    elif isinstance(node, list):
        for part in node:
            yield from _list_parts(part, key)


def _choose_kind(models: Sequence[type[Section]], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The schema of the kind that a section has by its keys, as the settings choose it, so that an editor names its
    keys only. The last kind is that of all others."""
    chosen: dict[str, Any] = {}
    for model in sorted(models, key=lambda one: one in (NewNetwork, backend.Ec2), reverse=True):
        node = _convert(build_json_schema(model))
        node["properties"] |= more or {}
        chosen = {"if": _describe_choice(model), "then": node, "else": chosen} if chosen else node
    return {"type": "object", **chosen}


def _describe_choice(model: type[Section]) -> dict[str, Any]:
    """What shows that a section has this model."""
    if model is AdoptedNetwork:
        return {"anyOf": [{"required": ["vpcId"]}, {"required": ["subnetIds"]}]}
    kind = next(kind for kind, one in backend.KINDS.items() if one is model)
    return _is_of_kind(kind)


def _is_of_kind(kind: str) -> dict[str, Any]:
    named = {"properties": {"kind": {"const": kind}}, "required": ["kind"]}
    own = {"url": "url", "listener": "listenerArn"}.get(kind)
    return {"anyOf": [named, {"required": [own], "not": {"required": ["kind"]}}]} if own else named


def _convert(node: Mapping[str, Any]) -> dict[str, Any]:
    """A schema as the settings describe it, as an editor takes it."""
    about = {key: node[key] for key in _ABOUT if node.get(key) not in (None, "")}
    if words := node.get("words"):
        about["description"] = f"{about.get('description', '')} Allowed: {words}.".lstrip()
    also = {ITEM: [], TEXT: [{"type": "string"}]}.get(node.get(ALSO, ""), [])
    plain = _convert_type(node)
    if node.get(ALSO) == ITEM:
        also = [plain["items"]]
    choices = [plain, *also, *([_SECURE] if _takes_secure(node) else []), *(_OFF if node.get(OFF) else [])]
    return {**about, **(plain if len(choices) == 1 else {"anyOf": choices})}


def _takes_secure(node: Mapping[str, Any]) -> bool:
    """Whether a value may be encrypted alone: a text that is free, and no choice."""
    return (HIDES in node and "type" in node) or (node.get("type") == "string" and not {"enum", "const"} & node.keys())


def _convert_type(node: Mapping[str, Any]) -> dict[str, Any]:
    kind = node.get("type")
    if kind is None and HIDES in node:
        return _SECURE
    if "anyOf" in node:
        return {"anyOf": [_convert(one) for one in node["anyOf"]]}
    if "enum" in node or "const" in node:
        words = node.get("enum") or [node["const"]]
        return {"enum": [*words, *(word.lower() for word in words if node.get(ALSO) == LOWER)]}
    if kind in _NUMBERS:
        return {"type": [kind, "string"], "pattern": _NUMBERS[kind], **_keep(node, _LIMITS)}
    if kind == "boolean":
        return {"enum": _TRUTHS}
    if kind == "array":
        return {"type": "array", "items": _convert(node["items"]), **_keep(node, ("minItems", "maxItems"))}
    if kind == "object" and "properties" in node:
        properties = {key: _convert(one) for key, one in node["properties"].items()}
        return {"type": "object", "properties": properties, "required": node["required"], "additionalProperties": False}
    if kind == "object":
        values = node.get("additionalProperties", True)
        names = _keep(node.get("propertyNames", {}), ("pattern", "enum", "maxLength"))
        inner = _convert(values) if isinstance(values, Mapping) else True
        return {"type": "object", "propertyNames": names or True, "additionalProperties": inner}
    return {"type": kind, **_keep(node, ("pattern", "minLength", "maxLength"))} if kind else {}


def _keep(node: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: node[key] for key in keys if key in node}


def format_schema() -> str:
    """The schema as a file."""
    return json.dumps(build_stack_schema(), indent=1, ensure_ascii=False, default=str) + "\n"


def main(arguments: Sequence[str], name: str = "gatehouse schema") -> int:
    """Print the schema. Returns the exit status."""
    about = "Print the JSON schema of stack files, which editors take by `# yaml-language-server: $schema=FILE`."
    argparse.ArgumentParser(prog=name, description=about).parse_args(arguments)
    print(format_schema(), end="")
    return 0

"""Resource types as the Go source of terraform-provider-aws declares them: their attributes, and which of them replace.

Both of the provider's kits are read: SDK v2 (`ForceNew: true`) and the plugin framework (`RequiresReplace()`). The
source is read as text, since a build of the provider takes an hour and answers no more about a schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

_TOKEN: Final = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|`[^`]*`|\'(?:\\.|[^\'\\])+\'', re.DOTALL)
"""Comments and texts, in which brackets and commas mean nothing."""
_RESOURCE: Final = re.compile(r'// @(SDK|Framework)Resource\("?(\w+)')
_SDK_RESOURCE: Final = re.compile(r"&schema\.Resource\s*\{")
_FUNCTION: Final = re.compile(r"^func (?:\(\w*\s*\*?(\w+)\) )?(\w+)\(", re.MULTILINE)
_CLOSURE: Final = re.compile(r"(\w+)\s*:?=\s*(?:sync\.OnceValue\()?func\(\)[^{\n]*(?=\{$)", re.MULTILINE)
_VARIABLE: Final = re.compile(
    r"^\s*(?:var )?(\w+)\s*=\s*(map\[string\]\*schema\.Schema\{|&?schema\.\w+\{)", re.MULTILINE
)
_CONSTANT: Final = re.compile(r'^\s*(?:const )?(\w+)\s*=\s*("\w+"|names\.Attr\w+)[ \t]*$', re.MULTILINE)
_ENTRY: Final = re.compile(r'(names\.Attr\w+|"[\w.-]+"|\w+(?:\.\w+)?)\s*:\s*(.*)', re.DOTALL)
_MAP: Final = re.compile(r"map\[string\]\*?schema\.(?:Schema|Attribute|Block)\s*\{")
_MAKER: Final = re.compile(r"func\(\) map\[string\]\*schema\.Schema \{")
_COMPOSITE: Final = re.compile(r"&?(?:\w+\.\w+(?:\[[^\]]*\])?)?\{")
_CALL: Final = re.compile(r"(?:maps\.Clone\(|sync\.OnceValue\()?(\w+)")
_CONDITION: Final = re.compile(r'(?:\.ForceNew\w*|RequiresReplace[^\n]*path\.Root)\(\s*(?:"([\w.]+)"|names\.(Attr\w+))')
_INDEX: Final = re.compile(r"\.\d+|\.$")
"""In the address of an attribute in a block: `launch_template.0.version`; some end before the attribute's name."""
_ANY_CONDITION: Final = re.compile(r"\.ForceNew\w*\(\s*(?!names\.)[a-z_]\w*|RequiresReplace\s*=(?![^\n]*path\.Root)")
"""A condition on an attribute that only the run knows."""
_DEEPEST: Final = 3
ANY: Final = "*"


@dataclass(frozen=True)
class Attribute:
    """An attribute or a block that a program may give, dotted as deep as it is."""

    path: tuple[str, ...]
    replaces: bool | None
    """None if that depends on more than this attribute, or is not read."""
    kept: bool
    """Whether it keeps its value if a program leaves it out."""
    many: bool
    counted: bool = False
    """Whether it is a block that replaces the resource where it comes or goes, and not by all that is in it."""
    computed: str = ""
    """Its type as the source has it, if it is of a block and only the provider gives it."""


@dataclass(frozen=True)
class Declared:
    name: str
    attributes: list[Attribute]
    """None are read of a type whose schema is made in another way."""
    conditional: set[str]
    """Attributes that replace under a condition, dotted as deep as they are; `ANY` if the source does not name them."""


def declared(source: Path) -> Iterator[Declared]:
    """Every resource type of the provider whose source is in this folder."""
    constants = dict(
        re.findall(r'^\s*(Attr\w+)\s*=\s*"(\w+)"', (source / "names/attr_consts_gen.go").read_text(), re.M)
    )
    for folder in sorted((source / "internal" / "service").iterdir()):
        if folder.is_dir():
            yield from _Package(folder, constants).resources()


def _end(text: str, at: int) -> int:
    """The index behind the bracket that closes the one at `at`."""
    depth = 0
    while at < len(text):
        if text[at] in "\"`'" and (token := _TOKEN.match(text, at)):
            at = token.end()
            continue
        depth += (text[at] in "({[") - (text[at] in ")}]")
        at += 1
        if depth == 0:
            break
    return at


def _inside(text: str, opening: re.Pattern[str]) -> str:
    """What is in the brackets of the first such opening; empty if there is none."""
    match = opening.search(text)
    return text[match.end() : _end(text, match.end() - 1) - 1] if match else ""


def _entries(inside: str) -> dict[str, str]:
    """Keys and values of a composite literal, as they are written."""
    entries, start, at = dict[str, str](), 0, 0
    while at <= len(inside):
        if at == len(inside) or inside[at] == ",":
            if entry := _ENTRY.match(inside[start:at].strip()):
                entries[entry[1]] = entry[2].strip()
            start = at = at + 1
        elif inside[at] in "({[":
            at = _end(inside, at)
        else:
            token = _TOKEN.match(inside, at) if inside[at] in "\"`'" else None
            at = token.end() if token else at + 1
    return entries


def _returned(body: str) -> str:
    """What a function returns at its end; the text itself if it is none. Statements before may hold other schemas."""
    indent = re.search(r"^[ \t]*(?=\S)", body, re.MULTILINE)
    returns = [*re.finditer(rf"^{indent[0]}return ", body, re.MULTILINE)] if indent else []
    return body[returns[-1].end() :].strip() if returns else body.strip()


class _Package:
    """One folder of the provider, with what its functions, variables and constants are."""

    def __init__(self, folder: Path, constants: Mapping[str, str]) -> None:
        self._raw = [path.read_text() for path in folder.glob("*.go") if not path.name.endswith("_test.go")]
        self._texts = [_TOKEN.sub(lambda match: "" if match[0][0] == "/" else match[0], text) for text in self._raw]
        self._constants = constants

    @cached_property
    def _functions(self) -> dict[tuple[str, str], str]:
        """Bodies by the type of the receiver, if there is one, and by name."""
        functions = {}
        for text in self._texts:
            for match in _FUNCTION.finditer(text):
                # A result's type may have brackets of its own, which no line ends in.
                if begins := re.compile(r"\{[ \t]*\n|\{ ").search(text, _end(text, match.end() - 1)):
                    functions[match[1] or "", match[2]] = text[begins.start() + 1 : _end(text, begins.start()) - 1]
            for match in _CLOSURE.finditer(text):
                functions["", match[1]] = text[match.end() + 1 : _end(text, match.end()) - 1]
        return functions

    @cached_property
    def _variables(self) -> dict[str, str]:
        matches = ((text, match) for text in self._texts for match in _VARIABLE.finditer(text))
        return {match[1]: text[match.start(2) : _end(text, match.end() - 1)] for text, match in matches}

    @cached_property
    def _own_constants(self) -> dict[str, str]:
        return {name: value for text in self._texts for name, value in _CONSTANT.findall(text)}

    def _named(self, key: str) -> str:
        written = self._own_constants.get(key, key)
        return self._constants.get(written.removeprefix("names."), written.strip('"'))

    def resources(self) -> Iterator[Declared]:
        for raw in self._raw:
            for match in _RESOURCE.finditer(raw):
                maker = _FUNCTION.search(raw, match.end())
                body = self._functions.get(("", maker[2]), "") if maker else ""
                if match[1] == "SDK":
                    # Before the schema, a body may have those of older versions.
                    texts = (_inside(text, _SDK_RESOURCE) for text in (_returned(body), body))
                    top = _entries(next(filter(None, texts), ""))
                    parts, conditions = [top.get("Schema") or top.get("SchemaFunc", "")], top.get("CustomizeDiff", "")
                else:
                    kind = next(
                        (kind for name in re.findall(r"(\w+)\{", body) if (kind := self._having_schema(name))), ""
                    )
                    top = _entries(
                        _inside(self._functions.get((kind, "Schema"), ""), re.compile(r"schema\.Schema\s*\{"))
                    )
                    parts = [top[key] for key in ("Attributes", "Blocks") if key in top]
                    conditions = self._functions.get((kind, "ModifyPlan"), "")
                attributes = [attribute for part in parts for attribute in self._attributes(self._map(part), ())]
                yield Declared(match[2], attributes, self._conditional(conditions, set()))

    def _having_schema(self, kind: str) -> str:
        """The type itself, or one that it embeds, with a method for the schema; empty if there is none."""
        if (kind, "Schema") in self._functions:
            return kind
        struct = re.search(rf"^type {kind} struct \{{([^}}]*)\}}", "\n".join(self._texts), re.MULTILINE)
        embedded = re.findall(r"^\s*(\w+)$", struct[1], re.MULTILINE) if struct else ()
        return next((name for name in embedded if (name, "Schema") in self._functions), "")

    def _map(self, text: str, depth: int = 0) -> dict[str, str]:
        """Names and schemas of a map, or of what makes one."""
        if match := _MAKER.match(text):
            text = text[match.end() : _end(text, match.end() - 1) - 1]
        text = _returned(text)
        if not _MAP.match(text) and depth < _DEEPEST and (call := _CALL.match(text)):
            further = self._variables.get(call[1]) or self._functions.get(("", call[1]), "")
            if further:
                return self._map(further, depth + 1)
        return {self._named(key): value for key, value in _entries(_inside(text, _MAP)).items()}

    def _fields(self, value: str, depth: int = 0) -> dict[str, str]:
        """The fields of a schema, or of what makes one; none if it is made elsewhere."""
        if match := _COMPOSITE.match(value):
            return _entries(value[match.end() : _end(value, match.end() - 1) - 1])
        call = _CALL.match(value)
        if call is None or depth == _DEEPEST:
            return {}
        if call[1] in self._variables:
            return self._fields(self._variables[call[1]], depth + 1)
        body = self._functions.get(("", call[1]), "")
        return self._fields(_returned(body), depth + 1) if body else {}

    def _attributes(self, schemas: Mapping[str, str], above: tuple[str, ...]) -> Iterator[Attribute]:
        for name, value in schemas.items():
            path, fields = (*above, name), self._fields(value)
            if not fields:
                # Helpers of the provider have it in their names, such as JSONDocumentSchemaOptionalForceNew.
                replaces = "ForceNew" in value if value.startswith(("sdkv2.", "tftags.", "framework.")) else None
                unsure = "RequiresReplace" in value or "schema." in value
                yield Attribute(path, None if unsure else replaces, "OptionalComputed" in value, many=False)
                continue
            kind = f"{value[:40]} {fields.get('Type', '')}"
            many = re.search(r"schema\.(Type)?(List|Set)", kind) is not None
            if "Computed" in fields and not {"Required", "Optional", "NestedObject"} & fields.keys():
                if above:
                    yield Attribute(path, False, False, many, computed=kind)
                continue
            modifiers = fields.get("PlanModifiers", "")
            replaces = fields.get("ForceNew") == "true" or "RequiresReplace()" in modifiers
            perhaps = "eplace" in modifiers or fields.get("ForceNew", "false") != "false"
            kept = "Optional" in fields and fields.get("Computed") == "true"
            within = [*self._attributes(self._inner(value, fields) if len(path) < _DEEPEST else {}, path)]
            # SDK v2 hands it on to the members of a list, and not to the attributes of a block.
            counted = "ForceNew" in fields and replaces and not all(part.replaces or part.computed for part in within)
            replaces = replaces and not counted
            yield Attribute(path, replaces or (None if perhaps and not counted else False), kept, many, counted)
            yield from (attribute for attribute in within if attribute.computed or not replaces)

    def _inner(self, value: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Schemas of what is in a block."""
        nested = value if re.match(r"schema\.Single\w+|schema\.\w+NestedAttribute", value) else ""
        inner = self._fields(fields.get("Elem") or fields.get("NestedObject") or nested)
        parts = [inner[key] for key in ("Schema", "SchemaFunc", "Attributes", "Blocks") if key in inner]
        return {name: schema for part in parts for name, schema in self._map(part).items()}

    def _conditional(self, text: str, seen: set[str]) -> set[str]:
        """Attributes that a function, or one that it calls, makes replace the resource."""
        named = (_INDEX.sub("", text) if text else f"names.{constant}" for text, constant in _CONDITION.findall(text))
        names = {*map(self._named, named)}
        names |= {ANY} if _ANY_CONDITION.search(text) else set()
        called = {*re.findall(r"\b[a-z]\w+\b", text)} - seen
        seen |= called
        return names.union(*(self._conditional(self._functions.get(("", name), ""), seen) for name in sorted(called)))

"""docs/components.md: every argument and output of every component, written from the types: `make docs`."""

import inspect
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from pulumi.provider.experimental.analyzer import PropertyDefinition

import components
from components.provider import GatehouseProvider
from tests.stacks import ROOT

PAGE: Final = ROOT / "docs" / "components.md"
_SCALARS: Final = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_HEAD: Final = """\
# Arguments and outputs of the components

Written from the types by `make docs`; change them there. Names are those of Python; other languages have
them in camelCase. What is not required may be left out; if "or output" follows, an output of another resource will do.
[library.md](library.md) begins with an example.
"""


class _Page:
    def __init__(self) -> None:
        self.provider = GatehouseProvider(components.COMPONENTS, components.VERSION)
        self.schema: Mapping[str, Any] = json.loads(self.provider.schema or "")

    def lines(self) -> Iterator[str]:
        yield _HEAD
        for name, found in sorted(self.provider._component_defs.items()):
            entry = self.schema["resources"][f"gatehouse:index:{name}"]
            yield f"## {name}\n\n{inspect.cleandoc(found.description or '')}\n"
            if found.inputs:
                required = entry["requiredInputs"]
                yield self._table("argument", entry["inputProperties"], found.inputs_mapping, found.inputs, required)
            yield self._table("output", entry["properties"], found.outputs_mapping, found.outputs)
        for name, kind in sorted(self.provider._type_defs.items()):
            if not kind.enum:
                entry = self.schema["types"][f"gatehouse:index:{name.removesuffix('Args')}"]
                yield f"## {name}\n\n{inspect.cleandoc(kind.description or '')}\n"
                required = entry.get("required") or ()
                yield self._table("key", entry["properties"], kind.properties_mapping, kind.properties, required)

    def _table(
        self,
        of: str,
        properties: Mapping[str, Any],
        names: Mapping[str, str],
        definitions: Mapping[str, PropertyDefinition],
        required: Collection[str] = (),
    ) -> str:
        rows = [f"| {of} | type | meaning |", "|---|---|---|"]
        for key, entry in properties.items():
            words = " ".join((definitions[key].description or "").split()).replace("|", "\\|")
            kind = self._kind(entry, of != "output")
            rows.append(f"| `{names[key]}`{', required' if key in required else ''} | {kind} | {words} |")
        return "\n".join(rows) + "\n"

    def _kind(self, entry: Mapping[str, Any], given: bool) -> str:
        later = " or output" if given and not entry.get("plain") else ""
        if reference := entry.get("$ref"):
            name = reference.rpartition(":")[2]
            kind = self.schema["types"].get(f"gatehouse:index:{name}")
            if kind is None:
                return "anything"
            if kind.get("enum"):
                return "one of " + ", ".join(f"`{one['value']}`" for one in kind["enum"])
            return f"[{name}Args](#{name.lower()}args)"
        if entry["type"] == "array":
            return f"list of {self._kind(entry['items'], given)}{later and ', or output'}"
        if entry["type"] == "object":
            return f"mapping of names to {self._kind(entry['additionalProperties'], given)}{later and ', or output'}"
        return _SCALARS[entry["type"]] + later


def written() -> str:
    """The whole page."""
    return "\n".join(_Page().lines())


if __name__ == "__main__":
    PAGE.write_text(written())

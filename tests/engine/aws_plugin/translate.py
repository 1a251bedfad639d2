"""Inputs of Pulumi as config of Terraform, and state of Terraform as outputs of Pulumi."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import names
from .cty import Unknown, WrongKindError, converted, sorted_set
from .schema import Block, Nested, Schema

INTERNAL: Final = "__"
"""Properties whose names begin so are this plugin's own."""


class TranslationError(ValueError):
    """An input that cannot be translated."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


@dataclass(frozen=True)
class Translation:
    """The translation of one resource type or data source."""

    type_name: str
    schema: Schema
    known: Mapping[str, Any]
    """The SDK's properties at the top."""
    file: Callable[[Any], Any] = lambda value: value
    """Writes an archive and returns its path."""

    def config(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The config that the inputs mean. Raises TranslationError for a property that Terraform does not have."""
        config: dict[str, Any] = self._config(self.schema.block, inputs, self.known, "")
        return config

    def outputs(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs that a state means; what is not set is left out."""
        outputs: dict[str, Any] = self._outputs(self.schema.block, state, self.known)
        return outputs

    @property
    def properties(self) -> dict[str, names.Property]:
        """Terraform's names at the top, each with its property."""
        return names.properties(self.type_name, names.block_names(self.schema.block), self.known)

    def property_path(self, path: Iterable[str | int]) -> str:
        """A path of Terraform as the engine writes one: `rules[0].action`."""
        written, properties, block = "", self.properties, self.schema.block
        flat = False
        for step in path:
            if isinstance(step, int):
                written += "" if flat else f"[{step}]"
                continue
            its = properties.get(step)
            written += f"{'.' if written else ''}{its.name if its else names.camel(step)}"
            nested = block.blocks.get(step)
            if its is not None and nested is not None:
                block = nested.block
                flat = nested.many and not its.many
                properties = names.properties(self.type_name, names.block_names(block), its.inner)
        return written

    def _config(self, block: Block, values: Any, known: Mapping[str, Any], path: str) -> Any:
        if isinstance(values, Unknown):
            return values
        if not isinstance(values, Mapping):
            raise TranslationError(path, f"an object is expected, got {values!r}")
        made = block.empty()
        properties = names.properties(self.type_name, names.block_names(block), known)
        by_property = {its.name: name for name, its in properties.items()}
        for name, value in values.items():
            if name.startswith(INTERNAL) or value is None:
                continue
            here = f"{path}.{name}" if path else name
            if name not in by_property:
                raise TranslationError(here, f"{self.type_name} has no such property")
            terraform = by_property[name]
            if terraform in block.blocks:
                made[terraform] = self._blocks(block.blocks[terraform], value, properties[terraform], here)
            else:
                made[terraform] = self._attribute(block.attributes[terraform].type, value, properties[terraform], here)
        return made

    def _blocks(self, nested: Nested, value: Any, its: names.Property, path: str) -> Any:
        if isinstance(value, Unknown):
            return value
        if nested.nesting in ("single", "group"):
            return self._config(nested.block, value, its.inner, path)
        if nested.nesting == "map":
            return {key: self._config(nested.block, item, its.inner, f"{path}.{key}") for key, item in value.items()}
        items = value if its.many else [value]
        if not isinstance(items, list):
            raise TranslationError(path, f"a list is expected, got {items!r}")
        blocks = [
            self._config(nested.block, item, its.inner, f"{path}[{index}]" if its.many else path)
            for index, item in enumerate(items)
        ]
        return sorted_set(blocks) if nested.nesting == "set" else blocks

    def _attribute(self, kind: Any, value: Any, its: names.Property, path: str) -> Any:
        value = self.file(value)
        try:
            return converted(self._renamed(kind, value, its), kind)
        except WrongKindError as wrong:
            raise TranslationError(path, str(wrong)) from None

    def _renamed(self, kind: Any, value: Any, its: names.Property) -> Any:
        """The value with Terraform's names in its objects, and a list around what the SDK has flattened."""
        if not isinstance(kind, list) or isinstance(value, Unknown) or value is None:
            return value
        if kind[0] in ("list", "set"):
            items = value if its.many or isinstance(value, list) else [value]
            return [self._renamed_object(kind[1], item, its.inner) for item in items]
        return self._renamed_object(kind, value, its.inner)

    def _renamed_object(self, kind: Any, value: Any, known: Mapping[str, Any]) -> Any:
        if not (isinstance(kind, list) and kind[0] == "object" and isinstance(value, Mapping)):
            return value
        properties = names.properties(self.type_name, _object_names(kind), known)
        return {
            name: self._renamed(inner, value.get(properties[name].name), properties[name])
            for name, inner in kind[1].items()
            if name in properties
        }

    def _outputs(self, block: Block, state: Any, known: Mapping[str, Any]) -> Any:
        if not isinstance(state, Mapping):
            return state
        outputs = {}
        for name, its in names.properties(self.type_name, names.block_names(block), known).items():
            value = state.get(name)
            if value is None:
                continue
            if name in block.blocks:
                value = self._shown_blocks(block.blocks[name], value, its)
            else:
                value = self._shown(block.attributes[name].type, value, its)
            if value is not None:
                outputs[its.name] = value
        return outputs

    def _shown_blocks(self, nested: Nested, value: Any, its: names.Property) -> Any:
        return _each(nested.many, its, value, lambda item: self._outputs(nested.block, item, its.inner))

    def _shown(self, kind: Any, value: Any, its: names.Property) -> Any:
        if not isinstance(kind, list) or isinstance(value, Unknown) or value is None:
            return value
        if kind[0] in ("list", "set"):
            return _each(True, its, value, lambda item: self._shown_object(kind[1], item, its.inner))
        return self._shown_object(kind, value, its.inner)

    def _shown_object(self, kind: Any, value: Any, known: Mapping[str, Any]) -> Any:
        if not (isinstance(kind, list) and kind[0] == "object" and isinstance(value, Mapping)):
            return value
        properties = names.properties(self.type_name, _object_names(kind), known)
        shown = {its.name: self._shown(kind[1][name], value.get(name), its) for name, its in properties.items()}
        return {name: item for name, item in shown.items() if item is not None}


def _each(many: bool, its: names.Property, value: Any, show: Callable[[Any], Any]) -> Any:
    """Every element shown; the only one, or None, where the SDK has flattened the list."""
    if isinstance(value, Unknown):
        return value
    if not many:
        return show(value)
    if isinstance(value, Mapping):
        return {key: show(item) for key, item in value.items()}
    shown = [show(item) for item in value]
    if its.many:
        return shown
    return shown[0] if shown else None


def _object_names(kind: list[Any]) -> list[tuple[str, bool]]:
    return [(name, isinstance(inner, list) and inner[0] in ("list", "set")) for name, inner in kind[1].items()]

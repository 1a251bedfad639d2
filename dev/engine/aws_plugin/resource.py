"""One resource type between Pulumi and the provider: check, diff, create, read, update, delete."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from . import autonaming, names
from .archives import Archives
from .cty import Unknown, has_unknown
from .pretended import PRETENDED, made_up, recalled
from .proposed import proposed
from .terraform_provider import Plan, ProviderError, TerraformProvider
from .translate import Translation, TranslationError
from .wire import Archive, Secret, has_secret, opened

META: Final = "__meta"
# The older half of the provider takes these for one another.
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})


@dataclass(frozen=True)
class Change:
    """What an update would do."""

    changed: list[str]
    replaced_by: list[str]
    delete_first: bool


@dataclass(frozen=True)
class Remembered:
    """Terraform's own view of a resource, kept beside the outputs in Pulumi's state."""

    state: Any
    private: bytes

    def text(self) -> str:
        """As one output."""
        return json.dumps({"state": self.state, "private": base64.b64encode(self.private).decode()}, sort_keys=True)

    @staticmethod
    def of(outputs: Mapping[str, Any]) -> Remembered | None:
        """What the outputs of an earlier run hold; None if they come from elsewhere."""
        if META not in outputs:
            return None
        read = json.loads(opened(outputs[META]))
        return Remembered(read["state"], base64.b64decode(read["private"]))


class CheckError(Exception):
    """Inputs that are refused: property and reason of each."""

    def __init__(self, failures: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in failures))
        self.failures = failures


class InitError(Exception):
    """A resource that was created, but not as it should be."""

    def __init__(self, identifier: str, outputs: dict[str, Any], reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.identifier = identifier
        self.outputs = outputs
        self.reasons = reasons


class ResourceType:
    """A resource type of the SDK."""

    def __init__(self, provider: TerraformProvider, token: str, archives: Archives) -> None:
        self.name = names.type_name(token, provider.resource_types)
        self._provider = provider
        self._schema = provider.resource(self.name)
        self._archives = archives
        self._translation = Translation(self.name, self._schema, names.types_of_resource(token), archives.path_of)
        self._names = autonaming.property_to_name(token, self._schema, self._translation.properties)

    @property
    def pretended(self) -> bool:
        """Whether the plugin itself answers for the emulator."""
        return self.name in PRETENDED

    @property
    def lacking(self) -> set[str]:
        """Properties of the SDK that this version of the provider does not have."""
        return set(self._translation.known) - {found.name for found in self._translation.properties.values()}

    def check(self, logical: str, olds: Mapping[str, Any], news: Mapping[str, Any], seed: bytes) -> dict[str, Any]:
        """The inputs with a name. Raises CheckError with the provider's own words."""
        made = {key: value for key, value in news.items() if key != "__defaults"}
        defaults = []
        if self._names and self._names not in made and "namePrefix" not in made:
            defaults.append(self._names)
            if autonaming.was_made(olds):
                made[self._names] = olds[self._names]
            else:
                try:
                    made[self._names] = autonaming.made_name(self.name, logical, seed)
                except autonaming.TooLongError as error:
                    raise CheckError([(self._names, str(error))]) from error
        made["__defaults"] = defaults
        try:
            self._provider.validate(self.name, self._config(made))
        except TranslationError as mistake:
            raise CheckError([(mistake.path, mistake.why)]) from mistake
        except ProviderError as error:
            raise CheckError(
                [(self._translation.property_path(each.path), each.text) for each in error.complaints]
            ) from error
        return made

    def diff(self, outputs: Mapping[str, Any], news: Mapping[str, Any], ignored: Iterable[str]) -> Change:
        """What the provider plans to change."""
        before = self._remembered(outputs)
        plan = self._plan(before, self._config(news), ignored)
        properties = self._translation.properties
        changed = {
            self._translation.property_path(path)
            for name, value in plan.planned.items()
            if name in properties
            for path in _different(before.state.get(name), value, (name,))
        }
        replaced_by = {self._translation.property_path(path) for path in plan.replaced_by}
        fixed = "name" in news and not autonaming.was_made(news)
        return Change(sorted(changed), sorted(replaced_by), bool(replaced_by) and bool(self._names) and fixed)

    def create(self, urn: str, inputs: Mapping[str, Any], *, preview: bool) -> tuple[str, dict[str, Any]]:
        """Create, or plan what would be created; returns identifier and outputs."""
        config = self._config(inputs)
        plan = self._provider.plan(self.name, None, proposed(self._schema.block, None, config), config)
        if preview:
            return "", self._outputs(inputs, Remembered(plan.planned, b""))
        if self.pretended:
            made = Remembered(made_up(self._schema.block, plan.planned, self.name, urn), plan.private)
        else:
            made = self._applied(inputs, None, plan, config)
        return str(made.state["id"]), self._outputs(inputs, made)

    def update(
        self, outputs: Mapping[str, Any], news: Mapping[str, Any], ignored: Iterable[str], *, preview: bool, urn: str
    ) -> dict[str, Any]:
        """Update, or plan what would be updated; returns the outputs."""
        before = self._remembered(outputs)
        config = self._config(news)
        plan = self._plan(before, config, ignored)
        if preview:
            return self._outputs(news, Remembered(plan.planned, b""))
        if self.pretended:
            made = Remembered(made_up(self._schema.block, plan.planned, self.name, urn), plan.private)
        else:
            made = self._applied(news, before, plan, config)
        return self._outputs(news, made)

    def delete(self, outputs: Mapping[str, Any]) -> None:
        """Delete."""
        before = self._remembered(outputs)
        if self.pretended:
            return
        config = dict.fromkeys(before.state)
        plan = self._provider.plan(self.name, before.state, None, None, before.private)
        self._provider.apply(self.name, before.state, None, None, plan.private or before.private)
        del config

    def read(
        self, identifier: str, outputs: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Outputs and inputs as they are today; None if the resource is no more."""
        before = Remembered.of(outputs)
        if self.pretended and before is not None:
            return dict(outputs), dict(inputs)
        remembered = before or Remembered(*self._provider.imported(self.name, identifier))
        state, private = self._provider.read(self.name, remembered.state, remembered.private)
        if state is None:
            return None
        if before is not None:
            state = recalled(self._schema.block, self.name, state, before.state)
        now = self._outputs(inputs, Remembered(state, private or remembered.private))
        if before is None:
            return now, self._settable(now)
        old = self._translation.outputs(before.state)
        # An input moves only if what AWS answers for it has moved.
        moved = {key: now.get(key) for key in inputs if key in now and opened(now[key]) != old.get(key)}
        return now, {**inputs, **moved}

    def _remembered(self, outputs: Mapping[str, Any]) -> Remembered:
        remembered = Remembered.of(outputs)
        if remembered is None:
            raise ValueError(f"{self.name}: the state was not written by this plugin")
        return remembered

    def _applied(self, inputs: Mapping[str, Any], before: Remembered | None, plan: Plan, config: Any) -> Remembered:
        prior = None if before is None else before.state
        try:
            state, private = self._provider.apply(self.name, prior, plan.planned, config, plan.private)
        except ProviderError as error:
            if error.state is None or not error.state.get("id") or has_unknown(error.state):
                raise
            reached = self._outputs(inputs, Remembered(error.state, error.private))
            reasons = [each.text for each in error.complaints]
            raise InitError(str(error.state["id"]), reached, reasons) from error
        return Remembered(recalled(self._schema.block, self.name, state, plan.planned), private)

    def _config(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        given = {key: value for key, value in opened(dict(inputs)).items() if key not in self.lacking}
        config = self._translation.config(given)
        if any(isinstance(value, Archive) for value in given.values()) and "source_code_hash" in config:
            config["source_code_hash"] = config["source_code_hash"] or Archives.checksum(config["filename"])
        return config

    def _plan(self, before: Remembered, config: dict[str, Any], ignored: Iterable[str]) -> Plan:
        """What the provider plans, without what the program wants ignored and what would replace nothing."""
        wanted = proposed(self._schema.block, before.state, config)
        plan = self._provider.plan(self.name, before.state, wanted, config, before.private)
        planned = dict(plan.planned)
        by_property = {found.name: name for name, found in self._translation.properties.items()}
        kept = {
            by_property[each] for each in (path.split(".")[0].split("[")[0] for path in ignored) if each in by_property
        }
        for name in kept:
            planned[name] = before.state.get(name)
        replaced_by = [
            path for path in plan.replaced_by if path[0] not in kept and _at(before.state, path) != _at(planned, path)
        ]
        return Plan(planned, replaced_by, plan.private)

    def _outputs(self, inputs: Mapping[str, Any], made: Remembered) -> dict[str, Any]:
        """The outputs; those are secret whose input was, or whose attribute the provider calls sensitive."""
        outputs = self._translation.outputs(made.state)
        for name, found in self._translation.properties.items():
            given = inputs.get(found.name)
            if isinstance(given, Archive):
                outputs[found.name] = given
            attribute = self._schema.block.attributes.get(name)
            sensitive = attribute is not None and attribute.sensitive
            if found.name in outputs and (sensitive or has_secret(given)):
                outputs[found.name] = Secret(outputs[found.name])
        outputs["id"] = made.state.get("id")
        if not has_unknown(made.state):
            text = made.text()
            outputs[META] = Secret(text) if has_secret(list(outputs.values())) else text
        return outputs

    def _settable(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs that would give these outputs, for a resource that was imported."""
        inputs: dict[str, Any] = {}
        for name, found in self._translation.properties.items():
            attribute = self._schema.block.attributes.get(name)
            given = opened(outputs.get(found.name))
            if (attribute is None or attribute.settable) and given not in (None, "", [], {}, False, 0):
                inputs[found.name] = outputs[found.name]
        return {**inputs, "__defaults": []}


def _different(before: Any, after: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """The paths at which two values differ, as deep as they are alike in shape."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield from _different(before.get(name), after.get(name), (*path, name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _different(one, other, (*path, index))
    elif before != after and not (before in _NOTHING and after in _NOTHING):
        yield path


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a path, as far as there is one."""
    for step in path:
        if isinstance(value, Unknown):
            return value
        if isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            # Elements of sets are named by their content: the set as a whole is compared.
            return value
    return value

"""Which inputs replace a resource: the review's table beside what the provider plans.

Needs no emulator: a resource of an example is planned, its unknown values are made up, one input is changed, and the
provider plans again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from review.compare.replacements import replacing
from review.graph import UNKNOWN, Asset, Resource, Secret
from review.tests.helpers.stacks import EXAMPLES, STACKS, graph_of

from .aws_plugin import cty, names
from .aws_plugin.autonaming import property_to_name
from .aws_plugin.pretended import made_up
from .aws_plugin.proposed import proposed
from .aws_plugin.terraform_provider import ProviderError, TerraformProvider
from .aws_plugin.translate import Translation, TranslationError

_NEWER: Final = {
    # The SDK's documents say "If `vpc_endpoint_type` is anything other than `Interface`"; 6.34 replaces either.
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "privateDnsEnabled")
}
"""Inputs whose documents in the SDK contradict the provider 6.34."""


@dataclass(frozen=True)
class Disagreement:
    """An input on which review and provider differ."""

    type: str
    property: str
    provider: bool
    review: bool
    example: str

    def __str__(self) -> str:
        words = {True: "replaces", False: "changes in place"}
        return (
            f"{self.type}.{self.property}: provider {words[self.provider]}, review {words[self.review]} "
            f"(of {self.example})"
        )


def disagreements(provider: TerraformProvider) -> Iterator[Disagreement | str]:
    """Each input of each type of the examples, once; a sentence where the provider refuses what was tried."""
    asked: set[tuple[str, str]] = set()
    values = _values()
    for stack, resource in declared():
        wanted = [key for key in resource.inputs if (resource.type, key) not in asked]
        for key in wanted:
            others = values[resource.type, key]
            answer = _asked(provider, resource, key, others)
            if answer is None:
                continue
            asked.add((resource.type, key))
            if isinstance(answer, str):
                yield answer
            elif answer[0] != answer[1] and (resource.type, key) not in _NEWER:
                yield Disagreement(resource.type, key, *answer, example=f"{stack} {resource.name}")


def declared() -> Iterator[tuple[str, Resource]]:
    """Every resource of AWS of the stack files, with the file's name."""
    for stack in (*STACKS, *EXAMPLES):
        for resource in graph_of(stack):
            if resource.custom and resource.type.startswith("aws:"):
                yield Path(stack).stem, resource


def _values() -> dict[tuple[str, str], list[Any]]:
    """Every value that an input has in some example."""
    values: dict[tuple[str, str], list[Any]] = {}
    for _, resource in declared():
        for key, value in resource.inputs.items():
            others = values.setdefault((resource.type, key), [])
            if value not in others:
                others.append(value)
    return values


def _asked(
    provider: TerraformProvider, resource: Resource, key: str, others: list[Any]
) -> tuple[bool, bool] | str | None:
    """Whether provider and review take the change for a replacement; None if nothing could be changed."""
    name = names.type_name(resource.type, provider.resource_types)
    schema = provider.resource(name)
    translation = Translation(name, schema, names.types_of_resource(resource.type))
    lacking = set(translation.known) - {its.name for its in translation.properties.values()}
    inputs = {at: plain(value) for at, value in resource.inputs.items() if at not in lacking}
    if key in lacking:
        return None
    if property_to_name(resource.type, schema, translation.properties):
        inputs.setdefault("name", resource.name)
    terraform = next(at for at, its in translation.properties.items() if its.name == key)
    refusal = ""
    for other in [*(value for value in others if value != resource.inputs[key]), *_other_than(resource.inputs[key])]:
        try:
            before = translation.config(inputs)
            first = provider.plan(name, None, proposed(schema.block, None, before), before)
            state = made_up(schema.block, first.planned, name, resource.urn)
            after = translation.config({**inputs, key: plain(other)})
            plan = provider.plan(name, state, proposed(schema.block, state, after), after, first.private)
        except (ProviderError, TranslationError) as error:
            refusal = f"{resource.type}.{key}: cannot tell, {error}"
            continue
        if plan.planned.get(terraform) == state.get(terraform):
            continue
        replaced = any(path[0] == terraform for path in plan.replaced_by)
        # What the program replaces by an option of its own is no statement about the provider.
        options = replace(resource.options, replace_on_changes=())
        changed = replace(resource, inputs={**resource.inputs, key: other}, options=options)
        return replaced, bool(replacing(resource, changed, [key]))
    return refusal or None


def _other_than(value: Any) -> list[Any]:
    """Values of the same kind."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1]
    if isinstance(value, str):
        return [f"{value}-other", f"{value}0"]
    if isinstance(value, Mapping):
        return [{**value, key: other} for key, inner in value.items() for other in _other_than(inner)]
    if isinstance(value, list):
        return [[*value[:-1], other] for last in value[-1:] for other in _other_than(last)] + [value[:-1]]
    return []


def plain(value: Any) -> Any:
    """A value of the graph as the translation takes it."""
    if value is UNKNOWN:
        return cty.UNKNOWN
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Asset):
        return "archive.zip"
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value

"""What the provider itself says of each resource type of the review's table: inputs that replace, inputs that keep.

`python -m dev.engine --write-provider-facts` writes review/aws/catalog/provider_facts.json. The schema names inputs
that are optional and computed. It does not name those that replace a resource, so a resource with made-up values is
planned, one input is changed, and the provider plans again. No emulator is needed, and nothing is created.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import grpc

from review.aws.catalog.catalog import ROWS
from review.graph import Resource
from review.tests.sdk import sdk_names
from tests.helpers.stacks import ROOT, graph_with

from . import rare_types
from .aws_plugin import names
from .aws_plugin.autonaming import property_to_name
from .aws_plugin.cty import Unknown
from .aws_plugin.pretended import made_up
from .aws_plugin.proposed import proposed
from .aws_plugin.schema import Block
from .aws_plugin.terraform_provider import OFFLINE, ProviderError, TerraformProvider, running
from .aws_plugin.translate import Translation
from .replacing_inputs import declared, plain

FILE: Final = ROOT / "review" / "aws" / "catalog" / "provider_facts.json"

_Path = tuple[str, ...]
_NOWHERE: Final = "http://127.0.0.1:1"
"""A plan that calls AWS is refused at once."""
_EVERYWHERE: Final = frozenset({"id", "region", "tags_all"})
"""Computed for each type, and no input of a program; no resource moves to another region."""
_DEEPEST: Final = 2
"""Blocks in blocks that are looked at: statements of a web ACL hold one another without end."""
_LARGE: Final = 1000
"""Blocks of a schema of which only the inputs at the top are looked at: a plan of a web ACL takes seconds."""
_PROVIDERS: Final = 2
_GIVEN: Final[Mapping[str, Mapping[str, Any]]] = {"action": {"type": "forward"}}
"""What a block needs, so that the provider looks at the others of its inputs."""
_TEXTS: Final = (
    ("a", "b"),
    ("ipv4", "ipv6"),
    ("HTTP1", "HTTP2"),
    ('[{"name": "a", "image": "a"}]', '[{"name": "a", "image": "b"}]'),
    ("arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"),
    ("10.0.0.0/16", "10.1.0.0/16"),
    ("2001:db8::/56", "2001:db8:1::/56"),
    ('{"a": 1}', '{"a": 2}'),
    ("1", "2"),
    ("2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"),
)
"""Values before and after. The provider takes most texts anywhere, since a plan does not validate."""


@dataclass(frozen=True)
class Facts:
    """Of one resource type, by the SDK's names; an input of a block is dotted."""

    replaces: list[str]
    kept: list[str]
    unknown: list[str]
    """Inputs that the provider would not plan to change, or that replace it or not with other inputs."""


def write(binary: Path, folder: Path) -> list[str]:
    """Write the file; returns what could not be found out, one line each."""
    examples = _examples()
    tokens = [token for token in sorted(ROWS) if token.startswith("aws:")]
    shares = {folder / f"provider-{at}.log": tokens[at::_PROVIDERS] for at in range(_PROVIDERS)}
    with ThreadPoolExecutor(_PROVIDERS) as pool:
        done = [pool.submit(_answers, binary, share, log, examples) for log, share in shares.items()]
        answers = {token: answer for each in done for token, answer in each.result()}
    found = {token: facts for token, facts in sorted(answers.items()) if isinstance(facts, Facts)}
    doubts = {token: why for token, why in sorted(answers.items()) if isinstance(why, str)}
    document = {"types": {token: asdict(facts) for token, facts in found.items()}, "not known": doubts}
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    inputs = [f"{token}.{name}" for token, facts in found.items() for name in facts.unknown]
    return [*(f"{token}: {why}" for token, why in doubts.items()), *(f"{one}: no change was planned" for one in inputs)]


def _answers(
    binary: Path, tokens: list[str], log: Path, examples: Mapping[str, list[Mapping[str, Any]]]
) -> list[tuple[str, Facts | str]]:
    """The facts of each type, or why there are none."""
    left = list(tokens)
    found: list[tuple[str, Facts | str]] = []
    while left:
        # A plan of some types with made-up values ends the provider: the next type has a new one.
        with running(binary, log) as provider:
            endpoints = [dict.fromkeys(provider.services, _NOWHERE)]
            provider.configure({**OFFLINE, "max_retries": 0, "endpoints": endpoints})
            while left:
                token = left.pop(0)
                answer: Facts | str
                try:
                    answer = of_type(provider, token, examples[token])
                except KeyError:
                    answer = "the provider of the last run has no such type"
                except grpc.RpcError:
                    found.append((token, "the provider ends itself when it plans made-up values"))
                    break
                found.append((token, answer))
    return found


def _examples() -> Mapping[str, list[Mapping[str, Any]]]:
    """Inputs of resources of the examples by type: one for each set of keys."""
    found: dict[str, dict[frozenset[str], Mapping[str, Any]]] = defaultdict(dict)
    for resource in (*(each for _, each in declared()), *_rare()):
        found[resource.type].setdefault(frozenset(resource.inputs), resource.inputs)
    # Two that give most: more find no more.
    most = {token: sorted(each.values(), key=len, reverse=True)[:2] for token, each in found.items()}
    return defaultdict(list, most)


def _rare() -> Iterator[Resource]:
    for config in rare_types.STACKS.values():
        yield from (each for each in graph_with(config) if each.custom)


@dataclass(frozen=True)
class _Kind:
    """A resource type, and configs of it in which one input is changed."""

    name: str
    block: Block
    contexts: list[Mapping[str, Any]]


def of_type(provider: TerraformProvider, token: str, examples: Sequence[Mapping[str, Any]] = ()) -> Facts:
    """The facts of one type. Raises KeyError if the provider does not have it."""
    name = names.type_name(token, provider.resource_types)
    schema = provider.resource(name)
    translation = Translation(name, schema, names.types_of_resource(token))
    named = property_to_name(token, schema, translation.properties)
    contexts = [_scalars(schema.block, full=False), _scalars(schema.block, full=True)]
    kind = _Kind(name, schema.block, [*contexts, *(_config(translation, each) for each in examples)])
    replaces, kept, unknown = [], [], []
    deepest = 0 if _size(schema.block) > _LARGE else _DEEPEST
    for path, computed in _settable(schema.block):
        if len(path) > deepest + 1 or path[-1] in _EVERYWHERE or not _known(translation, path):
            continue
        written = translation.property_path(path)
        if computed and written not in (named, f"{named}Prefix"):
            kept.append(written)
        answers = list(_replaced(provider, kind, path))
        # Where contexts disagree, it depends on other inputs.
        if len(set(answers)) != 1:
            unknown.append(written)
        elif all(answers):
            replaces.append(written)
    unknown += newer_inputs(token, translation)
    return Facts(_whole_blocks(translation, schema.block, replaces), sorted(kept), sorted(unknown))


def newer_inputs(token: str, translation: Translation) -> set[str]:
    """Properties that the installed SDK has and this provider lacks: nothing is known about them."""
    return sdk_names(token) - {found.name for found in translation.properties.values()} - {"id", "tagsAll", "region"}


def _config(translation: Translation, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The config of a resource of an example, as far as the provider has its inputs."""
    known = {found.name for found in translation.properties.values()}
    return translation.config({key: plain(value) for key, value in inputs.items() if key in known})


def _known(translation: Translation, path: _Path) -> bool:
    """Whether the SDK has the input."""
    properties, block = translation.properties, translation.schema.block
    for step in path:
        if step not in properties:
            return False
        if step in block.blocks:
            found, block = properties[step], block.blocks[step].block
            properties = names.properties(translation.type_name, names.block_names(block), found.inner)
    return True


def _settable(block: Block, above: _Path = ()) -> Iterator[tuple[_Path, bool]]:
    """Every input, and whether it is computed if it is left out."""
    for name, attribute in block.attributes.items():
        if attribute.settable:
            yield (*above, name), attribute.optional and attribute.computed
    for name, nested in block.blocks.items() if len(above) < _DEEPEST else ():
        # Time-outs are Pulumi's own option.
        if name != "timeouts":
            yield from _settable(nested.block, (*above, name))


def _hides(block: Block, path: _Path) -> bool:
    """Whether there are blocks at the path that are too deep to be looked at."""
    for step in path:
        block = block.blocks[step].block
    return _depth(block) + len(path) > _DEEPEST


def _depth(block: Block) -> int:
    return max((1 + _depth(nested.block) for nested in block.blocks.values()), default=0)


def _size(block: Block) -> int:
    return sum(1 + _size(nested.block) for nested in block.blocks.values())


def _whole_blocks(translation: Translation, block: Block, replaces: list[str]) -> list[str]:
    """A block in which every input replaces, only by the block's name."""
    paths = [path for path, _ in _settable(block) if _known(translation, path)]
    found = list(replaces)
    for depth in (3, 2, 1):
        for above in dict.fromkeys(path[:depth] for path in paths if len(path) > depth):
            inner = [translation.property_path(path) for path in paths if path[:depth] == above]
            every = all(any(one == each or one.startswith(f"{each}.") for each in found) for one in inner)
            if every and not _hides(block, above):
                whole = translation.property_path(above)
                found = [whole, *(each for each in found if not each.startswith(f"{whole}."))]
    return sorted(dict.fromkeys(found))


def _replaced(provider: TerraformProvider, kind: _Kind, path: _Path) -> Iterator[bool]:
    """Whether a change of one input replaces the resource: of each context, the first pair of values that it plans."""
    for context in kind.contexts:
        for values in _pairs(kind.block, path):
            before, after = (_with(kind.block, context, path, value) for value in values)
            try:
                first = provider.plan(kind.name, None, proposed(kind.block, None, before), before)
                state = _settled(kind.block, first.planned, kind.name)
                plan = provider.plan(kind.name, state, proposed(kind.block, state, after), after, first.private)
            except ProviderError:
                continue
            if _at(plan.planned, path) != _at(state, path):
                yield any(_names(each) == path[: len(_names(each))] for each in plan.replaced_by)
                break


def _settled(block: Block, planned: Any, name: str) -> Any:
    """The state after an apply: the provider makes up what is computed, and leaves out what a program may give."""
    made = made_up(block, planned, name, name)
    for key, attribute in block.attributes.items():
        if attribute.settable and isinstance(planned.get(key), Unknown):
            made[key] = None
    return made


def _names(path: tuple[str | int, ...]) -> _Path:
    return tuple(step for step in path if isinstance(step, str))


def _pairs(block: Block, path: _Path) -> list[tuple[Any, Any]]:
    for step in path[:-1]:
        block = block.blocks[step].block
    kind = block.attributes[path[-1]].type
    if kind == "bool":
        return [(False, True), (True, False)]
    if kind == "number":
        return [(1, 2), (100, 200)]
    return [(_value(kind, one), _value(kind, other)) for one, other in _TEXTS]


def _value(kind: Any, text: str) -> Any:
    """A value of this kind."""
    if kind == "number":
        return len(text)
    if kind == "bool":
        return text == _TEXTS[0][0]
    if kind in ("string", "dynamic"):
        return text
    outer, inner = kind
    if outer in ("list", "set"):
        return [_value(inner, text)]
    if outer == "map":
        return {"key": _value(inner, text)}
    return {key: _value(each, text) for key, each in inner.items()}


def _scalars(block: Block, *, full: bool) -> dict[str, Any]:
    """A config with all that is required; `full`: with every text and number besides."""
    made = block.empty()
    for name, attribute in block.attributes.items():
        if attribute.required or (full and attribute.settable and attribute.type in ("string", "number")):
            made[name] = _value(attribute.type, _TEXTS[0][0])
    return made


def _with(block: Block, config: Mapping[str, Any], path: _Path, value: Any) -> dict[str, Any]:
    """The config with this value at the path; a block on the way that it lacks has what it requires."""
    step, *further = path
    if not further:
        return {**config, step: value}
    nested = block.blocks[step]
    held = config.get(step)
    first = (held[0] if held else None) if isinstance(held, list) else held
    first = {**(first or _scalars(nested.block, full=False)), **_GIVEN.get(step, {})}
    inner = _with(nested.block, first, tuple(further), value)
    # A block counts where its neighbours say so: `type: fixed-response`, `enabled: true`.
    if "type" in block.attributes:
        config = {**config, "type": step.replace("_", "-")}
    if "enabled" in inner and further != ["enabled"]:
        inner["enabled"] = True
    if nested.nesting in ("single", "group"):
        return {**config, step: inner}
    return {**config, step: {"key": inner} if nested.nesting == "map" else [inner]}


def _at(value: Any, path: _Path) -> Any:
    for step in path:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(step) if isinstance(value, dict) else None
    return value

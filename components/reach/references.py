"""References of a statement: the value if the program knows it, else the resource that it comes from.

URNs are known in every preview, also where the values of new resources are not.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pulumi

from ..facts.statements import PACKAGE

UNKNOWN: Final = {"unknown": True}
SECRET: Final = {"secret": True}

Reference = Any
"""A plain value, `{"of": [URN, …]}`, `{"secret": True}` or `{"unknown": True}`; or an output of one of these."""


class Promised:
    """A value that a component states, and looks up only once it exists as the parent of the look-up."""

    def __init__(self) -> None:
        self._found: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
        self.value: pulumi.Output[Any] = pulumi.Output.from_input(self._found)

    def keep(self, found: "pulumi.Output[Any]") -> None:
        """Gives the value."""
        self._found.set_result(found)


def refer(value: "pulumi.Input[Any] | None", *kinds: str) -> Reference:
    """Returns a reference to the resources of types `kinds` (`SecurityGroup`) that a value comes from.

    `add_dependencies` puts other resources behind a value, which only waits for them: the kind tells them apart.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    return pulumi.Output.from_input(_find_source(pulumi.Output.from_input(value), kinds))


def refer_each(values: "pulumi.Input[Sequence[pulumi.Input[str]]]", *kinds: str) -> Reference:
    """Returns references by what they name: a text by itself, an output by its resource."""
    if not isinstance(values, Sequence):
        return pulumi.Output.from_input(_find_sources_of_list(pulumi.Output.from_input(values), kinds))
    listed = [*values]
    if all(isinstance(value, str) for value in listed):
        return {str(value): True for value in sorted(map(str, listed))}
    return pulumi.Output.from_input(_find_sources(listed, kinds))


async def _find_sources(values: "list[pulumi.Input[str]]", kinds: tuple[str, ...]) -> dict[str, Reference]:
    return _list_members(
        await asyncio.gather(*(_find_source(pulumi.Output.from_input(value), kinds) for value in values))
    )


async def _find_sources_of_list(values: "pulumi.Output[Any]", kinds: tuple[str, ...]) -> dict[str, Reference]:
    """The members of a list that is an output as a whole."""
    found = await _find_source(values, kinds)
    if isinstance(found, dict) and "of" in found:
        return _list_members({"of": [urn]} for urn in found["of"])
    return _list_members(found if isinstance(found, list | tuple) else [found])


def _list_members(references: Iterable[Reference]) -> dict[str, Reference]:
    """Members by key, the same in any order of the list. Resources inside different components may have one name."""
    members: dict[str, Reference] = {}
    # Texts are first, since each is its own key.
    for reference in sorted(references, key=lambda each: (isinstance(each, dict), str(each))):
        key, part = _name(reference)
        while key in members and (reference in (SECRET, UNKNOWN) or members[key] != part):
            key = f"{key}, another"
        members[key] = part
    return dict(sorted(members.items()))


def _name(reference: Reference) -> tuple[str, Reference]:
    if not isinstance(reference, dict):
        return str(reference), True
    if "of" in reference:
        return " or ".join(urn.rpartition("::")[2] for urn in reference["of"]), reference
    return next(iter(reference)), reference


async def _find_source(value: "pulumi.Output[Any]", kinds: tuple[str, ...]) -> Reference:
    found = [await resource.urn.future() for resource in await value.resources()]
    urns = sorted({str(urn) for urn in found if urn})
    # A program in another language depends on the component, and knows nothing of the resources in it.
    of_kind = [urn for urn in urns if _read_kind(urn) in kinds] or [urn for urn in urns if PACKAGE in _read_type(urn)]
    if of_kind:
        return {"of": of_kind}
    # Whether it is secret is known in every preview, so that the statement does not change with the first update.
    if await value.is_secret():
        return SECRET
    return await value.future() if await value.is_known() else UNKNOWN


def _read_type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _read_kind(urn: str) -> str:
    return _read_type(urn).rpartition(":")[2]

"""For which resources of a state AWS is asked, and for which it is not: those of another account or provider."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..aws.catalog.catalog import makes_nothing_in_aws
from ..graph import Graph, Resource
from ..graph.graph import reference
from ..graph.prose import few
from ..graph.reading import text

_PROVIDER: Final = "pulumi:providers:aws"
_ACCOUNT: Final = re.compile(r"arn:aws[a-z-]*:[^:]*:[^:]*:(\d{12}):")
_DIGITS: Final = re.compile(r"\b\d{12}\b")
OF_ANOTHER: Final = "it is in account "
"""Begins the reason of what another account has."""
_OWN: Final = ("assumeRoles", "assumeRole", "assumeRoleWithWebIdentity", "profile", "accessKey")
"""Inputs of a provider that give it other credentials than those of the stack."""


@dataclass(frozen=True)
class Accounts:
    """The account of each resource that the stack owns, as far as the state has it."""

    graph: Graph

    @cached_property
    def _by_resource(self) -> Mapping[str, str]:
        return {one.urn: _of_arn(one) or self._by_provider.get(one.provider, "") for one in owned(self.graph)}

    @cached_property
    def _by_provider(self) -> Mapping[str, str]:
        """By reference, which is empty for the default provider. An account that is not known is empty."""
        seen = {resource.provider: account for resource in owned(self.graph) if (account := _of_arn(resource))}
        explicit = {reference(resource.urn, text(resource.id)): resource for resource in self.graph.of_type(_PROVIDER)}
        return {
            "": self.graph.account,
            **{key: _of_provider(one) or seen.get(key) or self._like_default(one) for key, one in explicit.items()},
        }

    def _like_default(self, provider: Resource) -> str:
        return "" if any(provider.inputs.get(key) for key in _OWN) else self.graph.account

    def has(self, account: str) -> bool:
        """Whether the stack, or a part of it, is in an account, as far as is known."""
        return account in (self.graph.account or account, *self._by_resource.values())

    def unreadable(self, account: str) -> Mapping[str, str]:
        """By URN, why credentials of `account` cannot read a resource: AWS would answer that it is gone."""
        return {one.urn: why for one in owned(self.graph) if (why := self._why(one, account or self.graph.account))}

    def _why(self, resource: Resource, account: str) -> str:
        held = self._by_resource[resource.urn]
        if held not in ("", account):
            return f"{OF_ANOTHER}{held}: run it with credentials of that account too"
        if not _is_of_aws(resource.provider):
            return ""
        if resource.provider not in self._by_provider:
            return "the state does not have its provider, so its account and region are not known"
        return "" if held or not account else "its provider has credentials of its own"


def owned(graph: Graph) -> list[Resource]:
    """What a cloud has for the stack, in contrast to what the program only reads."""
    return [one for one in graph if one.custom and not one.existing and not makes_nothing_in_aws(one.type)]


def _is_of_aws(provider: str) -> bool:
    return bool(provider) and provider.split("::")[2].rpartition("$")[2] == _PROVIDER


def _of_arn(resource: Resource) -> str:
    return match[1] if (match := _ACCOUNT.match(text(resource.state.get("arn")))) else ""


def _of_provider(resource: Resource) -> str:
    """The only account that a provider names, in `allowedAccountIds` or as that of its role."""
    named = {*_DIGITS.findall(str([resource.inputs.get(key) for key in ("allowedAccountIds", *_OWN)]))}
    return named.pop() if len(named) == 1 else ""


def left_out(graph: Graph) -> Iterator[str]:
    """What the state has and AWS is not asked for, since the stack does not own it there."""
    held = {resource.urn for resource in owned(graph)}
    others = [one for one in graph if one.custom and not one.type.startswith("pulumi:") and one.urn not in held]
    for existing, why in ((True, "the program only reads them"), (False, "they are not in AWS")):
        if names := [resource.name for resource in others if resource.existing is existing]:
            yield f"{few(names)}: not compared, for {why}"

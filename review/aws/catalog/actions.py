"""Actions of IAM by resource type: those that the AWS provider needs to read, create, update, tag and delete it.

actions.json has a row for each type: resources, the actions that read, further actions of an update, and an input
without which nothing calls them. An action without a service is of the resource's. A service instead of a resource
(`ec2`) is one whose IDs nobody knows before: it reads `*`, and changes what is in the account and region. `linked` are
services that create a role of their own, some only if an input contains a text. `hooks` are calls of Gatehouse's own
resource hooks. Fields in braces are inputs: see `review.permissions`.

The calls are those of terraform-provider-aws 6.34 (files under internal/service), for the inputs that Gatehouse's
components use. Actions and resources were compared with the service authorization reference on 2026-11-22.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .catalog import make_token, normalize_token

_FILE: Final = Path(__file__).with_name("actions.json")


@dataclass(frozen=True)
class Grant:
    """Actions on a resource, whose ARN may have fields in braces."""

    resource: str
    actions: tuple[str, ...]
    reads: bool
    """Whether a refresh needs them; otherwise only an update does."""
    when: str = ""
    """The input without which they are not called; empty if they always are."""


@dataclass(frozen=True)
class Actions:
    """Of one type."""

    grants: tuple[Grant, ...]
    hooks: tuple[Grant, ...]
    linked: tuple[str, ...]
    """Services that create a service-linked role for the type, if the account has none."""


def find_actions(token: str) -> Actions | None:
    """The actions for a type; None if they are not known."""
    return _load_table()[0].get(normalize_token(token))


def find_lookup_actions(token: str) -> Sequence[Grant] | None:
    """The actions of a lookup; None if they are not known."""
    return _load_table()[1].get(token)


@cache
def _load_table() -> tuple[Mapping[str, Actions], Mapping[str, Sequence[Grant]]]:
    table = json.loads(_FILE.read_text(encoding="utf-8"))
    types = {
        make_token(name): Actions(
            _parse_grants(row["on"]), _parse_grants(row.get("hooks", ())), tuple(row.get("linked", ()))
        )
        for name, row in table["types"].items()
    }
    return types, {token: _parse_grants(row) for token, row in table["lookups"].items()}


def _parse_grants(rows: Sequence[Sequence[str]]) -> tuple[Grant, ...]:
    return tuple(grant for row in rows for grant in _parse_row(*row))


def _parse_row(resources: str, reads: str, writes: str = "", when: str = "") -> Iterator[Grant]:
    service = resources.partition(":")[0]
    for words, is_read in ((reads, True), (writes, False)):
        actions = tuple(word if ":" in word else f"{service}:{word}" for word in words.split())
        whole = service == resources and service != "*"
        listed = ("*" if is_read else f"{service}:{{region}}:{{account}}:*") if whole else resources
        yield from (Grant(resource, actions, is_read, when) for resource in listed.split() if actions)

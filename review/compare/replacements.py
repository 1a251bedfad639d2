"""Which inputs cannot be changed in place, so that the resource is replaced.

The provider's own plans say so (`aws/provider_facts.py`), but for inputs that replace it under a condition, in
`aws/conditional_replacements.py`. Types and inputs of which they say nothing are reported as not known.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..aws.conditional_replacements import SOMETIMES
from ..aws.provider_facts import provider_facts
from ..graph import Resource

_ELEMENT: Final = re.compile(r"\[\d+\]")


def replaced_by(old: Resource, resource: Resource, changed: Iterable[str]) -> list[str] | None:
    """Those of the changed inputs (dotted, as deep as they differ) that replace the resource.

    None if it is not known of its type or of a changed input. Those of the option `replace_on_changes` count as well.
    """
    changed = list(changed)
    asked = [key for key in changed if _covered(key, resource.options.replace_on_changes)]
    facts = provider_facts(resource.type)
    if facts is None:
        return asked or (None if resource.type.startswith("aws:") else [])
    sometimes = SOMETIMES.get(resource.type, {})
    replacing = facts.replaces - sometimes.keys()
    found = [key for key in changed if _covered(key, replacing) or _holds(key, replacing, old, resource)]
    now = [key for key, holds in sometimes.items() if holds(old.inputs, resource.inputs)]
    found += [key for key in changed if _covered(key, now)]
    unknown = facts.unknown - sometimes.keys()
    if not found and not asked and any(_covered(key, unknown) for key in changed):
        return None
    return list(dict.fromkeys(found + asked))


def _covered(key: str, replacing: Iterable[str]) -> bool:
    # Elements of lists have no names of their own in the table: `dnsConfig.dnsRecords.type`.
    key = _ELEMENT.sub("", key)
    return any(f"{key}.".startswith(f"{_ELEMENT.sub('', one)}.") or one == "*" for one in replacing)


def _holds(key: str, replacing: Iterable[str], old: Resource, new: Resource) -> bool:
    """Whether a block that comes as a whole, or a list of another length, brings another value of such an input."""
    key = _ELEMENT.sub("", key)
    inner = [one.split(".") for one in replacing if one.startswith(f"{key}.")]
    return any((found := _at(new.inputs, path)) and found != _at(old.inputs, path) for path in inner)


def _at(value: Any, path: list[str]) -> list[Any]:
    """Values at a path, in every element of the lists on the way."""
    if isinstance(value, list):
        return [found for item in value for found in _at(item, path)]
    if not path:
        return [] if value is None else [value]
    return _at(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else []

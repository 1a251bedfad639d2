"""The form of a statement: mappings by what a member is, so that a preview shows members that come and go."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..arguments.inputs import to_inputs
from ..facts.statements import KEY, VERSION

_HUMP: Final = re.compile("_([a-z])")

Statement = Mapping[str, Any]


def add_reach(args: Any, statement: Statement, secrets: Iterable[str] = ()) -> dict[str, Any]:
    """Returns the inputs of a component: its arguments, and its statement."""
    return {**to_inputs(args, {*secrets}), KEY: {"version": VERSION, **statement}}


def drop_absent(**parts: Any) -> dict[str, Any]:
    """Returns the parts that there are, by their names in Pulumi's schema: `to_port` is `toPort`. False and 0 stay."""
    present = {key: part for key, part in parts.items() if not _is_absent(part)}
    return {_HUMP.sub(lambda hump: hump[1].upper(), key): part for key, part in present.items()}


def _is_absent(part: Any) -> bool:
    # An output has no length that is known.
    return part is None or (isinstance(part, str | Mapping) and not part)


def make_set(members: Iterable[Any], key: Callable[[Any], str] = str) -> dict[str, bool]:
    """Returns a set of texts as a mapping, in a stable order."""
    return dict.fromkeys(sorted(map(key, members)), True)

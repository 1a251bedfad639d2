"""The provider's answer to a change of inputs: it replaces the resource, keeps a value, or deletes the old one first.

Its source declares this (`provider_facts.py`); conditions that it has in code are in documented_replacements.json.
Types and inputs of neither are not known.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from ...aws.catalog import types
from ...aws.catalog.provider_facts import provider_facts
from ...aws.catalog.tables import table
from ...aws.compute.architecture import of_instance_type
from ...aws.network.routes import TARGETS
from ...graph import UNKNOWN, Resource
from ...graph.reading import items, number, peek, spread, within
from .side import ELEMENT, is_part, top

_Inputs = Mapping[str, Any]
_TABLE: Final = table("documented_replacements")
"""By type, `sometimes` has inputs that replace the resource if all of their tests hold."""
HELD: Final[Mapping[str, Mapping[str, Any]]] = _TABLE["held"]
"""By type, inputs that keep their value if they are left out: others that are then kept with them, and a remedy."""


class _Case(NamedTuple):
    key: str
    wanted: Any  # the argument of a test
    old: _Inputs
    new: _Inputs

    @property
    def values(self) -> list[Any]:
        """What the input was, and is."""
        return [within(inputs, *self.key.split(".")) for inputs in (self.old, self.new)]

    @property
    def members(self) -> list[set[str]]:
        return [{*map(str, items(value))} for value in self.values]

    def among(self, inputs: _Inputs) -> bool:
        """Whether each of the inputs that a test names has one of the values."""
        return all(within(inputs, *key.split(".")) in values for key, values in self.wanted.items())


_TESTS: Final[Mapping[str, Callable[[_Case], bool]]] = {
    "had": lambda of: bool(of.values[0]) is of.wanted,
    "has": lambda of: bool(of.values[1]) is of.wanted,
    "ends": lambda of: of.values[0] == of.wanted != of.values[1],
    "unless": lambda of: of.values[0] not in of.wanted["old"] or of.values[1] not in of.wanted["new"],
    "same": lambda of: of.old.get(of.wanted) == of.new.get(of.wanted),
    "old": lambda of: of.among(of.old),
    "new": lambda of: of.among(of.new),
    "oldNot": lambda of: not of.among(of.old),
    "oldStarts": lambda of: any(str(of.old.get(key)).startswith(tuple(texts)) for key, texts in of.wanted.items()),
    "otherProcessor": lambda of: len({of_instance_type(str(value)) for value in of.values}) > 1,
    "appears": lambda of: len({bool(members) for members in of.members}) > 1,
    "drops": lambda of: bool(set.difference(*of.members)),
    "disjoint": lambda of: set.isdisjoint(*of.members),
    "falls": lambda of: falls(*(value or 0 for value in of.values)),
    "rises": lambda of: falls(*(value or 0 for value in reversed(of.values))),
    "sameMajor": lambda of: len({re.split(r"(?<=\d)\D", str(value))[0] for value in of.values}) == 1,
    "either": lambda of: any(_all(of.key, tests, of.old, of.new) for tests in of.wanted),
    "never": lambda _: False,
}


def _all(key: str, tests: Mapping[str, Any], old: _Inputs, new: _Inputs) -> bool:
    return all(_TESTS[name](_Case(key, wanted, old, new)) for name, wanted in tests.items())


def falls(was: Any, now: Any) -> bool:
    """Whether a number, or a version as far as both are written, becomes a smaller one."""
    if isinstance(was, int | float) and isinstance(now, int | float):
        return now < was
    old, new = version(was), version(now)
    return new[: len(old)] < old[: len(new)]


def is_near(was: Any, now: Any) -> bool:
    """Whether a number is at most twice or half of what it was, as far as both are known."""
    old, new = number(was), number(now)
    return not old or not new or old / 2 <= new <= old * 2


def version(written: Any) -> tuple[int, ...]:
    """The numbers of a version: 8 and 0 of `8.0.mysql_aurora.3.04`, 2 and 11 of `OpenSearch_2.11`; else none."""
    known = re.match(r"(?:\w+_)?(\d+(?:\.\d+)*)", str(written)) if isinstance(written, str | int | float) else None
    return tuple(map(int, known[1].split("."))) if known else ()


def replaced_by(old: Resource, resource: Resource, changed: Iterable[str]) -> list[str] | None:
    """Those of the changed inputs (dotted, as deep as they differ) that replace the resource.

    None if it is not known of its type or of a changed input. Those of the option `replace_on_changes` count as well.
    """
    changed = [key for key in changed if top(key) not in ("tags", "tagsAll") or resource.options.replace_on_changes]
    asked = [key for key in changed if _covered(key, resource.options.replace_on_changes)]
    facts = provider_facts(resource.type)
    sometimes, in_place = (_TABLE[name].get(resource.type, {}) for name in ("sometimes", "in place"))
    now = [key for key, tests in sometimes.items() if _all(key, tests, old.inputs, resource.inputs)]
    known = {*sometimes, *(key for key, tests in in_place.items() if _all(key, tests, old.inputs, resource.inputs))}
    # A block comes or goes as a whole, with such an input.
    certain = [key for key in changed if _covered(key, now) or any(path.startswith(f"{key}.") for path in now)]
    if facts is None:
        read = not resource.type.startswith("aws:") or all(_covered(key, sometimes) for key in changed)
        return [*asked, *certain] or ([] if read else None)
    counts = {path: [len(spread(side.inputs, *path.split("."))) for side in (old, resource)] for path in facts.counted}
    replacing = (facts.replaces | {path for path, (was, now) in counts.items() if was != now}) - sometimes.keys()
    keys = [key for key in changed if _covered(key, replacing) or _holds(key, replacing, old, resource)]
    unknown = {path for path in facts.unknown if not _covered(path, known)}
    in_doubt = any(_covered(key, unknown) or _holds(key, unknown, old, resource) for key in changed)
    return list(dict.fromkeys(keys + certain + asked)) or (None if in_doubt else [])


def _covered(key: str, replacing: Iterable[str]) -> bool:
    # Elements of lists have no names of their own in the table: `dnsConfig.dnsRecords.type`.
    return is_part(ELEMENT.sub("", key), (ELEMENT.sub("", path) for path in replacing))


def _holds(key: str, replacing: Iterable[str], old: Resource, new: Resource) -> bool:
    """Whether a block that comes as a whole, or a list of another length, brings another value of such an input."""
    inner = [path.split(".") for path in replacing if path.startswith(f"{ELEMENT.sub('', key)}.")]
    values = ([spread(resource.inputs, *path) for resource in (new, old)] for path in inner)
    return any(now not in ([], [UNKNOWN]) and now != was for now, was in values)


def left_out(old: Resource, new: Resource) -> list[str]:
    """Inputs that only the old one has, of those that the provider keeps then."""
    facts = provider_facts(new.type)
    keys = tuple(dict.fromkeys((*(facts.kept if facts else ()), *HELD.get(new.type, ()))))
    if new.type in types.ROUTE and TARGETS.keys() & new.inputs.keys():
        # Another target takes the place of the one that is left out.
        keys = tuple(key for key in keys if key not in TARGETS)
    return [key for key in keys if peek(old, *key.split(".")) is not None and peek(new, *key.split(".")) is None]


def kept(old: Resource, new: Resource) -> list[str]:
    """Those of them that have a value afterwards: another mode, such as a table's on demand, may have none."""
    dropped = list[str]()
    for row in _TABLE["dropped"].get(new.type, ()):
        was, now = (peek(resource, *row["of"].split(".")) for resource in (old, new))
        dropped += row["drops"] if now in row.get("is", (now,)) and (was, now) != (None, None) else ()
    return [key for key in left_out(old, new) if not _covered(key, dropped)]

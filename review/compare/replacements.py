"""Inputs whose change replaces a resource, by the AWS provider's schema and by conditions that it has in code.

The provider's source declares the first (`provider_facts.py`). documented_replacements.json has the second. For types
and inputs of neither it is not known.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from ..aws.catalog.provider_facts import ProviderFacts, provider_facts
from ..aws.catalog.tables import table
from ..aws.compute.architecture import of_instance_type
from ..aws.network.routes import TARGETS
from ..graph import UNKNOWN, Resource, reveal

_TABLE: Final = table("documented_replacements")
_ROUTE: Final = "aws:ec2/route:Route"
_MEMBER: Final = re.compile(r"\[[^\]]*\]")
Inputs = Mapping[str, Any]


def values_at(value: Any, path: str) -> list[Any]:
    """Every value at a dotted path, also in members of lists on the way."""
    values = [reveal(value)]
    for key in path.split("."):
        values = [member for inner in values for member in (inner if isinstance(inner, list) else [inner])]
        values = [reveal(member[key]) for member in values if isinstance(member, Mapping) and key in member]
    return [member for inner in values for member in (inner if isinstance(inner, list) else [inner])]


def value_at(value: Any, path: str) -> Any:
    """The value at a dotted path; None if it is not set."""
    for key in path.split("."):
        value = reveal(value)
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        value = reveal(value).get(key) if isinstance(reveal(value), Mapping) else None
    return reveal(value)


class _Case(NamedTuple):
    """A test of an input: its name, the argument of the test, and all inputs before and after."""

    key: str
    wanted: Any
    old: Inputs
    new: Inputs

    @property
    def values(self) -> tuple[Any, Any]:
        return value_at(self.old, self.key), value_at(self.new, self.key)

    @property
    def members(self) -> tuple[set[str], set[str]]:
        return set(map(str, values_at(self.old, self.key))), set(map(str, values_at(self.new, self.key)))

    def holds_in(self, inputs: Inputs) -> bool:
        """Whether each input that the test names has one of the values."""
        return all(value_at(inputs, key) in allowed for key, allowed in self.wanted.items())


_TESTS: Final[Mapping[str, Callable[[_Case], bool]]] = {
    "had": lambda case: bool(case.values[0]) is case.wanted,
    "ends": lambda case: case.values[0] == case.wanted != case.values[1],
    "unless": lambda case: case.values[0] not in case.wanted["old"] or case.values[1] not in case.wanted["new"],
    "same": lambda case: case.old.get(case.wanted) == case.new.get(case.wanted),
    "old": lambda case: case.holds_in(case.old),
    "new": lambda case: case.holds_in(case.new),
    "oldNot": lambda case: not case.holds_in(case.old),
    "otherProcessor": lambda case: of_instance_type(str(case.values[0])) != of_instance_type(str(case.values[1])),
    "appears": lambda case: bool(case.members[0]) != bool(case.members[1]),
    "drops": lambda case: not case.members[0] <= case.members[1],
    "disjoint": lambda case: case.members[0].isdisjoint(case.members[1]),
    "falls": lambda case: (case.values[1] or 0) < (case.values[0] or 0),
    "either": lambda case: any(_all_hold(case.key, tests, case.old, case.new) for tests in case.wanted),
    "never": lambda _: False,
}


def _all_hold(key: str, tests: Mapping[str, Any], old: Inputs, new: Inputs) -> bool:
    return all(_TESTS[test](_Case(key, wanted, old, new)) for test, wanted in tests.items())


def replacing(old: Resource, new: Resource, changed: Iterable[str]) -> tuple[str, ...] | None:
    """The changed inputs, by dotted names, that replace the resource; None if it is not known.

    Inputs of the option `replace_on_changes` count as well.
    """
    on_changes = new.options.replace_on_changes
    names = [name for name in changed if on_changes or name.partition(".")[0] not in ("tags", "tagsAll")]
    conditional = _TABLE["sometimes"].get(new.type, {})
    holding = [key for key, tests in conditional.items() if _all_hold(key, tests, old.inputs, new.inputs)]
    by_option = [name for name in names if _is_within(name, on_changes)]
    by_condition = [name for name in names if _is_within(name, holding) or _is_around(name, holding)]
    facts = provider_facts(new.type)
    if facts is None:
        is_known = not new.type.startswith("aws:") or all(_is_within(name, conditional) for name in names)
        return tuple(dict.fromkeys((*by_option, *by_condition))) or (() if is_known else None)
    always = (facts.replaces | _other_counts(facts, old, new)) - conditional.keys()
    by_schema = [name for name in names if _is_within(name, always) or _brings(name, always, old, new)]
    found = tuple(dict.fromkeys((*by_schema, *by_condition, *by_option)))
    doubted = [path for path in facts.unknown if not _is_within(path, conditional)]
    in_doubt = any(_is_within(name, doubted) or _brings(name, doubted, old, new) for name in names)
    return found or (None if in_doubt else ())


def _other_counts(facts: ProviderFacts, old: Resource, new: Resource) -> set[str]:
    """Blocks that replace the resource if their number differs, and whose number does."""
    return {path for path in facts.counted if len(values_at(old.inputs, path)) != len(values_at(new.inputs, path))}


def without_members(name: str) -> str:
    """The name of an input as the provider's schema has it: `routes[a].cidrBlock` is `routes.cidrBlock`."""
    return _MEMBER.sub("", name)


def _is_within(name: str, paths: Iterable[str]) -> bool:
    """Whether a changed input is one of these, or a part of one. A star stands for any beginning."""
    plain = without_members(name)
    return any(
        path in (plain, "*") or plain.startswith(f"{path}.") or (path.startswith("*.") and plain.endswith(path[1:]))
        for path in map(without_members, paths)
    )


def _is_around(name: str, paths: Iterable[str]) -> bool:
    """Whether a block comes or goes as a whole, with one of these inputs."""
    return any(path.startswith(f"{without_members(name)}.") for path in paths)


def _brings(name: str, paths: Iterable[str], old: Resource, new: Resource) -> bool:
    """Whether a block that comes as a whole brings another value of such an input."""
    inner = [path for path in paths if _is_around(name, [path])]
    for path in inner:
        values = values_at(new.inputs, path)
        if values not in ([], [UNKNOWN]) and values != values_at(old.inputs, path):
            return True
    return False


def left_out(old: Resource, new: Resource) -> list[str]:
    """Inputs that only the old version gives, and that AWS keeps if a program leaves them out."""
    facts = provider_facts(new.type)
    names = facts.kept if facts is not None else ()
    # A route has one target: another one takes the place of the one that is left out.
    dropped = [name for name in TARGETS if TARGETS.keys() & new.inputs.keys()] if new.type == _ROUTE else []
    for row in _TABLE["dropped"].get(new.type, ()):
        # Another mode, such as a table on demand, has no such value.
        was, now = value_at(old.inputs, row["of"]), value_at(new.inputs, row["of"])
        if (was, now) != (None, None) and now in row.get("is", (now,)):
            dropped += row["drops"]
    return [
        name
        for name in names
        if value_at(old.inputs, name) is not None and value_at(new.inputs, name) is None and name not in dropped
    ]

"""Data that AWS deletes earlier, or keeps for longer, without a replacement: retention, expiration and time to live."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..aws.catalog.tables import load_table
from ..graph import UNKNOWN, Graph, Resource, reveal_all
from ..graph.graph import collect_revealed_texts
from ..graph.prose import format_count
from ..graph.reading import as_mapping, find_first_referenced
from .lines import Head, Topic
from .replacements import list_values, strip_members
from .resources import Change

_ROWS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = load_table("holds_data")["retention"]
_BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_NO_EXPIRATION: Final = ("id", "transitions", "noncurrentVersionTransitions")
"""Inputs of a lifecycle rule that delete nothing, beside those of uploads that were never finished."""
_UPLOADS: Final = "abortIncompleteMultipartUpload"

Scope = frozenset[tuple[str, Any]]
"""Conditions that an object must meet for a lifecycle rule; empty for all objects."""
Periods = dict[Scope, Any]
"""Days, or when else data is deleted, by what it applies to."""


class Retention(NamedTuple):
    heads: tuple[Head, ...]
    names: frozenset[str]
    """Inputs that differ and decide how long data stays."""


def find_retention(change: Change, graph: Graph) -> Retention:
    """How long AWS keeps data, if that differs. `graph` is the later version's."""
    heads: list[Head] = []
    names: set[str] = set()
    for row in _ROWS.get(change.new.type, ()):
        of_row = [part.name for part in change.inputs if part.name not in change.kept and _is_of_row(part.name, row)]
        was, now = (_read_periods(side.inputs, row) for side in (change.old, change.new))
        is_other = "rules" not in row if was is None or now is None else was != now
        if of_row and is_other:
            names.update(of_row)
            heads += _list_heads(row, was, now, _find_name(change.new, graph))
    if names and not heads:
        heads.append(Head(Topic.RETENTION, _find_name(change.new, graph)))
    return Retention(tuple(dict.fromkeys(heads)), frozenset(names))


def list_new_expirations(new: Resource, removed: Iterable[Resource], before: Graph, after: Graph) -> Iterator[Head]:
    """Objects of a bucket of both versions that expire earlier by new rules. AWS has one set of rules of a bucket."""
    bucket = find_first_referenced(after, new, "bucket", types=_BUCKETS) if new.type in _ROWS else None
    earlier = None if bucket is None else before.resources.get(bucket.urn)
    if bucket is None or earlier is None or earlier.inputs.get("lifecycleRules") or bucket.inputs.get("lifecycleRules"):
        return
    name = f"bucket {bucket.name}"
    old = next((old for old in removed if old.type == new.type and _find_name(old, before) == name), None)
    for row in _ROWS[new.type]:
        was = {} if old is None else _read_periods(old.inputs, row)
        yield from _list_heads(row, was, _read_periods(new.inputs, row), name)


def _is_of_row(name: str, row: Mapping[str, Any]) -> bool:
    plain = strip_members(name)
    if (root := row.get("rules")) is not None:
        first, _, inner = plain.partition(".")
        return first == root and inner.partition(".")[0] not in _NO_EXPIRATION and not inner.startswith(_UPLOADS)
    return any(path == plain or path.startswith(f"{plain}.") for path in (row["input"], row.get("if", row["input"])))


def _find_name(resource: Resource, graph: Graph) -> str:
    """The resource, or the bucket whose rules it has."""
    bucket = find_first_referenced(graph, resource, "bucket", types=_BUCKETS) if resource.type in _ROWS else None
    is_bucket = bucket is not None or resource.type in _BUCKETS
    return f"bucket {(bucket or resource).name}" if is_bucket else resource.name


def _read_periods(inputs: Mapping[str, Any], row: Mapping[str, Any]) -> Periods | None:
    """The periods of an input. 0 stands for data that is not kept; None if a value is secret or not known."""
    given = inputs.get(row.get("rules") or row["input"].partition(".")[0])
    if reveal_all(given) != given or UNKNOWN in collect_revealed_texts([given]):
        return None
    if "rules" not in row:
        value = _read_number(next(iter(list_values(inputs, row["input"])), row.get("default")))
        is_on = "if" not in row or list_values(inputs, row["if"]) == [True]
        return {Scope(): value if is_on and value else 0 if "off" in row else None}
    rules = [rule for rule in list_values(inputs, row["rules"]) if as_mapping(rule).get(row["if"]) in (True, "Enabled")]
    found: dict[Scope, Any] = {}
    for rule in rules:
        given = list_values(rule, row["input"]) + list_values(rule, row.get("date", "date"))
        for value in map(_read_number, given[:1]):
            scope = _read_scope(rule)
            known = found.get(scope, value)
            found[scope] = min(value, known) if isinstance(known, str) == isinstance(value, str) else value
    return found


def _read_number(value: Any) -> Any:
    """A number that the program may give as text; any other value as it is."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _read_scope(rule: Mapping[str, Any]) -> Scope:
    of_filter = as_mapping(rule.get("filter"))
    conditions = {**of_filter, **as_mapping(of_filter.get("and"))}
    tag = as_mapping(conditions.pop("tag", None))
    tags = {**as_mapping(rule.get("tags")), **as_mapping(conditions.pop("tags", None))}
    tags |= {tag["key"]: tag.get("value")} if "key" in tag else {}
    conditions["prefix"] = conditions.get("prefix") or rule.get("prefix") or None
    conditions |= {f"tag {key}": value for key, value in tags.items()}
    return Scope((key, value) for key, value in conditions.items() if value is not None and key != "and")


def _covers(wide: Scope, narrow: Scope) -> bool:
    """Whether each object of a scope is of another one."""
    inner = dict(narrow)
    return all(
        str(inner.get(key, "")).startswith(value) if key == "prefix" else inner.get(key) == value for key, value in wide
    )


def _list_heads(row: Mapping[str, Any], was: Periods | None, now: Periods | None, name: str) -> Iterator[Head]:
    """What is deleted earlier; nothing if that is not known of both versions."""
    if was is None or now is None:
        return
    for scope, period in now.items():
        before = [value for wide, value in was.items() if value is not None and _covers(wide, scope)]
        if period == 0 and "off" in row:
            if any(before):
                yield Head(Topic.UNPROTECTED, f"{name} ({row['off']})")
        elif period is not None and 0 not in before and _is_earlier(period, before, row):
            if "beyond" in row:
                yield Head(Topic.DATA_GONE, f"{name} ({row['beyond'].format(int(period))})")
            else:
                former = _describe_period(min(before), row).removeprefix("after ") if before else "never"
                yield Head(Topic.EARLIER, f"{name} ({row['what']} {_describe_period(period, row)}, before: {former})")


def _is_earlier(period: Any, before: Sequence[Any], row: Mapping[str, Any]) -> bool:
    """Whether it is shorter than all that were there. Of a number and a date, or of two attributes, nobody can tell."""
    are_numbers = all(isinstance(value, int | float) for value in (period, *before))
    are_dates = "rules" in row and all(isinstance(value, str) for value in (period, *before))
    return not before or ((are_numbers or are_dates) and period < min(before))


def _describe_period(period: Any, row: Mapping[str, Any]) -> str:
    if "unit" in row and not isinstance(period, str):
        return f"after {format_count(int(period), row['unit'])}"
    return f"on {period[:10]}" if "rules" in row else f"at the time in {period}"

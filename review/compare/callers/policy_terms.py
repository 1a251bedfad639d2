"""The statements of a policy, taken apart so that two policies can be compared value by value.

A statement that allows is the same as one for each combination of its principals, actions, resources and values of its
conditions. A statement that denies all but some values is a list of what callers may show.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

import itertools
import json
import math
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ...aws.catalog.tables import table
from ...aws.identity.callers import account_of, service_named
from ...aws.identity.iam import ROOT, glob, statements
from ...graph import UNKNOWN, Secret, revealed
from ...graph.addresses import network, share
from ...graph.graph import grouped
from ...graph.reading import CannotTell, MalformedDocument, items, mapping
from .points import Found, Pattern, Point, Points, Range, Sense, beyond

SECRET: Final = str(Secret(None))
_CALLS: Final = table("caller_inputs")["actions"]  # actions that call a backend, or open a session on a machine
_WORDS: Final = table("caller_inputs")["contextKeys"]
_OPERATORS: Final = table("caller_inputs")["operators"]
_IF_EXISTS: Final = "IfExists "  # ends an operator that also takes a request without the key
_ANY: Final = "ForAnyValue:"  # begins an operator of which one of several values is enough; most keys have one
_WHO: Final = ("Principal", "NotPrincipal")
_MOST: Final = 500  # combinations above which a statement is compared as a whole


class Statement(NamedTuple):
    """One combination of a statement's principals, actions, resources and values of its conditions."""

    parts: tuple[tuple[str, str], ...]
    limit: str = ""  # of a denial with one condition, the last part, for all but some values of its key: what these are
    values: tuple[tuple[Hashable, str], ...] = ()  # the values of a limit, each with how it is shown

    def covered(self, others: Collection[Hashable]) -> bool:
        """Whether others allow, or deny, all of it: perhaps several, each for some of its addresses."""
        wider = [statement for statement in others if isinstance(statement, Statement) and statement._includes(self)]
        if any(not statement._addresses() or {*statement._addresses()} <= {*self._addresses()} for statement in wider):
            return True
        ranges = [cidr for statement in wider for cidr in statement._addresses()]
        return bool(wider) and all(share(ranges, cidr) == 1 for cidr in self._addresses())

    def _addresses(self) -> list[str]:
        return [value for kind, value in self.parts if kind.startswith("IpAddress ") and network(value)]

    def _includes(self, other: "Statement") -> bool:
        """Whether each of its parts includes one of the other's. Addresses are compared together."""
        mine = [part for part in self.parts if not (part[0].startswith("IpAddress ") and network(part[1]))]
        same = {kind for kind, _ in self.parts if kind.startswith("IpAddress ")} <= {kind for kind, _ in other.parts}
        return same and all(any(_part_includes(part, its) for its in other.parts) for part in mine)

    def is_handed_to(self, others: Collection[Hashable], own: Collection[str]) -> bool:
        """Whether others hand to another account what this allows a principal of it: its own policies decide then."""
        # Of a permission, the principal is written without its kind.
        accounts = [(kind, account_of(value) if kind in ("Principal AWS", "Principal") else value)
                    for kind, value in self.parts]  # fmt: skip
        return all(value not in ("", *own) for _, value in accounts) and Statement((*accounts,)).covered(others)

    @property
    def is_for_anyone(self) -> bool:
        """Whether it is for everybody, without a condition."""
        principals = [value for kind, value in self.parts if kind.startswith("Principal")]
        rest = {kind for kind, _ in self.parts if not kind.startswith("Principal")}
        return "*" in principals and rest <= {"Action", "NotAction", "Resource", "NotResource", "qualifier"}

    def is_limit_for(self, other: "Statement") -> bool:
        """Whether it denies what another does but for its own list of values of the same key."""
        mine, its = (Statement(statement.parts[:-1]) for statement in (self, other))
        return bool(other.limit) and self.limit == other.limit and mine._includes(its)


def _alike(kind: str, value: str) -> Hashable:
    """A value of a list of exceptions, so that one that includes another is known as such."""
    if network(value):
        return Range(value)
    return Pattern(value) if "Like" in kind or "Arn" in kind or kind in ("NotAction", "NotResource") else value


def _part_includes(part: tuple[str, str], other: tuple[str, str]) -> bool:
    (kind, value), (its_kind, its_value) = part, other
    if kind.startswith(_ANY) or its_kind.startswith(_ANY):
        return _part_includes((kind.removeprefix(_ANY), value), (its_kind.removeprefix(_ANY), its_value))
    if value == "*" and its_kind.partition(" ")[0] == f"Not{kind.partition(' ')[0]}":
        return True
    if kind.startswith("Principal"):
        return its_kind.startswith("Principal") and (value == "*" or part == other)
    if _IF_EXISTS in kind:
        return _part_includes((kind.replace(_IF_EXISTS, " "), value), (its_kind.replace(_IF_EXISTS, " "), its_value))
    if kind != its_kind:
        # A text without wildcards is a case of one that has some.
        apart, key = {kind: value, its_kind: its_value}, kind.partition(" ")[2]
        equal, like = apart.get(f"StringEquals {key}"), apart.get(f"StringLike {key}")
        if equal is None or like is None:
            return False
        return glob(like, equal) if kind.startswith("StringLike ") else like == equal and not {"*", "?"} & {*equal}
    if kind.startswith("Not") or ("Not" in kind.split()[0] and " " in kind):
        # What the list names is left out: a shorter one leaves out less.
        lists = [json.loads(text) if isinstance(text, _Together) else [text] for text in (value, its_value)]
        mine, its = ({_alike(kind, value): value for value in values} for values in lists)
        return not beyond(mine, its)
    if kind == "Action":
        return glob(value.lower(), its_value.lower())
    wild = kind == "Resource" or kind.partition(" ")[0] in ("StringLike", "ArnLike", "ArnEquals")
    return value == its_value or (wild and glob(value, its_value))


EVERYBODY: Final = Statement((("Principal", "*"), ("Action", "execute-api:Invoke"), ("Resource", "*")))


def readable(policy: Any) -> list[Mapping[str, Any]] | None:
    """The statements of a policy; None if it is unknown, or none."""
    try:
        return [*statements(policy)]
    except (CannotTell, MalformedDocument):
        return None


def terms(subject: str, policy: Any, *, hidden: bool = False, arn: str = "") -> Iterator[Found]:
    """Points of a policy, or of an API's with this ARN; one not read is compared whole. `hidden`: marked as secret."""
    hidden, policy = hidden or holds_secret(policy), revealed(policy)
    read = readable(policy)
    if read is None:
        whole = "a policy that is not known" if policy is UNKNOWN else str(policy)
        yield Point(subject, "policy", Sense.EITHER), whole, ""
    for statement in read or ():
        allows = statement.get("Effect") == "Allow"
        limit, values = ("", ()) if allows else _exception(statement, hidden)
        if limit or concerns_callers(statement):
            words = ("", "denial") if any(_principals(statement, key) for key in _WHO) else ("right", "denied right")
            point = Point(subject, words[not allows], Sense.ADMITS if allows else Sense.ASKS)
            parts = [[_of_api(part, arn) for part in alternatives] for alternatives in parts_of(statement)]
            if math.prod(map(len, parts)) > _MOST:
                long = json.dumps(statement, sort_keys=True, default=str)
                yield Point(subject, "long statement", Sense.EITHER), long, ""
            else:
                for combination in itertools.product(*parts):
                    yield point, Statement(combination, limit, values), _shown(combination, hidden)


def _of_api(part: tuple[str, str], arn: str) -> tuple[str, str]:
    """A part of a policy, with one text for all of an API, and of its own policy for all that may be done to it."""
    if part[0] == "Resource" and part[1].removeprefix(arn).removeprefix("execute-api:") in ("/*", "/*/*", "/*/*/*"):
        return "Resource", "*"
    return ("Action", "execute-api:Invoke") if arn and part in (("Action", "*"), ("Action", "execute-api:*")) else part


def settle(point: Point, before: Points, after: Points) -> None:
    """Leaves of two states' denials what the other does not deny anyway; a limit becomes a point of its own."""
    was: dict[Any, str] = _merged(before.pop(point, {}))
    now: dict[Any, str] = _merged(after.pop(point, {}))
    _set_apart(was, now)
    key: Any
    fewer: list[Any] = beyond(was, now)
    more: list[Any] = beyond(now, was)
    limits: dict[tuple[Any, ...], list[Statement]] = {}
    for mine, others, left, here, there in ((was, now, more, before, after), (now, was, fewer, after, before)):
        for key in beyond(mine, others):
            near = [statement for statement in others if statement not in mine and statement.is_limit_for(key)]
            # Another denial may do what the values that only one of them has would.
            near = [other for other in near if other in left or not beyond(dict(key.values), dict(other.values))]
            kin = {statement: text for statement, text in others.items() if statement.covered([key])}
            apart = [statement for statement in left if statement.limit not in ("", key.limit) and key.limit]
            if any(Statement(statement.parts[:-1]).covered([Statement(key.parts[:-1])]) for statement in apart):
                # Whether callers by one endpoint are callers from one network, say, is not read.
                said = f"others than {key.limit} {_either([text for _, text in key.values])}"
                here.setdefault(point._replace(word="denial for", sense=Sense.EITHER), {})[said] = said
            elif len(near) == 1 or (key.limit and not kin):
                its = near[0].values if len(near) == 1 else ()
                lists = (key.values, its) if here is before else (its, key.values)
                limits.setdefault((key.limit, *lists), []).append(key)
            else:
                here.setdefault(point, {})[key] = mine[key]
                there.setdefault(point, {}).update(kin)
    for (limit, *pair), of in limits.items():
        word = f"{limit}{_place(of)}"
        while (limited := Point(point.subject, word, Sense.LIMITS)) in {**before, **after}:
            word += " (another)"
        before[limited], after[limited] = (dict(values) for values in pair)


def _set_apart(was: dict[Any, str], now: dict[Any, str]) -> None:
    """If two denials differ only in one list of exceptions, makes each a denial of all but the values of that list."""
    texts = {**was, **now}
    sides = ((was, now), (now, was))
    plain = [
        [one for one in beyond(*pair) if isinstance(one, Statement) and SECRET not in texts[one]] for pair in sides
    ]
    for denial, other in itertools.product(*plain):
        apart = {*denial.parts} ^ {*other.parts}
        listed = all(isinstance(value, _Together) and _is_exception(kind.partition(" ")[0]) for kind, value in apart)
        unlimited = not (denial.limit or other.limit) and denial in was and other in now
        if len(apart) == 2 and len(dict(apart)) == 1 and listed and unlimited:
            for side, key in ((was, denial), (now, other)):
                (last,) = apart & {*key.parts}
                operator, _, name = last[0].partition(" ")
                limit = _limit(operator, name, json.loads(last[1]), hidden=False)
                side[Statement((*(part for part in key.parts if part != last), last), *limit)] = side.pop(key)


def _merged(denials: Mapping[Any, str]) -> dict[Any, str]:
    """Denials of all but some values, with one of all but what they share in place of several that differ in these."""
    found = dict(denials)
    lists = [denial for denial in denials if any(isinstance(value, _Together) for _, value in denial.parts)]
    for one, other in itertools.combinations(lists, 2):
        pairs = [*zip(one.parts, other.parts, strict=False)]
        apart = [at for at, (mine, its) in enumerate(pairs) if mine != its]
        if len(one.parts) != len(other.parts) or len(apart) != 1 or ":" in one.parts[apart[0]][0].partition(" ")[0]:
            continue
        (kind, mine), (its_kind, its) = pairs[apart[0]]
        if kind == its_kind and isinstance(mine, _Together) and isinstance(its, _Together) and SECRET not in found[one]:
            a, b = ({_alike(kind, value): value for value in json.loads(text)} for text in (mine, its))
            every, alone = {**a, **b}, (beyond(a, b), beyond(b, a))
            if "ifexists" in kind.lower() or all(any({*every[key]} & {*"*?"} for key in keys) for keys in alone):
                continue  # patterns may share what neither includes
            shared = {key: text for key, text in every.items() if key not in itertools.chain(*alone)}
            texts = sorted(shared.values())
            everything = () if " " in kind and "Principal" not in kind else ((kind[3:].partition(" ")[0], "*"),)
            instead = ((kind, _Together(json.dumps(texts))),) if texts else everything
            parts = (*one.parts[: apart[0]], *instead, *one.parts[apart[0] + 1 :])
            limit = one.limit if texts else ""
            both = Statement(parts, limit, tuple(sorted(shared.items(), key=str)) if limit else ())
            rest = {statement: text for statement, text in found.items() if statement not in (one, other)}
            return _merged({**rest, both: _shown(parts, hidden=False)})
    return found


def _place(limits: Sequence[Statement]) -> str:
    """What limits are of, ` for anyone (sqs:SendMessage)`; empty for everybody and every call of an API."""
    alternatives = zip(*(limit.parts[:-1] for limit in limits), strict=True)
    together = [(parts[0][0], _either(sorted({value for _, value in parts}))) for parts in alternatives]
    plain = dict(together)
    whole = "*" in (plain.get("Principal"), plain.get("Principal AWS")) and plain.get("Action") == "execute-api:Invoke"
    return "" if whole else f" for {_shown(together, hidden=False)}"


def _exception(statement: Mapping[str, Any], hidden: bool) -> tuple[str, tuple[tuple[Hashable, str], ...]]:
    """The condition key of a denial for all but some of its values, in words, and these; nothing for another denial."""
    conditions = _conditions(statement)
    if len(conditions) != 1 or not _is_exception(conditions[0][0]):
        return "", ()
    operator, key, values = conditions[0]
    return _limit(operator, key, sorted(map(str, items(values))), hidden)


def _is_exception(operator: str) -> bool:
    """Whether a condition holds for all but its values."""
    return operator not in ("NotPrincipal", "NotAction", "NotResource") and "Not" in operator and ":" not in operator


def _limit(
    operator: str, key: str, values: Sequence[str], hidden: bool
) -> tuple[str, tuple[tuple[Hashable, str], ...]]:
    how = "" if operator in ("NotIpAddress", "StringNotEquals") else f" ({operator})"
    return f"{_WORDS.get(key.lower(), key)}{how}", tuple((_alike(operator, v), SECRET if hidden else v) for v in values)


def _conditions(statement: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    written = mapping(statement.get("Condition")).items()
    return [(operator, key, values) for operator, block in written for key, values in mapping(block).items()]


def _principals(statement: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    written = statement.get(key)
    if not isinstance(written, Mapping):
        return [(key, str(principal)) for principal in items(written)]
    # An account and its root are the same principal, and so is Step Functions with its region and without.
    principals = ((kind, ROOT.sub(r"\1", str(name))) for kind, values in written.items() for name in items(values))
    return [(f"{key} {kind}", service_named(name) if kind == "Service" else name) for kind, name in principals]


def concerns_callers(statement: Mapping[str, Any]) -> bool:
    """Whether it is about principals beside AWS's own services, or, of a role, about calls."""
    named = [principal for key in _WHO for principal in _principals(statement, key)]
    if named:
        services = all(kind.endswith(" Service") for kind, _ in named)
        # A service that assumes a role calls nothing by that; elsewhere, other accounts may use it without a condition.
        return not services or "sts:AssumeRole" not in items(statement.get("Action"))
    stems = [str(action).lower().partition("*")[:2] for action in items(statement.get("Action"))] or [("", "*")]
    return any(stem.startswith(call) or (wild and call.startswith(stem)) for stem, wild in stems for call in _CALLS)


def parts_of(statement: Mapping[str, Any]) -> list[list[tuple[str, str]]]:
    """The alternatives of each part of a statement, of which every combination is a statement of its own."""
    lists: list[list[tuple[str, Any]]] = []
    lists += [principals] if (principals := _principals(statement, "Principal")) else []
    # All of a negated list holds together.
    apart = grouped(_principals(statement, "NotPrincipal"))
    lists += [[(kind, _Together(json.dumps(sorted(names))))] for kind, names in apart.items()]
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        names = sorted(str(name) for name in items(statement.get(key)))
        together = [_Together(json.dumps(names))] if key.startswith("Not") else names
        lists += [[(key, name) for name in together]] if names else []
    for operator, key, values in _conditions(statement):
        names = sorted(map(str, items(values)))
        whole = "Not" in operator or operator.startswith("ForAll")
        lists.append([(f"{operator} {key}", name) for name in ([_Together(json.dumps(names))] if whole else names)])
    return lists


def single(statement: Mapping[str, Any]) -> set[tuple[tuple[str, str], ...]]:
    """Statements of one alternative of each part, in whichever order and form they are written."""
    return {*itertools.product(*parts_of(statement))}


class _Together(str):
    """A list that holds together, as JSON. A policy's own text may look like one."""


def _either(values: Sequence[str]) -> str:
    """Several texts, or those of a list that holds together, as one: `a or b`."""
    return " or ".join(one for text in values for one in (json.loads(text) if isinstance(text, _Together) else [text]))


def _shown(parts: Sequence[tuple[str, str]], hidden: bool) -> str:
    """`123456789012 (execute-api:Invoke, if aws:SourceVpce is vpce-1)`."""
    who, conditions, rest = [], [], []
    for kind, value in parts:
        own = kind == "Action" or value == "*" or kind.endswith(" Service")
        text = SECRET if hidden and not own else _either([value]).replace("arn:aws:iam::cloudfront:user/", "")
        operator, _, key = kind.partition(" ")
        text = "every action" if kind == "Action" and value == "*" else text
        text = f"all but {text}" if operator in ("NotPrincipal", "NotAction", "NotResource") else text
        if operator in ("Principal", "NotPrincipal"):
            who.append("anyone" if text == "*" else text)
        elif key:
            conditions.append(f"if {key} {_OPERATORS.get(operator, operator)} {text}")
        elif kind != "Resource" or value not in ("*", "execute-api:/*"):
            rest.append(text)
    # Conditions tell one statement from another.
    rest = [*conditions, *rest]
    return f"{who[0]} ({', '.join(rest)})" if who and rest else (who or [", ".join(rest)])[0]


def holds_secret(value: Any) -> bool:
    """Whether a value, or a part of it, is marked secret."""
    return value is not UNKNOWN and revealed(value) is not value

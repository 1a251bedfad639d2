"""Who may call: the calls of each API by the order on their callers, with what came and went."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import make_token
from ..callers.calls import Way, find_way, list_calls
from ..callers.order import Change, Order, admits_nobody, combine, is_open, list_changes
from ..facts.route_paths import PROXY_PART, name_below
from ..facts.statements import OWN_ACCOUNT
from ..ledger.ledger import Claim
from ..ledger.ways import Way as Effect
from ..reach.inbound import Inbound
from ..reach.open_calls import read_acknowledged
from ..reach.statements import Part
from ..reach.ways import complete_needs
from .facts import Facts, Later, find_unstated, pair_parts
from .lines import Line, Sign, Topic
from .resources import Resources

Call = tuple[str, str]
Needs = Mapping[str, Any]
_TOPICS: Final = {
    Order.MORE: Topic.MORE,
    Order.FEWER: Topic.FEWER,
    Order.OTHER: Topic.OTHER,
    Order.UNKNOWN: Topic.CANNOT,
}
_SIGNS: Final = {Topic.ADDS: Sign.NEW, Topic.OPENS: Sign.NEW, Topic.REMOVES: Sign.GONE}
_FAILING: Final = (Topic.OPENS, Topic.MORE, Topic.OTHER)
_KINDS: Final = {"iam": "IAM", "jwt": "JWT", "cognito": "Cognito", "lambda": "authorizer"}
_WHOLE: Final = {"certificate": "truststore", "signature": "scheme", "firewall": "requestsPerFiveMinutes"}
"""Needs that come and go as a whole, with the member by which that is known."""
_REASONS: Final = {
    "authorizer": "only its function knows whom it admits",
    "certificate": "whose certificates the truststore has is not known",
}
_NOT_KNOWN: Final = "a value is not known before the deployment, or is written in another form"

_OWN: Final = "its own address"
_KEY: Final = make_token("apigateway.ApiKey")


@dataclass(frozen=True)
class Version:
    """An API in one version."""

    part: Part | None
    needs: Callable[[Way], Needs]
    doubt: str
    """Why its statement may be wrong; empty if nothing is known to change it."""
    public: Mapping[str, str]
    """Reasons by the calls that may be open."""
    is_only: bool
    """Whether the stack has no other API."""

    def find_way(self, call: Call) -> Way | None:
        return None if self.part is None else find_way(self.part.statement, *call)

    def find_needs(self, call: Call) -> Needs | None:
        """All that a call needs; None if nobody may make it."""
        way = self.find_way(call)
        needs = None if way is None else self.needs(way)
        return None if needs is None or admits_nobody(needs) else needs

    def find_entry(self, call: Call) -> str:
        """The entry of `protection.acknowledgePublic` for a call."""
        way = self.find_way(call)
        if self.part is None or way is None:
            return ""
        name = next(key for key, each in self.part.get_map("ways").items() if each is way)
        name = name if call[1] == name.partition(" ")[2] else name_below(name)  # paths below are meant apart
        return name if self.is_only else f"{name} of {self.part.name}"


def list_caller_lines(before: Facts, after: Facts, later: Later, resources: Resources) -> Iterator[Line]:
    """A line for the calls of an API whose callers differ alike."""
    unstated = find_unstated(before, after, later)
    for old, new in pair_parts(before, after, later):
        part = new or old
        if part is None:
            continue
        if later.find_urn(part.resource.urn) in unstated:
            text = f"{part.name}: its statement was changed, or is of another version of the package"
            yield Line(topic=Topic.CANNOT, subject=text, place=text, resources=(part.resource.urn,))
            continue
        if part.kind != "ApiFront":
            continue
        changed = {each.new.urn for each in resources.changes if each.inputs and each.new.type in types.FUNCTION}
        versions = _read_version(before, old, later), _read_version(after, new, Later(), changed)
        yield from _list_api_lines(*versions, part)
        yield from _list_addresses(*versions)
    yield from _list_replaced(resources)


def _read_version(facts: Facts, part: Part | None, later: Later, changed: Set[str] = frozenset()) -> Version:
    """An API in one version. `changed` are resources that differ: an authorizer with other code may admit others."""
    inbound, statements = Inbound(facts.reach.statements), facts.reach.statements

    def build(way: Way) -> Needs:
        assert part is not None, "a way is of an API"
        needs = complete_needs(part, way, inbound.find_checks(part, way))
        if part.get("kind") == "private":
            needs.setdefault("through", {"vpcs": {"any VPC": True}})
        gate = needs.get("caller", {}).get("lambda", {})
        owners = filter(None, statements.list_owners(gate.get("function")))
        if any(not changed.isdisjoint(statements.list_members(owner)) for owner in owners):
            needs["caller"] = {"lambda": {**gate, "code": "another"}}
        translated: Needs = later.translate(needs)
        return translated

    apis = statements.list_of("ApiFront")
    doubt = "" if part is None else _find_doubt(facts, part)
    return Version(part, build, doubt, read_acknowledged(facts.graph), len(apis) == 1)


def _find_doubt(facts: Facts, api: Part) -> str:
    """Why what an API, or the forwarder behind it, checks may differ from its statement."""
    statements = facts.reach.statements
    behind = filter(None, (statements.find(to.get("function")) for to in api.get_map("to").values()))
    members = frozenset[str]().union(*map(statements.list_members, (api, *behind)))
    return facts.reach.ledger.vouch(Claim("who may call", {Effect.REPLACES: members})).reason


def _list_api_lines(old: Version, new: Version, part: Part) -> Iterator[Line]:
    if new.doubt and new.doubt != old.doubt:
        subject = f"who may call {part.name} ({new.doubt})"
        yield Line(topic=Topic.CANNOT, subject=subject, place=subject, resources=(part.resource.urn,))
    alike: dict[tuple[Topic, str, str], list[Call]] = {}
    for call in dict.fromkeys(call for side in (old, new) if side.part for call in list_calls(side.part.statement)):
        topic, atoms = judge(old.find_needs(call), new.find_needs(call))
        if topic is None:
            continue
        reason = new.public.get(new.find_entry(call)) if topic is Topic.OPENS else None
        if topic in (Topic.FEWER, Topic.REMOVES) and new.doubt:
            topic, atoms = Topic.CANNOT, f"{atoms}: {new.doubt}".removeprefix(": ")
        meant = "" if reason is None else reason or "protection.acknowledgePublic"
        alike.setdefault((topic, atoms, meant), []).append(call)
    for (topic, atoms, meant), calls in alike.items():
        place = f"{format_calls(calls)} of {part.name}{f' ({atoms})' if atoms else ''}"
        yield Line(
            topic=topic,
            sign=_SIGNS.get(topic, Sign.CHANGED),
            subject=place,
            place=place,
            fails=topic in _FAILING and not meant,
            routes=frozenset(map(new.find_entry, calls)) if topic is Topic.OPENS else frozenset(),
            reason=meant,
            resources=(part.resource.urn,),
        )


def judge(old: Needs | None, new: Needs | None) -> tuple[Topic | None, str]:
    """What differs for the callers of a call, with what came and went; no topic if nothing does."""
    if old == new:
        return None, ""
    if old is None or new is None:
        return Topic.REMOVES if new is None else Topic.OPENS if is_open(new) else Topic.ADDS, ""
    changes = [each for each in list_changes(old, new) if not _is_same(each, old, new)]
    order = combine(each.order for each in changes)
    if order is Order.EQUAL:
        return None, ""
    atoms = ", ".join(atom for each in changes for atom in list_atoms(each))
    if is_open(new) and not is_open(old):
        return Topic.OPENS, atoms
    if order is Order.UNKNOWN:
        reasons = (_REASONS.get(each.need, _NOT_KNOWN) for each in changes if each.order is Order.UNKNOWN)
        atoms = f"{atoms}: {next(reasons)}"
    return _TOPICS[order], atoms


def _is_same(change: Change, old: Needs, new: Needs) -> bool:
    """Whether a value that nobody knows is that of the same resource or config in both versions."""
    same = change.order is Order.UNKNOWN and {*change.came} == {*change.went}
    return same and (change.need != "authorizer" or old.get("caller") == new.get("caller"))


def list_atoms(change: Change) -> Iterator[str]:
    """`+ account 333344445555`, `− scope orders/read`."""
    if change.came == change.went:
        yield from (f"{change.need} {member} differs" for member in change.came)
        return
    for sign, members in (("+", change.came), ("−", change.went)):
        if _WHOLE.get(change.need) in members:
            yield f"{sign} {change.need}"
        else:
            yield from (f"{sign} {_describe_member(change.need, member)}" for member in members)


def _describe_member(need: str, member: str) -> str:
    match need:
        case "caller":
            return _KINDS.get(member, member)
        case "account":
            return "this account" if member == OWN_ACCOUNT else f"account {member}"
        case "entry":
            return member
        case _:
            return f"{need} {member}"


def format_calls(calls: Iterable[Call]) -> str:
    """`GET POST /orders (and below)`."""
    methods: dict[str, list[str]] = {}
    for method, path in calls:
        methods.setdefault(path, []).append(method)
    words = []
    for path, own in methods.items():
        above = path.removesuffix(f"/{PROXY_PART}") or "/"
        below = name_below(path)
        if above == path or methods.get(above) != own:
            words.append(f"{' '.join(sorted(own))} {path}{' (and below)' * (methods.get(below) == own)}")
    return ", ".join(words)


def _list_addresses(old: Version, new: Version) -> Iterator[Line]:
    """Addresses of an API that come and go. Its own one, beside a domain, passes by what guards the domain."""
    if old.part is None or new.part is None:
        return
    was, now = ([*_name_addresses(side.part)] for side in (old, new) if side.part is not None)
    name, urns = new.part.name, (new.part.resource.urn,)
    stays = [each for each in now if each in was]
    for address in now:
        if address.startswith(_OWN) and address not in was and stays:
            subject = f"{address} of {name} beside {', '.join(stays)}: whatever guards the domain does not guard it"
            place = f"{address} of {name}"
            yield Line(topic=Topic.ADDRESS, sign=Sign.NEW, subject=subject, place=place, fails=True, resources=urns)
        elif address not in was:
            words = "Adds an address: {}"
            yield Line(topic=Topic.ADDS, sign=Sign.NEW, subject=f"{address} of {name}", words=words, resources=urns)
    for address in was:
        if address not in now:
            words = "Removes an address: {}"
            yield Line(topic=Topic.REMOVES, sign=Sign.GONE, subject=f"{address} of {name}", words=words, resources=urns)


def _name_addresses(api: Part) -> Iterator[str]:
    if api.get("at", "own"):
        yield _OWN + (" (HTTP API)" if api.get("kind") == "http" else "")  # of another API than that of a REST API
    for key in ("domain", "privateDomain"):
        if domain := api.get_map("at", key):
            yield "/".join(str(domain[part]) for part in ("name", "basePath") if part in domain)


def _list_replaced(resources: Resources) -> Iterator[Line]:
    """APIs that are replaced, and keys that get another value: who has the old one may no longer call."""
    for change in resources.changes:
        is_named = change.new.type in types.STAGES and any(part.name in ("stageName", "name") for part in change.inputs)
        if change.replacing and (change.new.type in types.APIS or is_named):
            words = "Changes the address of an API: {}"
            yield Line(topic=Topic.REMOVES, subject=change.new.name, words=words, resources=(change.new.urn,))
        has_other = change.replacing or any(part.name == "value" for part in change.inputs)
        if change.new.type == _KEY and has_other:
            subject = f"another value of the API key {change.new.name}"
            urns = (change.new.urn,)
            yield Line(topic=Topic.OTHER, subject=subject, place=subject, fails=True, resources=urns)

"""Names that lead nowhere after an update: records, services of Cloud Map, outputs, and what others call by text."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..aws.network.dns import names_of, registry_name
from ..graph import Graph, Origin, Resource
from ..graph.given import held
from ..graph.graph import texts
from ..graph.prose import listed
from ..graph.reading import mapping, output, spread, text
from ..graph.shown import shown
from .engine.side import Side
from .engine.update import Update

_CALLED: Final = ("A", "AAAA", "CNAME", "MX", "NS", "SRV")
_OUTPUTS: Final = table("interruptions")["called"]  # by type, the output by which it is called, and a word for that

ACCOUNT: Final = re.compile(r"(?<=:)\d{12}(?=:)")  # in an ARN: which account a stack is in is not known here


def readdressed(update: Update) -> dict[str, str]:
    """Sentences on what is replaced, and gets another name by which callers outside the program call it, by old URN."""
    sentences = dict[str, str]()
    for old, new in update.superseded:
        key, word = _OUTPUTS.get(old.type, ("", ""))
        was, now = (text(output(resource, key)) for resource in (old, new))
        if key and was and (was != now or was in update.renewals.get(new.urn, ())):
            sentences[old.urn] = f"{new.name} has another {word}: who uses the old one fails"
    return sentences


def still_named(update: Update, after: Side) -> Iterator[str]:
    """A sentence on what names a resource by a text that was its ARN, or its name, and is so no longer."""
    lasting = {text(output(resource, "arn")) for resource in after.graph}
    for old, new in update.superseded:
        arn, name = text(output(old, "arn")), text(held(old, "name"))
        own = arn_of(old) if arn not in {*lasting, text(output(new, "arn"))} else None
        other = name if name != text(held(new, "name")) else ""
        ours = (its for its in after.graph if its.custom and its.urn != new.urn and its.type not in types.PERMISSION)
        if names := dict.fromkeys(f"{user.name} ({user.kind})" for user in ours if _names(user, own, other, old.kind)):
            was = f"{name or arn.rpartition(':')[2]}, the old name of {new.name} ({new.kind})"
            yield f"{listed(names)} still name{'s' * (len(names) == 1)} {was}"


def arn_of(resource: Resource) -> re.Pattern[str]:
    """Its ARN in any account, perhaps with a version, an alias or a part behind it."""
    written = re.escape(text(output(resource, "arn")))
    return re.compile(ACCOUNT.sub(r"\\d{12}", written) + r"(?![\w.-])" if written else "(?!)")


def _names(resource: Resource, arn: re.Pattern[str] | None, name: str, kind: str) -> bool:
    """Whether an input has an ARN, or a name of this kind where CloudWatch, Auto Scaling or ECS expects one."""
    if arn is not None and any(map(arn.search, texts(resource.inputs))):
        return True
    expected = kind == "Service" and text(held(resource, "resourceId")).endswith(f"/{name}")
    if kind == "LogGroup":
        expected = any(map(re.compile(rf'awslogs-group"\W+{re.escape(name)}"').search, texts(resource.inputs)))
    return bool(name) and (expected or mapping(held(resource, "dimensions")).get(f"{kind}Name") == name)


def vanished_names(update: Update, before: Side, after: Side) -> Iterator[str]:
    """A sentence for each name that goes with what is deleted or replaced, and that nothing else has then."""
    resolved = {(name, held(dns_record, "type")) for dns_record in after.graph.of_type(*types.DNS_RECORD)
                for name in names_of(after.graph, dns_record)}  # fmt: skip
    sets = {(held(record, "name"), held(record, "setIdentifier")) for record in after.graph.of_type(*types.DNS_RECORD)}
    gone = {resource.urn for resource in update.deleted}
    for record in (record for record in update.deleted if record.type in types.DNS_RECORD):
        name, kind = held(record, "name"), held(record, "type")
        said = f"{shown(name or record.name)} ({kind})"  # one without a name has that of its zone
        # A name with an underscore proves who owns a domain: nobody calls it.
        called = kind in _CALLED and not str(name).startswith("_")
        goes_on = {*itertools.product(names_of(before.graph, record), _CALLED if kind == "CNAME" else (kind, "CNAME"))}
        if called and not goes_on & resolved:
            yield f"{said} no longer resolves: calls by it end"
        elif called and (by := held(record, "setIdentifier")) is not None and (name, by) not in sets:
            yield f"{said} is answered by its other records, without {record.name}"
        elif not (called or goes_on & resolved or gone & {*record.dependencies}):
            yield f"{said} no longer resolves: a proof or a permission in it ends"
    for name, kind in sorted({*_registered(before.graph, update.deleted)} - {*_registered(after.graph, after.graph)}):
        yield f"{name}{f' ({kind})' if kind else ''} is no longer found in Cloud Map: calls by it end"


def _registered(graph: Graph, services: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    """Names in Cloud Map with the types of their records; empty for those that are found by an API call alone."""
    for resource in (service for service in services if service.type in types.CLOUD_MAP_SERVICE):
        kinds = spread(resource.inputs, "dnsConfig", "dnsRecords", "type")
        yield from ((registry_name(graph, resource), text(kind)) for kind in [*kinds] or [""])


def vanished_outputs(before: Graph, after: Graph) -> Iterator[str]:
    """A sentence on outputs that the program no longer has. A plan or a state may leave some out."""
    if before.origin is after.origin is Origin.PROGRAM:
        for key in _missing(before.exports, after.exports):
            yield f"{key} is no longer an output: stacks and tools that read it get nothing"


def _missing(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Keys, and keys within them, of which the second has no value."""
    for key, value in was.items():
        other = now.get(key)
        if value is not None and other is None:
            yield key
        elif isinstance(value, Mapping) and isinstance(other, Mapping):
            yield from (f"{key}.{inner}" for inner in _missing(value, other))

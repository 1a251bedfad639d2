"""The ARNs by which a policy may name a function: the evaluation made some of their parts up."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog.naming import name_pattern
from ..graph import Graph, Origin, Resource, reveal_all
from ..graph.reading import MalformedDocument, as_list, as_text, get_output, parse_document

_ACCOUNT: Final = re.compile(r"(?<=:)(?=[*?]*\d)[\d*?]+(?=:)|\b\d{12}\b")
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_NAMED: Final = re.compile(r"function:([\w*?-]+)(?::([\w$*?-]+))?")
"""The name and the version or alias in the ARN of a function."""
_SUFFIX: Final = re.compile(r"[0-9a-f]{0,7}")
"""What Pulumi puts behind the name of a resource, or the end of it."""


def list_arns(graph: Graph, function: Resource, document: Any) -> Iterator[str]:
    """ARNs of a function and of its versions, as far as the document can tell them apart.

    What is made up is replaced by what the document has in its place. A pattern matches itself, so one with wildcards
    is kept as it is.
    """
    parts = as_text(get_output(function, "arn")).split(":")
    if len(parts) != 7:
        yield "*"
        return
    text = _write(document)
    is_elsewhere = _has_own_provider(function)
    is_certain = _is_account_certain(graph) and not is_elsewhere
    accounts = {parts[4], *(() if is_certain else _ACCOUNT.findall(text))}
    regions = {parts[3], *(_REGION.findall(text) if is_elsewhere else ())}
    written = [match.groups() for match in _NAMED.finditer(text)]
    names = {parts[6], *(name for name, _ in written if _may_be_named(graph, function, name))}
    versions = {"", "$LATEST", *(version for _, version in written if version)}
    for region, account, name, version in itertools.product(regions, accounts, names, versions):
        yield ":".join([*parts[:3], region, account, parts[5], name, *filter(None, [version])])


def _write(document: Any) -> str:
    """The document as one text, in which no letter is escaped."""
    try:
        return json.dumps(parse_document(document, "the policy"), ensure_ascii=False, default=str)
    except MalformedDocument:
        return ""


def _has_own_provider(function: Resource) -> bool:
    """Whether another provider than that of the stack's config creates it, perhaps in another account or region."""
    name = function.provider.rpartition("::")[0].rpartition("::")[2]
    return bool(name) and not name.startswith("default")


def _is_account_certain(graph: Graph) -> bool:
    """Whether the account of a made-up ARN is the one in which the stack is."""
    if graph.origin is not Origin.PROGRAM:
        return bool(graph.account)
    return [str(account) for account in as_list(reveal_all(graph.config.get("aws:allowedAccountIds")))] == [
        graph.account
    ]


def _may_be_named(graph: Graph, function: Resource, pattern: str) -> bool:
    """Whether a function without a name of its own may get one that fits the pattern: its beginning is known."""
    made = name_pattern(graph, function)
    if graph.origin is not Origin.PROGRAM or not made.endswith("*"):
        return False
    beginning = made.removesuffix("*")
    first, *others = re.split(r"[*?]+", pattern)
    if not beginning:
        return True
    if not first.startswith(beginning):
        return bool(others) and beginning.startswith(first) and _is_end(others[-1])
    return _is_end(first.removeprefix(beginning)) and all(map(_is_end, others))


def _is_end(text: str) -> bool:
    return _SUFFIX.fullmatch(text[-7:]) is not None

"""Callers that a load balancer takes no requests from: by its web ACL, and by its listener's rules."""

from dataclasses import replace

from ..aws.catalog import types
from ..aws.gateway.listener_rules import source_ranges
from ..aws.gateway.web_acls import admits_nobody, only_from
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Resource
from ..graph.addresses import is_internet_wide
from ..graph.answers import YES, Answer, in_a_row, refuse
from ..graph.given import given
from ..graph.prose import few
from ..graph.reading import first, naming
from .path import INTERNET, PartialPath


def firewall(model: AwsModel, balancer: Resource) -> tuple[str, Answer, tuple[str, ...]]:
    """A word for the web ACL of a load balancer, whether it blocks every caller, and the ranges that it admits only."""
    links = naming(model.graph, balancer, types.ACL_ASSOCIATION, "resourceArn")
    found = [first(model.graph, link, "webAclArn", types=types.WEB_ACL) for link in links]
    acls = [acl for acl in found if acl is not None]
    ranges = only_from(model.graph, acls[0]) if len(acls) == 1 else ()
    return "WAF" if links else "", in_a_row(*(blocked(acl) for acl in acls)), ranges


def only(partial: PartialPath, ranges: tuple[str, ...]) -> PartialPath:
    """A path of strangers from these addresses, if there are any."""
    named = bool(ranges) and partial.source == INTERNET
    return replace(partial, source=f"{few(ranges)} ({INTERNET})") if named else partial


def blocked(acl: Resource) -> Answer:
    """Whether a web ACL blocks every caller."""
    if not admits_nobody(acl):
        return YES
    because = [given(acl, key).ground() for key in ("defaultAction", "rules")]
    return refuse(f"{acl.name} blocks every caller", because)


def narrowed(model: AwsModel, partial: PartialPath, listener: Resource, group: Resource) -> PartialPath:
    """A path from the addresses from which the rules of a listener forward strangers to a target group."""
    holders = [one for one in model.balancers.holders(listener) if group in model.balancers.groups_of([one])]
    found = [source_ranges(one) for one in holders]
    if partial.source != INTERNET or None in found:
        return partial
    ranges = list(dict.fromkeys(value for one in found for value in one or ()))
    if UNKNOWN in ranges:
        return partial.doubted(f"which addresses the rules of {listener.name} take requests from")
    return partial if is_internet_wide(ranges) else only(partial, tuple(map(str, ranges)))

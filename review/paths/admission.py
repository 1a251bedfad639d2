"""Callers that a web ACL lets no requests of pass."""

from dataclasses import replace

from ..aws.catalog import types
from ..aws.gateway.web_acls import (
    admits_by_address_only,
    admits_nobody,
    blocks_requests,
    describe_rules,
    list_admitted_ranges,
)
from ..aws.model.model import AwsModel
from ..graph import Resource
from ..graph.addresses import ANYWHERE, covers, parse_network
from ..graph.answers import YES, Answer, any_of, combine_answers, refuse
from ..graph.evidence import get_deployed_input, make_input_evidence
from ..graph.prose import abbreviate_names
from ..graph.reading import find_first_referenced, find_referring
from .path import BY_ADDRESS, INTERNET, PartialPath


def apply_firewall(model: AwsModel, partial: PartialPath, guarded: Resource) -> tuple[str, PartialPath]:
    """A word for the web ACL of a load balancer, an API or a distribution, and a path as far as that lets it pass."""
    links = [(link, "webAclArn") for link in find_referring(model.graph, guarded, types.ACL_ASSOCIATION, "resourceArn")]
    links += [(guarded, "webAclId")] * (get_deployed_input(guarded, "webAclId") not in (None, ""))
    resources = [find_first_referenced(model.graph, link, key, types=types.WEB_ACL) for link, key in links]
    acls = [acl for acl in resources if acl is not None]
    passed = (
        restrict_sources(partial, acls[0], list_admitted_ranges(model.graph, acls[0])) if len(acls) == 1 else partial
    )
    # It requires nothing else of the callers that it admits by address.
    rules = "; ".join(dict.fromkeys(filter(None, (describe_rules(model.graph, acl) for acl in acls))))
    word = f"WAF: {rules}" if rules else "WAF"
    if passed is not partial and admits_by_address_only(acls[0]):
        word = f"WAF{BY_ADDRESS}"
    something = any_of(None if acl is None else blocks_requests(acl) for acl in resources)
    passed = passed.add_doubts(f"what the web ACL of {model.names.find(guarded)} blocks" * (something is None))
    return word if something else "", passed.add_answer(combine_answers(*(check_web_acl(acl) for acl in acls)), guarded)


def restrict_sources(partial: PartialPath, by: Resource, ranges: tuple[str, ...]) -> PartialPath:
    """The path for callers from these ranges only. Unchanged if there are no ranges, or the source is no range."""
    source = partial.source.removesuffix(f" ({INTERNET})")
    had = partial.admitted_ranges or (ANYWHERE if source == INTERNET else (source,))
    if not ranges or parse_network(had[0]) is None:
        return partial
    both = [own if covers(other, own) else other for own in had for other in ranges if covers(own, other) is not False]
    if not both:
        because = [
            make_input_evidence(by, key) for key in ("defaultAction", "defaultActions", "rules") if key in by.inputs
        ]
        return partial.add_answer(refuse(f"{by.name} admits nobody from {abbreviate_names(had)}", because), by)
    named = tuple(dict.fromkeys(both))
    return replace(partial, source=f"{abbreviate_names(named)} ({INTERNET})", admitted_ranges=named)


def check_web_acl(acl: Resource) -> Answer:
    """Whether a web ACL blocks every caller."""
    if not admits_nobody(acl):
        return YES
    return refuse(
        f"{acl.name} blocks every caller", [make_input_evidence(acl, key) for key in ("defaultAction", "rules")]
    )

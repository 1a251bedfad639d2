"""What callers need elsewhere than at an API: domains, listeners, groups of untraced resources, and policies."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.tables import table
from ...aws.gateway.listener_rules import FOLDED
from ...aws.gateway.web_acls import blocks
from ...aws.identity import public_access
from ...aws.identity.managed_policies import document
from ...aws.model.model import AwsModel
from ...aws.network.dns import plain_name
from ...aws.network.endpoints import service_of
from ...aws.network.load_balancers import actions, answers_itself, client_certificates, sign_in
from ...aws.network.tls import oldest_version
from ...graph import UNKNOWN, Resource, Secret, revealed
from ...graph.given import held, is_declared
from ...graph.graph import texts
from ...graph.reading import first, items, mapping, naming, output, pointed, text, within
from ...graph.shown import shown
from ...reach.path import Ports
from ..engine.side import Changed
from .points import WHERE, Countries, Found, Pattern, Point, Range, Sense, each
from .policy_terms import SECRET, Statement, holds_secret, terms

_TABLE: Final = table("caller_inputs")
POLICIES: Final[list[str]] = _TABLE["policies"]
_ATTACHMENTS: Final = tuple(f"aws:iam/{one.lower()}PolicyAttachment:{one}PolicyAttachment" for one in ("User", "Group"))
_LIMITS: Final[list[str]] = _TABLE["permissionLimits"]
"""Inputs of a permission that say for which calls of its principal it is; a reader needs no values of the last two."""


def others(model: AwsModel) -> Iterator[Found]:
    graph = model.graph
    for domain in graph.of_type(*types.DOMAINS):
        name = text(held(domain, "domainName")) or domain.name
        yield Point(name, "conditions", Sense.DETAIL), True, ""
        for security in (domain.inputs, *items(held(domain, "domainNameConfiguration"))):
            yield from _tls(name, items(within(security, "securityPolicy")))
        if held(domain, "mutualTlsAuthentication") is not None:
            yield from each(Point(name, "client certificate", Sense.ASKS), ["of the truststore"])
    for distribution in graph.of_type(*types.DISTRIBUTION):
        yield from _tls(distribution.name, items(held(distribution, "viewerCertificate", "minimumProtocolVersion")))
    served = {plain_name(held(domain, "domainName")) for domain in graph.of_type(*types.DOMAINS)} - {""}
    for record in graph.of_type(*types.DNS_RECORD):
        name = plain_name(held(record, "name"))
        if name in served and held(record, "type") in ("A", "AAAA", "CNAME"):
            target = [within(one, "name") for one in items(held(record, "aliases"))] + items(held(record, "records"))
            kind, zone = held(record, "type"), held(record, "zoneId")
            yield from ((Point(name, "DNS record", Sense.ADMITS), f"{kind} {zone} {one}", str(kind)) for one in target)
    for link in graph.of_type(*types.ACL_ASSOCIATION):
        guarded = first(graph, link, "resourceArn", types=())
        if guarded is None or guarded.type not in types.REST_STAGE:
            acl = named_as(first(graph, link, "webAclArn", types=()), held(link, "webAclArn"))
            yield from each(Point(named_as(guarded, held(link, "resourceArn")), "web ACL", Sense.ASKS), [acl])
    yield from _of_distributions(model)
    yield from _of_listeners(model)
    yield from _of_groups(model)
    for subnet in graph.of_type(*types.SUBNET):
        if lines := model.acls.partial(subnet):
            yield whole(Point(subnet.name, "network ACL", Sense.EITHER), lines)
    for one in graph:
        outward = one.type in types.ENDPOINT and service_of(one) != "execute-api"
        if one.custom and not one.existing and not outward and one.type not in (*types.REST_API, *types.REST_POLICY):
            # Of a public policy, a block leaves the bucket's own account and AWS services.
            read = all(held(one, key) is not UNKNOWN for key in POLICIES)
            blocked = read and public_access.is_restricted(graph, one) and public_access.admits_all(one)
            yield from () if blocked else _of_policies(model, one)


def _of_distributions(model: AwsModel) -> Iterator[Found]:
    """Names that a distribution answers by beside its own, and the countries from which it takes calls."""
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/georestrictions.html
    for distribution in model.graph.of_type(*types.DISTRIBUTION):
        yield Point(distribution.name, "conditions", Sense.DETAIL), True, ""
        names = items(held(distribution, "aliases"))
        yield from ((Point(distribution.name, "address", Sense.ADMITS), name, text(name)) for name in names)
        limits = held(distribution, "restrictions", "geoRestriction")
        kind, countries = within(limits, "restrictionType"), items(within(limits, "locations"))
        point = Point(distribution.name, WHERE, Sense.ADMITS)
        if kind in ("whitelist", "blacklist", "none", None) and UNKNOWN not in countries:
            taken = Countries(frozenset(countries if kind in ("whitelist", "blacklist") else ()), kind != "whitelist")
            yield point, taken, str(taken)
        else:
            yield point, UNKNOWN, ""


def _tls(name: str, policies: Iterable[Any]) -> Iterator[Found]:
    """A TLS policy, and the versions that are too old for it."""
    for policy in map(str, policies):
        yield from each(Point(name, "TLS policy", Sense.DETAIL), [policy])
        newer = range(oldest_version(policy) or 0, 0, -1)
        yield from each(Point(name, "TLS version", Sense.ASKS), (f"1.{version} or newer" for version in newer))


def _of_listeners(model: AwsModel) -> Iterator[Found]:
    for resource in model.graph.of_type(*types.LISTENER, *types.LISTENER_RULE):
        own = answers_itself(resource)
        yield Point(resource.name, "answers" if own else "conditions", Sense.DETAIL), is_known(resource), ""
        kinds = filter(None, map(sign_in, actions(resource)))
        yield from each(Point(resource.name, "sign-in", Sense.ASKS), (f"by {kind}" for kind in kinds))
        if (store := client_certificates(resource)) is not None:
            known = model.graph.find(store)
            said = f"that {known.name if known is not None else shown(store)} knows"
            yield Point(resource.name, "client certificate", Sense.ASKS), UNKNOWN if store is UNKNOWN else said, said
        yield from each(Point(resource.name, "callers by", Sense.SPEAKS), map(str, items(held(resource, "protocol"))))
        yield from _tls(resource.name, items(held(resource, "sslPolicy")))
        yield from conditions(resource) if not own else ()


def is_known(rule: Resource) -> bool:
    """Whether it has conditions, and they are known."""
    return held(rule, "conditions") is not UNKNOWN


def conditions(rule: Resource) -> Iterator[Found]:
    """Values that each condition of a rule takes; of one that is marked secret none is shown."""
    seen: Counter[str] = Counter()
    written = rule.inputs.get("conditions")
    for condition in items(written) if is_declared(rule, "conditions") else ():
        for kind, inner in mapping(condition).items():
            header = text(within(inner, "httpHeaderName")).lower()
            word = f"{_TABLE['listenerConditions'].get(kind, kind)} {header}".strip()
            queries = items(inner) if kind == "queryStrings" else ()
            values: list[Any] = [f"{text(within(query, 'key'))}={text(within(query, 'value'))}" for query in queries]
            expressions = items(within(inner, "regexValues"))
            values += [*items(within(inner, "values")), *expressions]
            seen[word] += bool(values)
            point = Point(rule.name, f"{word} ({seen[word]})" if seen[word] > 1 else word, Sense.LIMITS)
            hidden = isinstance(written, Secret) or holds_secret(inner)
            for value in values:
                as_written = value is UNKNOWN or value in expressions
                alike = str(value).lower() if kind in FOLDED else str(value)
                key = value if as_written else Range(alike) if kind == "sourceIp" else Pattern(alike)
                yield point, key, SECRET if hidden else str(value)


def _of_groups(model: AwsModel) -> Iterator[Found]:
    """Peers of groups, and those groups that only traced machines are in, whose callers paths have.

    Others are those of other stacks, of endpoints, of tasks that something starts.
    """
    groups, exported = model.groups, {*texts(revealed(model.graph.exports))}
    holders = model.graph.of_type(*types.SECURITY_GROUP, *types.INGRESS_RULE, *types.CLASSIC_RULE)
    for security_group in model.graph.of_type(*types.SECURITY_GROUP):
        if not groups.can_tell(security_group.urn, inward=True):
            yield Point(security_group.name, "peer", Sense.ADMITS), UNKNOWN, ""
    rules = [(group, rule) for holder in holders for group, rule in groups.declared_by(holder) if rule.inward]
    for group, rule in sorted(rules, key=lambda rule: (rule[0], groups.name_of(rule[1]))):
        members = model.nodes.in_group(group)
        if any(node.resource.type not in types.ENDPOINT for node in members):
            yield from each(Point(groups.keys.name(group), "traced", Sense.DETAIL), ["machines"])
        known, holder = rule.group and groups.keys.resource(rule.group), model.graph.resources.get(group)
        if not known or (holder and output(holder, "id") in exported and not members):
            peer = Range(rule.cidr or rule.group or rule.prefix_list, Ports(*rule.ports))
            yield Point(groups.keys.name(group), "peer", Sense.ADMITS), peer, groups.name_of(rule)


def _of_policies(model: AwsModel, owner: Resource) -> Iterator[Found]:
    """Policies of resources, permissions of functions, and what the roles of callers may do."""
    if owner.type in types.PERMISSION:
        inside = any(text(held(owner, "sourceArn")).startswith(text(api.arn)) and api.arn for api in model.apis.all)
        function = named_as(first(model.graph, owner, "function", types=types.FUNCTION), held(owner, "function"))
        if not (inside or pointed(model.graph, owner, "sourceArn") or _is_for_other_calls(model, owner)):
            who = text(held(owner, "principal")) or "a principal that is not known"
            limits = {key: value for key in _LIMITS if (value := held(owner, key))}
            asked = ", ".join(key if key in _LIMITS[-2:] else f"{key} {value}" for key, value in limits.items())
            if not limits and who.endswith(".amazonaws.com"):
                asked = "of any account"
            # A URL that anyone may call requires no signature.
            limits = {} if who == "*" and limits.get("functionUrlAuthType") == "NONE" else limits
            parts = {f"ArnLike {key}" if key == "sourceArn" else key: as_text(value) for key, value in limits.items()}
            rest = {"Action": text(held(owner, "action")), "qualifier": as_text(held(owner, "qualifier"))}
            yield (
                Point(function, "permission", Sense.ADMITS),
                Statement((("Principal", who), *rest.items(), *parts.items())),
                ("anyone" if who == "*" else who) + (f" ({asked})" if asked else ""),
            )
        return
    for key in POLICIES:
        if (policy := held(owner, key)) is not None:
            yield from terms(_holder(model, owner), policy, hidden=holds_secret(owner.inputs.get(key)))
    for part in items(held(owner, "inlinePolicies")) if owner.type in types.ROLE else ():
        yield from terms(owner.name, within(part, "policy"), hidden=holds_secret(owner.inputs.get("inlinePolicies")))
    # Only what is used counts as read.
    attaches = owner.type in (*types.ROLE, *types.ROLE_ATTACHMENT, *_ATTACHMENTS)
    for arn in [*items(held(owner, "managedPolicyArns")), *items(held(owner, "policyArn"))] if attaches else ():
        policy = model.graph.find(arn)
        holder = _holder(model, owner)
        taken = owner if owner.type in types.ROLE else model.graph.find(held(owner, "role"))
        if (own := document(arn)) is not arn:
            yield from terms(holder, own)
        elif policy is None and (taken is None or any(terms("", held(taken, "assumeRolePolicy")))):
            # A role that only AWS's services assume gives callers no rights.
            yield from each(Point(holder, "managed policy", Sense.EITHER), [str(arn)])
        elif policy is not None:
            yield from terms(holder, held(policy, "policy"), hidden=holds_secret(policy.inputs.get("policy")))


def _is_for_other_calls(model: AwsModel, permission: Resource) -> bool:
    """Whether a permission is for callers of a URL that identifies its callers in another way."""
    kind = held(permission, "functionUrlAuthType")
    functions = pointed(model.graph, permission, "function", types=types.FUNCTION)
    urls = [url for function in functions for url in naming(model.graph, function, types.FUNCTION_URL, "functionName")]
    kinds = {held(url, "authorizationType") for url in urls}
    return kind not in (None, UNKNOWN) and bool(kinds) and not kinds & {kind, UNKNOWN}


def _holder(model: AwsModel, resource: Resource) -> str:
    """The resource that a policy is of, by name."""
    for key in _TABLE["holders"]:
        if (named := held(resource, key)) is not None:
            # Several may have the same id: a repository, and what is set on it.
            own = [model.graph.resources.get(urn) for urn in resource.property_dependencies.get(key, ())]
            return named_as(own[0] if len(own) == 1 else model.graph.find(named), named)
    return resource.name


def switched(change: Changed) -> list[tuple[str, str]]:
    """What passes from now on, as `admitted`, and what no longer does; nothing if more of the ACL differs."""
    # https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-actions.html
    acl, states = change.resource, (change.old, change.resource)
    lenient = all(held(state, "defaultAction", "allow") is not None for state in states)
    if acl.type not in types.WEB_ACL or change.replacing or change.inputs - {"rules", "tags", "tagsAll"} or not lenient:
        return []
    was, now = ({text(within(rule, "name")): rule for rule in items(held(state, "rules"))} for state in states)
    both = was.keys() & now.keys()
    rest = [{name: as_text({**mapping(rules[name]), "action": 0, "overrideAction": 0}) for name in both}
            for rules in (was, now)]  # fmt: skip
    differing = {name: tuple(blocks(rules[name]) if name in rules else "" for rules in (was, now))
                 for name in {**was, **now} if was.get(name) != now.get(name)}  # fmt: skip
    if rest[0] != rest[1] or any(None in did or did[0] == did[1] for did in differing.values()):
        return []
    return [
        ("shut_out", f"what {name} of {acl.name} now blocks") if does
        else ("admitted", f"what only {name} of {acl.name} blocked{', and now counts' * (does is False)}")
        for name, (did, does) in differing.items() if did or does
    ]  # fmt: skip


def named_as(resource: Resource | None, written: Any) -> str:
    if resource is not None:
        return resource.name
    return written.name if isinstance(written, Resource) else text(written) or "something that is not known"


def whole(point: Point, value: Any) -> Found:
    """A value that is compared with its secrets and shown by its name only: the list of changes has the inputs."""
    return point, as_text(value), ""


def as_text(value: Any) -> str:
    return json.dumps(revealed(value), sort_keys=True, default=str)

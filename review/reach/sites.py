"""Distributions of CloudFront and GraphQL APIs, which AWS serves by itself, with no network of the program before them.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-overview.html
https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import token_of
from ..aws.identity.callers import ANYBODY, Caller, principals
from ..aws.identity.iam import Decision, allowing, allows, only_allows, only_denies
from ..aws.identity.public_access import BUCKET, BUCKET_ACL, BUCKET_POLICY, OBJECTS
from ..aws.model.model import AwsModel
from ..aws.model.open_to_all import bucket_of
from ..graph import UNKNOWN, Resource
from ..graph.answers import YES, Answer, doubted, in_a_row, refuse
from ..graph.given import given, held, unnamed
from ..graph.prose import few
from ..graph.reading import CannotTell, MalformedDocument, items, naming, output, spread, text, within
from .admission import by_firewall
from .exposure import INTERNET
from .path import Hop, PartialPath, Path
from .tables import TABLES

_KEY: Final = token_of("appsync.ApiKey")
_SIGNED: Final = ("trustedKeyGroups", "trustedSigners")
_SERVICE: Final = "cloudfront.amazonaws.com"
_READ: Final = "s3:GetObject"
_EVERYTHING: Final = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_OF_NETWORKS: Final = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")
"""Keys that CloudFront's requests lack: they come through no endpoint."""
_GRANTING: Final = (BUCKET_POLICY, BUCKET_ACL, *OBJECTS)
"""Types that let others than its account use a bucket, or an object in it."""


def paths(model: AwsModel) -> Iterator[Path]:
    """From the internet to what a distribution or a GraphQL API serves."""
    for resource in model.graph.of_type(*types.GRAPHQL_API):
        visibility = given(resource, "visibility").value(absent="GLOBAL", unknown=None)
        if visibility != "PRIVATE":
            doubt = "" if visibility else f"whether {resource.name} is private"
            sources = naming(model.graph, resource, types.GRAPHQL_SOURCE, "apiId")
            end = few([source.name for source in sources]) or f"the data sources of {resource.name}"
            acl, passed = by_firewall(model, PartialPath(source=INTERNET).doubted(doubt), resource)
            for mode in _modes(resource):
                asks = ", ".join(filter(None, (mode, acl)))
                hop = Hop(resource, asks, f"the address of {resource.name}", model.names.of(resource))
                no_key = mode == "key" and not naming(model.graph, resource, (_KEY,), "apiId")
                yield passed.doubted(f"whether {resource.name} has a key" * no_key).then(hop).end(end)
    for resource in model.graph.of_type(*types.DISTRIBUTION):
        enabled = given(resource, "enabled").flag(absent=True)
        doubt = f"whether {resource.name} takes requests from outside" if enabled is None else ""
        if enabled is not False:
            acl, passed = by_firewall(model, PartialPath(source=INTERNET).doubted(doubt), resource)
            wrong = no_host(resource)
            named = refuse(f"{wrong} is no name of a host", [given(resource, "origins").ground()]) if wrong else YES
            for origin, owner, name in _origins(model, resource):
                asks = _demand(_behaviors(resource, origin), acl)
                hop = Hop(resource, asks, f"the address of {resource.name}", model.names.of(resource))
                taken = in_a_row(named, _signed(model, resource, origin), _readable(model, resource, origin, owner))
                yield passed.then(hop, taken).end(name)


def _modes(resource: Resource) -> Iterable[str]:
    """What a GraphQL API asks of callers, for each of its modes: one is enough."""
    more = items(held(resource, "additionalAuthenticationProviders"))
    modes = [held(resource, "authenticationType"), *(within(provider, "authenticationType") for provider in more)]
    return dict.fromkeys(TABLES["graphql"].get(text(mode), "an unknown mode") for mode in modes)


def _behaviors(resource: Resource, origin: Any = None) -> list[Any]:
    """All of a distribution, or those that send to an origin or to a group with it."""
    every = [held(resource, "defaultCacheBehavior"), *items(held(resource, "orderedCacheBehaviors"))]
    mine = {text(within(origin, "originId"))}
    for group in items(held(resource, "originGroups")):
        members = {text(within(member, "originId")) for member in items(within(group, "members"))}
        mine |= {text(within(group, "originId"))} if members & mine else set()
    return [one for one in every if text(within(one, "targetOriginId")) in mine] or every


def _demand(behaviors: Iterable[Any], acl: str) -> str:
    """What every one of the behaviors asks of callers, and the web ACL of the distribution, if it has one."""
    signed = [(one, any(within(one, key) not in (None, [], UNKNOWN) for key in _SIGNED)) for one in behaviors]
    paths = [text(within(behavior, "pathPattern")) or "other paths" for behavior, asks in signed if asks]
    whole = len(paths) == len(signed)
    words = ["signed URL"] if whole else ["anyone", *(f"signed URL for {path}" for path in paths)] if paths else []
    return ", ".join(filter(None, (*words, acl))) or "anyone"


def no_host(distribution: Resource) -> str:
    """The domain name of an origin that is none, such as an object as text. Letters of any alphabet may stand in one.

    By the state, whose reads are not recorded: another domain is not judged thereby.
    """
    names = map(_host, spread(distribution.state.get("origins"), "domainName"))
    return next((name for name in names if re.search(r"[^\w.-]", name)), "")


def _signed(model: AwsModel, distribution: Resource, origin: Any) -> Answer:
    """Whether an origin takes what a distribution sends: a function URL may ask for a signature.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
    """
    for url in model.graph.of_type(*types.FUNCTION_URL):
        asks = given(url, "authorizationType")
        called = _host(within(origin, "domainName")) == _host(url.state.get("functionUrl")) != ""
        unsigned = within(origin, "originAccessControlId") in (None, "")
        if called and unsigned and asks.value(absent="NONE", unknown=None) == "AWS_IAM":
            return refuse(f"{distribution.name} signs no calls of {url.name}, which refuses these", [asks.ground()])
    return YES


def _readable(model: AwsModel, distribution: Resource, origin: Any, bucket: Resource | None) -> Answer:
    """Whether a bucket that the program makes lets a distribution read it. AWS admits its own account only.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    if bucket is None or bucket.type != BUCKET or bucket.existing or bucket.options.import_id:
        return YES
    graph, caller = model.graph, _caller(distribution, origin)
    mine = [bucket, *(one for one in graph.of_type(*_GRANTING) if bucket_of(graph, one) is bucket)]
    lists = (held(one, key) for one in mine for key in ("acl", "grants", "accessControlPolicy"))
    policies = [one for one in mine if one.type in (BUCKET, BUCKET_POLICY)]
    if any(one not in (None, [], "private") for one in lists) or any(_lets_in(one, caller) for one in policies):
        return in_a_row(*(_undenied(one, caller, f"{output(bucket, 'arn')}/any") for one in policies))
    because = [given(one, "policy").ground() for one in policies]
    because += unnamed(graph, bucket, [(_GRANTING, ("bucket",))])
    return refuse(f"no policy of {bucket.name} lets {distribution.name} read it", because)


def _caller(distribution: Resource, origin: Any) -> Caller:
    """Who asks a bucket: the service if it signs; else it may be an identity, which a denial may leave out."""
    sent = {"aws:sourcearn": output(distribution, "arn"), "aws:securetransport": "true", **dict.fromkeys(_OF_NETWORKS)}
    if within(origin, "originAccessControlId") in (None, ""):
        return replace(ANYBODY, keys=sent)
    of_service = {"aws:principalarn": None, "aws:principalisawsservice": "true"}
    return Caller(service=_SERVICE, keys={**sent, **of_service}, is_whole=False)


def _lets_in(holder: Resource, caller: Caller) -> bool:
    """Whether a policy lets a distribution read a bucket, or may: by the name of the service if it signs."""
    policy = held(holder, "policy")
    try:
        if caller.service:
            return not allows(only_allows(policy), caller=caller, action=_READ).refused
        return any(kind != "Service" for each in allowing(policy) for kind, _ in principals(each))
    except (CannotTell, MalformedDocument):
        return False  # what is not known is a doubt by itself


def _undenied(holder: Resource, caller: Caller, objects: str) -> Answer:
    """Whether the policy of a bucket does not deny a distribution to read its objects."""
    policy, decision = held(holder, "policy"), Decision.UNKNOWN
    if policy is None:
        return YES
    with suppress(CannotTell, MalformedDocument):
        denies = only_denies(policy)
        whole = {**denies, "Statement": [_EVERYTHING, *denies["Statement"]]}
        decision = allows(whole, caller=caller, action=_READ, resource=objects)
    if decision.refused:
        return refuse(f"the policy of {holder.name} denies it", [given(holder, "policy").ground()])
    return doubted(f"whom the policy of {holder.name} denies" * (not decision.allowed))


def _host(address: Any) -> str:
    return text(address).rpartition("//")[2].strip("/")


def _origins(model: AwsModel, resource: Resource) -> list[tuple[Any, Resource | None, str]]:
    """The origins that a behavior of a distribution sends requests to, also as members of a group: owner and name.

    The owner is the bucket, or what else of the program has the domain. The name is its, or that of the origin.
    """
    targets = [within(behavior, "targetOriginId") for behavior in _behaviors(resource)]
    groups = [one for one in items(held(resource, "originGroups")) if within(one, "originId") in (*targets, UNKNOWN)]
    targets += [within(member, "originId") for group in groups for member in items(within(group, "members"))]
    unknown = UNKNOWN in targets or not any(targets)
    owners = _owners(model, resource)
    taken = (
        (origin, owner, model.names.of(owner) if owner else text(name) or text(within(origin, "domainName")))
        for origin in items(held(resource, "origins"))
        if (name := within(origin, "originId")) in (*targets, UNKNOWN) or unknown
        for owner in [owners.get(text(name))]
    )
    return [each for each in taken if each[2]] or [(None, None, f"the origins of {resource.name}")]


def _owners(model: AwsModel, distribution: Resource) -> dict[str, Resource]:
    """By the id of an origin, the bucket or what else of the program has its domain: by the state, as in `no_host`."""
    named = [model.graph.resources[urn] for urn in distribution.property_dependencies.get("origins", ())]
    by_domain = {value: one for one in named for value in one.state.values() if isinstance(value, str)}
    return {
        text(within(origin, "originId")): bucket_of(model.graph, owner)
        for origin in items(distribution.state.get("origins"))
        if (owner := by_domain.get(text(within(origin, "domainName"))))
    }

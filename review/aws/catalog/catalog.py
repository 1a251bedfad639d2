"""The catalog of resource types: one row each, for traffic, cost, replacement, names and mocks.

A type that the SDK publishes under two tokens has one row, under the token of `canonical`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from . import rows_balancing, rows_compute, rows_data, rows_gateway, rows_network, rows_operations
from .no_traffic import NO_TRAFFIC_TYPES
from .row import FREE, NO_TRAFFIC, Cost, Row, free

_FILES: Final = (rows_network, rows_balancing, rows_compute, rows_data, rows_gateway, rows_operations)


def token_of(name: str) -> str:
    """The token of a class of AWS's SDK: `aws:ec2/natGateway:NatGateway` of `ec2.NatGateway`. Others have theirs."""
    if ":" in name:
        return name
    module, _, kind = name.partition(".")
    return f"aws:{module}/{kind[0].lower()}{kind[1:]}:{kind}"


_FILE: Final[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def _rows() -> Iterator[tuple[str, Row]]:
    """All rows: those with facts of their own, and those that catalog.json lists by their part in traffic."""
    written = {name: row for file in _FILES for name, row in file.ROWS.items()}
    for cost, by_role in _FILE["rows"].items():
        for role, names in by_role.items():
            known = FREE if cost == "free" else None
            written |= {name: Row(role, cost=known, mock=_FILE["mocks"].get(name)) for name in names.split()}
    policies = {name: key for key, names in _FILE["policies"].items() for name in names.split()}
    written |= {name: replace(written.get(name, free()), policy=key) for name, key in policies.items()}
    return ((token_of(name), row) for name, row in written.items())


ROWS: Final[Mapping[str, Row]] = dict(_rows())


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


POLICIES: Final[Mapping[str, str]] = {token: kind.policy for token, kind in ROWS.items() if kind.policy}
"""The input with a resource's own policy, by type."""
NAMED: Final[Mapping[str, Mapping[str, str]]] = {token_of(name): paths for name, paths in _FILE["named"].items()}
"""By type, what others may do whom inputs name by themselves, and these inputs."""
PUBLIC: Final[Mapping[str, Mapping[str, str]]] = {token_of(name): paths for name, paths in _FILE["public"].items()}
"""By type, an input that opens the resource to everybody, with the value that does."""
CLOSED: Final = _words(" ".join(_FILE["closed"].values()))
"""Inputs that admit nobody though their names sound like it, with or without the class that has them."""
OPENING: Final = re.compile(
    r"(?:.*[a-z])?[pP]olic(?:y|ies)(?:Documents?|Text)?|.*[pP]ublic(?!Key|ationTime).*|.*[pP]rincipals?(?:Arns?|Ids?)?"
    r"|share.*|.*Share.*|.*[aA]ccount(?:Id|s|Ids)?|.*[vV]isibility|.*[gG]rant(?:s|ees?|eeIdentifier)?|launchPermission.*"
    r"|.*[aA]nonymous.*|.*[uU]nauthenticated.*|.*[gG]uests?|.*[eE]xternal.*|.*[cC]rossAccount.*|user(?:Ids|Groups)"
)
"""Names of inputs that may say who else uses a resource."""


_BUCKETS: Final = _words(
    """
    Bucket BucketAccelerateConfiguration BucketAcl BucketCorsConfiguration BucketLifecycleConfiguration BucketLogging
    BucketObjectLockConfiguration BucketRequestPaymentConfiguration BucketServerSideEncryptionConfiguration
    BucketVersioning BucketWebsiteConfiguration
    """
)
_SAME_TYPES: Final[Mapping[str, str]] = {token_of(f"s3.{bucket}V2"): token_of(f"s3.{bucket}") for bucket in _BUCKETS}
"""Deprecated names of types that have a new one."""

_FREE_SERVICES: Final = _words("iam budgets resourcegroups autoscaling appautoscaling accessanalyzer")
"""Services that have no price of their own."""

_PACKAGES_WITHOUT_CLOUD: Final = _words("pulumi pulumi-python random tls command time null docker docker-build archive")
"""Packages that create nothing in AWS, so that nothing of them is reached or billed there."""

_OTHER_SYSTEMS: Final = _words(
    """
    acme auth0 azuread bitbucket datadog github gitlab grafana launchdarkly mailgun mongodbatlas mysql newrelic okta
    onelogin opsgenie pagerduty postgresql pulumiservice rabbitmq sentry slack snowflake statuscake statuspage sumologic
    vault
    """
)
"""Packages for accounts, alerts and data of other systems, which lead no request to AWS and change nothing there."""

_MAY_CALL_AWS: Final = _words("command pulumi-python pulumi-nodejs")
"""A command or a dynamic provider may open a security group, for example, so it is not understood."""


def canonical(token: str) -> str:
    """The token under which a type has its row: `aws:lb/…` for `aws:alb/…`, whose classes are the same."""
    return _SAME_TYPES.get(token, token.replace("aws:alb/", "aws:lb/"))


def row(token: str) -> Row:
    """The row of a type; one that knows nothing for a type without."""
    return ROWS.get(canonical(token), Row())


def of_role(wanted: str) -> tuple[str, ...]:
    """Tokens of the types that play a part in traffic."""
    if tokens := tuple(token for token, kind in ROWS.items() if kind.role == wanted):
        return tokens
    raise KeyError(f"no type has the role {wanted}")


def is_understood(token: str) -> bool:
    """Whether reach reads this type, or it is proven to carry no traffic."""
    proven = canonical(token) in NO_TRAFFIC_TYPES or _origin(token)[0] in _OTHER_SYSTEMS
    return bool(row(token).role) or calls_no_cloud(token) or proven


_CLOSED_ROLES: Final = frozenset({"", NO_TRAFFIC, "dns record"})
"""Parts in traffic that open and close no path."""


def shapes_traffic(token: str) -> bool:
    """Whether a resource of this type may open or close a path, or is the policy of another, as far as is known."""
    named = token in POLICIES and token.rpartition(":")[2].endswith(("Policy", "Permission", "Permissions"))
    return not is_understood(token) or row(token).role not in _CLOSED_ROLES or token in NAMED or named


def unread_openings(token: str, inputs: Iterable[str]) -> list[str]:
    """Of these inputs, those that may open a resource to others and that no reader knows, as of a later version.

    Of a type that plays a part in traffic, `graph.unread` has the inputs.
    """
    kind = canonical(token)
    if not kind.startswith("aws:") or row(kind).role not in ("", NO_TRAFFIC):
        return []
    if not (sounding := [key for key in inputs if OPENING.fullmatch(key)]):
        return []
    known = " ".join((POLICIES.get(kind, ""), *NAMED.get(kind, {}).values(), *PUBLIC.get(kind, ()))).replace(".", " ")
    name = f"{_origin(kind)[1]}.{kind.rpartition(':')[2]}"
    return [key for key in sounding if key not in known.split() and not {key, f"{name}.{key}"} & CLOSED]


def calls_no_cloud(token: str) -> bool:
    """Whether the type is of a package that calls no API of a cloud."""
    return _origin(token)[0] in _PACKAGES_WITHOUT_CLOUD - _MAY_CALL_AWS


def cost(token: str) -> Cost | None:
    """The cost of a type; None if the review does not know."""
    package, service = _origin(token)
    known = row(token).cost
    free = package in _PACKAGES_WITHOUT_CLOUD or (package == "aws" and service in _FREE_SERVICES)
    return known or (FREE if free else None)


def _origin(token: str) -> tuple[str, str]:
    package, _, rest = canonical(token).partition(":")
    return package, rest.partition("/")[0]

"""Values of which AWS publishes a list: runtimes, instance types, TLS policies and managed rule groups."""

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from ..aws.catalog import types
from ..aws.gateway.web_acls import list_managed_groups
from ..facts import aws_names
from ..graph import Resource
from ..graph.reading import Doubt, as_text, get_declared_input, require_declared_input
from .registry import Message, Severity, rule

_LISTENER_POLICIES: Final = (
    "2016-08 2015-05 TLS-1-0-2015-04 TLS-1-1-2017-01 TLS-1-2-2017-01 TLS-1-2-Ext-2018-06 FS-2018-06 FS-1-1-2019-08 "
    "FS-1-2-2019-08 FS-1-2-Res-2019-08 FS-1-2-Res-2020-10 TLS13-1-0-2021-06 TLS13-1-1-2021-06 TLS13-1-2-2021-06 "
    "TLS13-1-2-Res-2021-06 TLS13-1-2-Ext1-2021-06 TLS13-1-2-Ext2-2021-06 TLS13-1-3-2021-06 TLS13-1-0-FIPS-2023-04 "
    "TLS13-1-1-FIPS-2023-04 TLS13-1-2-FIPS-2023-04 TLS13-1-2-Res-FIPS-2023-04 TLS13-1-2-Ext0-FIPS-2023-04 "
    "TLS13-1-2-Ext1-FIPS-2023-04 TLS13-1-2-Ext2-FIPS-2023-04 TLS13-1-3-FIPS-2023-04 TLS13-1-2-PQ-2025-09 "
    "TLS13-1-2-Res-PQ-2025-09 TLS13-1-3-PQ-2025-09"
)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
_MANAGED_GROUPS: Final = (
    "CommonRuleSet AdminProtectionRuleSet KnownBadInputsRuleSet SQLiRuleSet LinuxRuleSet UnixRuleSet WindowsRuleSet "
    "PHPRuleSet WordPressRuleSet AmazonIpReputationList AnonymousIpList ACFPRuleSet ATPRuleSet BotControlRuleSet "
    "AntiDDoSRuleSet"
)
"""https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html"""


@rule("FIT-13", Severity.MEDIUM, on=types.FUNCTION)
def require_supported_runtime(resource: Resource) -> Iterator[str]:
    """A function's runtime is supported.
    Why: After the end of support, AWS does not patch a runtime, and later refuses to create its functions.
    Remedy: Move to a runtime that AWS supports.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    """
    runtime = as_text(require_declared_input(resource, "runtime"))
    if runtime in aws_names.BLOCKED_RUNTIMES:
        yield f"{resource.name} runs {runtime}, of which Lambda creates no function any more"
    elif day := aws_names.ENDED_RUNTIMES.get(runtime):
        yield f"{resource.name} runs {runtime}, whose support ended on {day}"
    elif runtime and not aws_names.is_runtime(runtime):
        remedy = aws_names.suggest_runtime(runtime)
        yield f"{resource.name} runs {runtime}, which Lambda does not have{f': {remedy}' if remedy else ''}"


class _Choice(NamedTuple):
    """A name out of a list of AWS's."""

    list_named: Callable[[Resource], Iterable[str]]
    """The names that a resource has of the list."""
    prefix: str
    """The beginning of all names. A name that has it may be newer than the list."""
    is_known: Callable[[str], bool]
    suggest: Callable[[str], str]


def _choose_of(list_named: Callable[[Resource], Iterable[str]], prefix: str, endings: str) -> _Choice:
    known = [prefix + ending for ending in endings.split()]

    def suggest(value: str) -> str:
        near = difflib.get_close_matches(prefix + value.removeprefix(prefix), known, n=2)
        return f"did you mean {' or '.join(near)}?" if near else ""

    return _Choice(list_named, prefix, known.__contains__, suggest)


def _read_text(key: str) -> Callable[[Resource], Iterable[str]]:
    return lambda resource: (as_text(get_declared_input(resource, key)),)


_CHOICES: Final = (
    _Choice(_read_text("instanceType"), "", aws_names.is_instance_type, aws_names.suggest_instance_type),
    _choose_of(_read_text("sslPolicy"), "ELBSecurityPolicy-", _LISTENER_POLICIES),
    _choose_of(list_managed_groups, "AWSManagedRules", _MANAGED_GROUPS),
)


@rule("FIT-20", Severity.HIGH, on=(*types.BOOTED, *types.LISTENER, *types.WEB_ACL))
def require_existing_choices(resource: Resource) -> Iterator[Message]:
    """AWS has each instance type, TLS policy of a listener and managed rule group.
    Why: AWS refuses the resource if it does not have the value.
    Remedy: Take a value from the list that AWS publishes.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    """
    doubts: list[str] = []
    for choice in _CHOICES:
        for value in filter(None, choice.list_named(resource)):
            if choice.is_known(value):
                continue
            advice = f"; {near}" if (near := choice.suggest(value)) else ""
            if value.startswith(choice.prefix):
                doubts.append(f"whether AWS has {value}{advice}")
            else:
                yield f"{resource.name} names {value}: the names of AWS begin with {choice.prefix}{advice}"
    if doubts:
        yield Doubt(*doubts)

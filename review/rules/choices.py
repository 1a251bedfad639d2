"""Values of which AWS publishes a list: runtimes, instance types, TLS policies and managed rule groups."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ..aws.catalog import types
from ..aws.gateway.web_acls import list_managed_groups
from ..facts import aws_names
from ..graph import Resource
from ..graph.reading import CannotTell, as_text, get_declared_input, require_declared_input
from .registry import Severity, rule

_LISTENER_PREFIX: Final = "ELBSecurityPolicy-"
_LISTENER_POLICIES: Final = (  # noqa: SIM905 # a list of literals would fill a page
    "2016-08 2015-05 TLS-1-0-2015-04 TLS-1-1-2017-01 TLS-1-2-2017-01 TLS-1-2-Ext-2018-06 FS-2018-06 FS-1-1-2019-08 "
    "FS-1-2-2019-08 FS-1-2-Res-2019-08 FS-1-2-Res-2020-10 TLS13-1-0-2021-06 TLS13-1-1-2021-06 TLS13-1-2-2021-06 "
    "TLS13-1-2-Res-2021-06 TLS13-1-2-Ext1-2021-06 TLS13-1-2-Ext2-2021-06 TLS13-1-3-2021-06 TLS13-1-0-FIPS-2023-04 "
    "TLS13-1-1-FIPS-2023-04 TLS13-1-2-FIPS-2023-04 TLS13-1-2-Res-FIPS-2023-04 TLS13-1-2-Ext0-FIPS-2023-04 "
    "TLS13-1-2-Ext1-FIPS-2023-04 TLS13-1-2-Ext2-FIPS-2023-04 TLS13-1-3-FIPS-2023-04 TLS13-1-2-PQ-2025-09 "
    "TLS13-1-2-Res-PQ-2025-09 TLS13-1-3-PQ-2025-09"
).split()
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
_GROUP_PREFIX: Final = "AWSManagedRules"
_GROUPS: Final = (  # noqa: SIM905 # as above
    "CommonRuleSet AdminProtectionRuleSet KnownBadInputsRuleSet SQLiRuleSet LinuxRuleSet UnixRuleSet WindowsRuleSet "
    "PHPRuleSet WordPressRuleSet AmazonIpReputationList AnonymousIpList ACFPRuleSet ATPRuleSet BotControlRuleSet "
    "AntiDDoSRuleSet"
).split()
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


def _judge_instance_type(value: str) -> str:
    if aws_names.is_instance_type(value):
        return ""
    raise CannotTell(f"whether EC2 has the instance type {value}; {aws_names.suggest_instance_type(value)}")


def _judge_listener_policy(value: str) -> str:
    return _judge_name(value, _LISTENER_PREFIX, _LISTENER_POLICIES)


def _judge_managed_group(value: str) -> str:
    return _judge_name(value, _GROUP_PREFIX, _GROUPS)


def _judge_name(value: str, prefix: str, known: list[str]) -> str:
    """A fault if the prefix is another. A name that is newer than the list cannot be judged."""
    if value.removeprefix(prefix) in known and value.startswith(prefix):
        return ""
    near = difflib.get_close_matches(value.removeprefix(prefix), known, n=2)
    advice = f"; did you mean {' or '.join(prefix + each for each in near)}?" if near else ""
    if value.startswith(prefix):
        raise CannotTell(f"whether AWS has {value}{advice}")
    return f"the names of AWS begin with {prefix}{advice}"


_JUDGES: Final[Mapping[str, Callable[[str], str]]] = {
    "instanceType": _judge_instance_type,
    "sslPolicy": _judge_listener_policy,
}


@rule("FIT-20", Severity.HIGH, on=(*types.BOOTED, *types.LISTENER, *types.WEB_ACL))
def require_existing_choices(resource: Resource) -> Iterator[str]:
    """AWS has each instance type, TLS policy of a listener and managed rule group.
    Why: AWS refuses the resource if it does not have the value.
    Remedy: Take a value from the list that AWS publishes.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    """
    chosen = [(judge, as_text(get_declared_input(resource, key))) for key, judge in _JUDGES.items()]
    for judge, value in [*chosen, *((_judge_managed_group, name) for name in list_managed_groups(resource))]:
        if value and (fault := judge(value)):
            yield f"{resource.name} names {value}: {fault}"

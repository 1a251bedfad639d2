"""Names of resources that AWS accepts, and the names that Pulumi makes of logical names.

A rule's pattern and length are those of AWS's API model, or of the page or provider code beside it, where the model has
none. https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming-configuration
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """Names that AWS accepts for a type of resource."""

    thing: str
    """AWS's own word for the type."""
    longest: int
    pattern: str = r"[\s\S]+"
    allowed: str = ""
    """The characters of `pattern`, in words."""
    reserved: tuple[str, ...] = ()
    """Beginnings that AWS keeps for itself."""


_WORD: Final = "letters, digits, hyphens and underscores"
_WORD_PATTERN: Final = r"[A-Za-z0-9_-]+"
_BALANCED: Final = "letters, digits and hyphens, with no hyphen at an end"
_BALANCED_PATTERN: Final = r"(?!-)[A-Za-z0-9-]+(?<!-)"
_IAM: Final = "letters, digits and + = , . @ - _"
_IAM_PATTERN: Final = r"[A-Za-z0-9_+=,.@-]+"

RULES: Final[Mapping[str, NameRule]] = {
    "apigatewayv2.Api": NameRule(thing="an HTTP API", longest=128),
    "apigatewayv2.Authorizer": NameRule(thing="an authorizer", longest=128),
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
    "apigatewayv2.Stage": NameRule(
        thing="a stage", longest=128, pattern=rf"{_WORD_PATTERN}|\$default", allowed=f"{_WORD}, or $default"
    ),
    "apigatewayv2.VpcLink": NameRule(thing="a VPC link", longest=128),
    "appautoscaling.Policy": NameRule(
        thing="a scaling policy", longest=256, pattern=r"[^\x00-\x1f\x7f]+", allowed="printable characters"
    ),
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
    "autoscaling.Group": NameRule(
        thing="an Auto Scaling group", longest=255, pattern=r"[!-9;-~]+", allowed="ASCII without spaces and colons"
    ),
    "autoscaling.Policy": NameRule(thing="a scaling policy", longest=255),
    "budgets.Budget": NameRule(
        thing="a budget", longest=100, pattern=r"[^:\\]+", allowed="any characters but : and \\"
    ),
    # "Log group names can't start with the string aws/": API_CreateLogGroup of CloudWatch Logs
    "cloudwatch.LogGroup": NameRule(
        thing="a log group", longest=512, pattern=r"[A-Za-z0-9_./#-]+", allowed="letters, digits and _ - / . #",
        reserved=("aws/",),
    ),
    "cloudwatch.LogMetricFilter": NameRule(
        thing="a metric filter", longest=512, pattern=r"[^:*]*", allowed="any characters but : and *"
    ),
    "cloudwatch.MetricAlarm": NameRule(thing="an alarm", longest=255),
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
    "ec2.LaunchTemplate": NameRule(
        thing="a launch template", longest=128, pattern=r"[A-Za-z0-9()./_-]{3,}",
        allowed="three or more letters, digits and ( ) . - / _",
    ),
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    "ec2.SecurityGroup": NameRule(
        thing="a security group", longest=255, pattern=r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+",
        allowed="letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *", reserved=("sg-",),
    ),
    "ecr.Repository": NameRule(
        thing="a repository", longest=256,
        pattern=r"(?=.{2})[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
        allowed="small letters and digits, with . _ - / between them",
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html and API_CreateService.html
    "ecs.Cluster": NameRule(thing="a cluster", longest=255, pattern=_WORD_PATTERN, allowed=_WORD),
    "ecs.Service": NameRule(thing="an ECS service", longest=255, pattern=_WORD_PATTERN, allowed=_WORD),
    "iam.InstanceProfile": NameRule(
        thing="an instance profile", longest=128, pattern=_IAM_PATTERN, allowed=_IAM
    ),
    "iam.Policy": NameRule(thing="a policy", longest=128, pattern=_IAM_PATTERN, allowed=_IAM),
    "iam.Role": NameRule(thing="a role", longest=64, pattern=_IAM_PATTERN, allowed=_IAM),
    "iam.RolePolicy": NameRule(thing="a policy of a role", longest=128, pattern=_IAM_PATTERN, allowed=_IAM),
    "lambda.Alias": NameRule(
        thing="an alias", longest=128, pattern=rf"(?!\d+$){_WORD_PATTERN}", allowed=f"{_WORD}, not only digits"
    ),
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    "lambda.Function": NameRule(thing="a function", longest=64, pattern=_WORD_PATTERN, allowed=_WORD),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    "lb.LoadBalancer": NameRule(
        thing="a load balancer", longest=32, pattern=_BALANCED_PATTERN, allowed=_BALANCED, reserved=("internal-",)
    ),
    "lb.TargetGroup": NameRule(thing="a target group", longest=32, pattern=_BALANCED_PATTERN, allowed=_BALANCED),
    "scheduler.Schedule": NameRule(
        thing="a schedule", longest=64, pattern=r"[A-Za-z0-9_.-]+", allowed="letters, digits and - _ ."
    ),
    "servicediscovery.PrivateDnsNamespace": NameRule(
        thing="a DNS namespace", longest=253, pattern=r"(?!arn:)(?!.*(^|\.)(\.|$))[!-~]+(?<!\.)",
        allowed="ASCII without spaces, with no empty part between dots",
    ),
    # https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    "sns.Topic": NameRule(
        thing="a topic", longest=256, pattern=rf"{_WORD_PATTERN}(\.fifo)?", allowed=f"{_WORD}, and .fifo at the end"
    ),
    "wafv2.IpSet": NameRule(thing="an address set", longest=128, pattern=_WORD_PATTERN, allowed=_WORD),
    "wafv2.WebAcl": NameRule(thing="a web ACL", longest=128, pattern=_WORD_PATTERN, allowed=_WORD),
}  # fmt: skip
"""By class in the SDK of AWS. Types that are not here have no name, or one without a published limit."""

TAG_VALUE: Final = NameRule(
    thing="the tag Name", longest=256, pattern=r"[\w\s.:/=+@-]*", allowed="letters, digits, spaces and _ . : / = + - @"
)
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

_DIGITS: Final = "-1234567"
"""What automatic naming adds: a hyphen and seven hexadecimal digits."""
_FIELD: Final = re.compile(r"\$\{\s*(\w+)(?:\(\s*(\d+)\s*\))?\s*\}")
_RANDOM: Final = {"hex": "1", "num": "1", "string": "a", "alphanum": "a"}
_UUID: Final = "00000000-0000-0000-0000-000000000000"


def find_autonaming(settings: object, token: str) -> Mapping[str, Any]:
    """Returns the narrowest settings of `pulumi:autonaming` for a type: its own, its provider's, or the stack's."""
    whole = settings if isinstance(settings, Mapping) else {}
    provider = _get_mapping(_get_mapping(whole, "providers"), token.partition(":")[0])
    for narrower in (_get_mapping(_get_mapping(provider, "resources"), token), provider, whole):
        if "mode" in narrower or "pattern" in narrower:
            return narrower
    return {}


def _get_mapping(outer: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = outer.get(key)
    return inner if isinstance(inner, Mapping) else {}


def make_name(logical: str, autonaming: Mapping[str, Any], project: str, stack: str) -> str | None:
    """Returns a name of the form that Pulumi makes of a logical name. None if the form is not known, or there is none.

    Random characters are replaced by fixed ones of the same kind.
    """
    pattern, mode = autonaming.get("pattern"), autonaming.get("mode")
    if not pattern:
        return {"verbatim": logical, "disabled": None}.get(str(mode), f"{logical}{_DIGITS}")
    known = {"name": logical, "project": project, "stack": stack, "uuid": _UUID}
    made: list[str] = []
    at = 0
    for field in _FIELD.finditer(str(pattern)):
        word, count = field[1], field[2]
        part = _RANDOM[word] * int(count) if word in _RANDOM and count else known.get(word)
        if part is None:
            return None
        made += [str(pattern)[at : field.start()], part]
        at = field.end()
    return "".join([*made, str(pattern)[at:]])


def is_fixed(autonaming: Mapping[str, Any]) -> bool:
    """Returns whether names by these settings have no random part. The engine then deletes before it replaces."""
    if pattern := autonaming.get("pattern"):
        return {field[1] for field in _FIELD.finditer(str(pattern))}.isdisjoint({*_RANDOM, "uuid"})
    return autonaming.get("mode") in ("verbatim", "disabled")


def list_name_faults(rule: NameRule, name: str) -> Iterator[str]:
    """Yields each reason for which AWS refuses a name."""
    if len(name) > rule.longest:
        yield f"has {len(name)} characters, and AWS allows {rule.longest}"
    if not re.fullmatch(rule.pattern, name):
        yield f"has characters that AWS refuses; it allows {rule.allowed}"
    for beginning in rule.reserved:
        if name.startswith(beginning):
            yield f"begins with {beginning}, which AWS reserves"

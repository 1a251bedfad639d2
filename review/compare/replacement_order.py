"""Replacements that cannot succeed, and those that delete a resource before its replacement exists.

The engine creates the replacement first. It deletes first by the option `deleteBeforeReplace`, and if names have no
random part. The AWS provider deletes first if the program gives the name, since AWS has one resource of a name:
https://github.com/pulumi/pulumi-aws/issues/4220
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ..aws.catalog.catalog import make_token, normalize_token
from ..aws.catalog.naming import is_fixed_by_autonaming
from ..graph import Graph, Resource
from ..graph.prose import abbreviate_names
from ..graph.reading import as_text
from .data import is_machine
from .facts import Facts
from .lines import Group, Head, Line, Sign, Topic
from .replacements import find_replacing_inputs
from .resources import Change, Resources
from .wording import format_title

_NAMES: Final = ("name", "bucket", "identifier", "clusterIdentifier")
"""Inputs for which Pulumi makes a name if the program gives none."""
_NEVER_MADE: Final = ("aws:route53/record:Record", "aws:directoryservice/directory:Directory")
"""Types whose name a program must give, so that the provider does not treat it as one."""
_UNIQUE: Final = frozenset(
    make_token(name)
    for name in (
        *("autoscaling.Group", "cloudwatch.LogGroup", "dynamodb.Table", "ec2.LaunchTemplate", "ec2.SecurityGroup"),
        *("ecr.Repository", "iam.InstanceProfile", "iam.Policy", "iam.Role", "lambda.Function", "lb.LoadBalancer"),
        *("lb.TargetGroup", "rds.Cluster", "rds.Instance", "scheduler.Schedule", "secretsmanager.Secret"),
        *("wafv2.IpSet", "wafv2.WebAcl"),
    )
)
"""Types of which AWS refuses a second resource with the same name."""
_PLACES: Final = frozenset(("region", "vpcId", "scope", "groupName"))
"""Inputs that move a resource to a place where its name may be free."""
_IN_USE: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    make_token(name): (error, tuple(make_token(user) for user in users.split()))
    for name, error, users in (
        ("lb.TargetGroup", "ResourceInUse", "lb.Listener lb.ListenerRule"),
        ("wafv2.IpSet", "WAFAssociatedItemException", "wafv2.WebAcl wafv2.RuleGroup"),
        ("rds.SubnetGroup", "InvalidDBSubnetGroupStateFault", "rds.Instance rds.Cluster"),
        ("rds.ParameterGroup", "InvalidDBParameterGroupState", "rds.Instance"),
        ("apigateway.VpcLink", "BadRequestException", "apigateway.RestApi apigateway.Integration"),
        (
            *("ec2.SecurityGroup", "DependencyViolation"),
            "ec2.Instance ec2.NetworkInterface ec2.VpcEndpoint lambda.Function lb.LoadBalancer rds.Instance",
        ),
    )
}
"""Types that AWS does not delete while resources of other types use them, with the code of its error."""


class _Order(NamedTuple):
    deletes_first: bool
    reason: str


def list_order_lines(resources: Resources, before: Facts, after: Facts) -> Iterator[Line]:
    """A line for each replacement that fails, or that deletes first what paths or calls rest on."""
    for old in resources.removed:
        if old.options.protect:
            yield _make_failure(f"{format_title(old)} leaves the program and is protected", Topic.REFUSED)
    for change in resources.changes:
        if change.replacing and change.old.options.protect and change.new.options.protect:
            yield _make_failure(f"{format_title(change.new)} is replaced and is protected", Topic.REFUSED)
        elif change.replacing:
            yield from _describe_order(change, before, after.graph)
    yield from _list_taken_names(resources)


def _list_taken_names(resources: Resources) -> Iterator[Line]:
    """New resources under the name of one that leaves the program, which the engine deletes after all else."""
    for new, old in itertools.product(resources.added, resources.removed):
        name = _find_kept_name(old, new)
        kind = normalize_token(new.type)
        is_here = all(old.inputs.get(key) == new.inputs.get(key) for key in _PLACES) and old.provider == new.provider
        if name and is_here and kind == normalize_token(old.type) and kind in _UNIQUE and old.region == new.region:
            title = format_title(new)
            yield _make_failure(
                f"{title} is created first under the name of {old.name}, {name}: AWS refuses a second one"
            )


def _describe_order(change: Change, before: Facts, after: Graph) -> Iterator[Line]:
    old, new = change.old, change.new
    name, order = _find_kept_name(old, new), _find_order(change, after)
    title = format_title(new)
    stays = old.region == new.region and old.provider == new.provider and _PLACES.isdisjoint(change.replacing or ())
    is_taken = bool(name) and stays and normalize_token(new.type) in _UNIQUE
    if not order.deletes_first or old.options.retain_on_delete:
        how = (
            "stays in AWS (retainOnDelete), which" if order.deletes_first else f"is created first ({order.reason}): AWS"
        )
        if is_taken:
            yield _make_failure(f"{title} is replaced under the same name, {name}, and {how} refuses a second one")
    elif users := _list_users(old, before.graph):
        error = _IN_USE[normalize_token(old.type)][0]
        words = f"{title} is deleted before its replacement is created ({order.reason})"
        use = "uses" if len(users) == 1 else "use"
        yield _make_failure(f"{words}, which AWS refuses while {abbreviate_names(users)} {use} it ({error})")
    elif any(urn == old.urn for urn, _ in before.reads) and not is_machine(old, before.graph):
        text = f"{title} is deleted before its replacement is created ({order.reason}): calls that need it may fail"
        head = Head(Topic.DELETED_FIRST, f"{new.name} ({order.reason})")
        yield Line(Group.CALLS, Sign.REPLACED, text, (head,))


def _make_failure(words: str, topic: Topic = Topic.CANNOT_SUCCEED) -> Line:
    text = f"{words}: Pulumi refuses it" if topic is Topic.REFUSED else f"{words}: the deployment fails"
    return Line(Group.DATA, Sign.REPLACED, text, (Head(topic, words),))


def _find_kept_name(old: Resource, new: Resource) -> str:
    """The name that the program gives a resource of AWS in both versions; empty if it gives none or another one."""
    if not new.type.startswith("aws:") or new.type in _NEVER_MADE:
        return ""
    both = ((as_text(old.inputs.get(key)), as_text(new.inputs.get(key))) for key in _NAMES)
    return next((was for was, now in both if was and was == now), "")


def _find_order(change: Change, after: Graph) -> _Order:
    """Whether the resource is deleted before its replacement is created, and why."""
    options = change.new.options
    if is_fixed_by_autonaming(after, change.new):
        return _Order(True, "pulumi:autonaming has no random part")
    if options.delete_before_replace is not None:
        return _Order(
            options.delete_before_replace, f"deleteBeforeReplace: {str(options.delete_before_replace).lower()}"
        )
    name = _find_kept_name(change.old, change.new)
    return _Order(bool(name), f"its name stays {name}" if name else "")


def _list_users(resource: Resource, graph: Graph) -> list[str]:
    """Resources of the earlier version that use it and are not deleted with it."""
    _, kinds = _IN_USE.get(normalize_token(resource.type), ("", ()))
    users = []
    for user in (user for user in graph if normalize_token(user.type) in kinds):
        inputs = [key for key, urns in user.property_dependencies.items() if resource.urn in urns]
        # The engine deletes users first that a change of such an input replaces.
        if inputs and find_replacing_inputs(user, user, inputs) == ():
            users.append(user.name)
    return users

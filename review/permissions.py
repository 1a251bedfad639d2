"""The IAM policies that the identity of a deployment needs, from the types that a stack declares.

What the review cannot know (the account, IDs, names that AWS makes) is a `*` in them; types, lookups and hooks without
a row in `aws/catalog/actions.json` are named, and are in no policy.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .aws.catalog import actions, types
from .aws.catalog.actions import Grant
from .aws.catalog.catalog import is_outside_aws
from .aws.catalog.naming import name_pattern
from .aws.identity.iam import list_allow_statements
from .aws.identity.policy_size import measure_policy
from .facts import aws_permissions, defaults, hook_names, limits
from .graph import UNKNOWN, Graph, Resource, reveal
from .graph.reading import Doubt, MalformedDocument, as_list, as_text, get_declared_input, get_value

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST: Final = 6144
"""Characters of a managed policy, without white space."""

_FIELD: Final = re.compile(r"\{([\w.]+)\}")
_NAME_IN_ARN: Final = re.compile(
    r"^arn:(?:[^:]*:){4}(?:[a-z-]+[/:])?(?:(?:app|net|gwy)/)?(.+?)(?:/[0-9a-f]{16})?(?::\*)?$"
)
"""Without the type of the resource, the kind and the number of a load balancer, and what a log group has behind it."""
_ROLE: Final = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")
_PASSED_KEY: Final = re.compile(r"(?:.*[rR]ole(?:Arn)?|credentials)$")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_MAY_PASS: Final = "iam:PassRole"  # noqa: S105 # an action
_MAY_LINK: Final = "iam:CreateServiceLinkedRole"

Policy = dict[str, Any]
_Allowed = dict[tuple[str, str], set[str]]
"""Actions by resource and condition, which is JSON."""


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """The policies of one stack. Each purpose includes those before it."""

    answers: list[Policy]
    """For `gatehouse answers`: lookups only."""
    preview: list[Policy]
    """For `pulumi preview`: lookups, and resources that the program only reads."""
    refresh: list[Policy]
    """For `pulumi preview --refresh`."""
    up: list[Policy]
    """For `pulumi up` and `pulumi destroy`."""
    not_known: list[str] = field(default_factory=list)
    """What no policy allows, since its calls are not known."""
    longest_wait: float = 0
    """Seconds of the longest time limit that a resource of the stack has."""


def build_permissions(graph: Graph) -> Permissions:
    """The policies for a stack, evaluated with outputs known."""
    stack = _Stack(graph)
    stack.look_up()
    answers = _pack_policies(stack.allowed)
    stack.read_existing()
    preview = _pack_policies(stack.allowed)
    stack.read()
    refresh = _pack_policies(stack.allowed)
    stack.change()
    return Permissions(
        answers=answers,
        preview=preview,
        refresh=refresh,
        up=_pack_policies(stack.allowed),
        not_known=sorted(stack.not_known),
        longest_wait=max((wait for resource in graph for wait in _list_waits(resource)), default=0),
    )


class _Texts(dict[str, Any]):
    """Inputs as texts, `*` for those that are none."""

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        super().__init__({key: as_text(value) or "*" for key, value in inputs.items()})

    def __missing__(self, key: str) -> str:
        return "*"


def _has_calling_hooks(resource: Resource) -> bool:
    """Whether the resource has hooks that may call AWS."""
    return any(
        not name.endswith(hook_names.WITHOUT_CALLS) for names in resource.options.hooks.values() for name in names
    )


class _Stack:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.allowed: _Allowed = defaultdict(set)
        self.not_known: set[str] = set()
        accounts = as_list(graph.config.get("aws:allowedAccountIds"))
        self._account = str(accounts[0]) if len(accounts) == 1 else "*"
        self._rows: list[tuple[Resource, actions.Actions]] = []
        self._roles = [role for role in graph.list_by_type(*types.ROLE) if not role.existing]
        for resource in graph:
            if resource.custom or resource.remote:
                self._sort(resource)

    def _sort(self, resource: Resource) -> None:
        row = actions.find_actions(resource.type)
        if row is not None:
            self._rows.append((resource, row))
        elif not is_outside_aws(resource.type):
            self.not_known.add(f"{resource.type} ({resource.name})")
        if _has_calling_hooks(resource) and (row is None or not row.hooks):
            self.not_known.add(f"calls of hooks of {resource.type} ({resource.name})")

    def look_up(self) -> None:
        """Lookups."""
        self._allow("sts:GetCallerIdentity", "*")
        for invoke in self._graph.invokes:
            if not invoke.token.startswith("aws:"):
                continue
            grants = actions.find_lookup_actions(invoke.token)
            if grants is None:
                self.not_known.add(f"the lookup {invoke.token}")
            arguments = {key: as_text(value) or "*" for key, value in invoke.arguments.items()}
            arguments["parameter"] = aws_permissions.build_resource_part("parameter", arguments.get("name", "*"))
            for grant in grants or ():
                self._grant(grant, arguments)

    def read_existing(self) -> None:
        """Resources that the program only reads."""
        for resource, row in self._rows:
            if resource.existing:
                self._grant_calls(resource, row.grants, reads=True)

    def read(self) -> None:
        """Resources that the stack owns."""
        for resource, row in self._rows:
            self._grant_calls(resource, row.grants, reads=True)

    def change(self) -> None:
        """Create, update, tag and delete them, pass their roles, and let services create theirs."""
        for resource, row in self._rows:
            if resource.existing:
                continue
            self._grant_calls(resource, row.grants, reads=False)
            if _has_calling_hooks(resource):
                self._grant_calls(resource, row.hooks, reads=True)
                self._grant_calls(resource, row.hooks, reads=False)
            for linked in row.linked:
                service, _, needed = linked.partition(" if ")
                if needed in str(resource.inputs):
                    self._link(service.format_map(_Texts(resource.inputs)))
            for arn in set(_list_passed_roles(resource.inputs)) - {role.state.get("arn") for role in self._roles}:
                self._allow(_MAY_PASS, arn)
        for role in self._roles:
            self._pass(role)

    def _grant_calls(self, resource: Resource, grants: Iterable[Grant], *, reads: bool) -> None:
        for grant in grants:
            if grant.reads is not reads or (
                grant.when and get_declared_input(resource, *grant.when.split(".")) is None
            ):
                continue
            fields = set(_FIELD.findall(grant.resource)) - {"region", "account"}
            values = {key: self._name(resource, key) for key in fields}
            # Without the input there is nothing to call.
            if all(values.values()):
                self._grant(grant, values, resource.region)

    def _grant(self, grant: Grant, values: Mapping[str, str], region: str = "") -> None:
        known = {**values, "region": region or self._graph.region, "account": self._account}
        tail = _FIELD.sub(lambda match: known.get(match[1], "*"), grant.resource)
        for action in grant.actions:
            self._allow(action, tail if tail == "*" else f"arn:{self._graph.partition}:{tail}")

    def _allow(self, action: str, resource: str, condition: Mapping[str, Any] | None = None) -> None:
        self.allowed[resource, json.dumps(condition or {})].add(action)

    def _link(self, service: str) -> None:
        role = f"arn:{self._graph.partition}:iam::{self._account}:role/aws-service-role/{service}/*"
        self._allow(_MAY_LINK, role, {"StringEquals": {"iam:AWSServiceName": service}})

    def _pass(self, role: Resource) -> None:
        """Pass a role of the stack to the services that its trust policy names."""
        try:
            trusted = list(list_allow_statements(get_declared_input(role, "assumeRolePolicy")))
        except (Doubt, MalformedDocument) as problem:
            self.not_known.add(f"{_MAY_PASS} for {role.name}: {problem}")
            return
        if services := {
            principal for each in trusted for principal in as_list(get_value(each, "Principal", "Service"))
        }:
            path, name = self._name(role, "path"), self._name(role, "name")
            arn = f"arn:{self._graph.partition}:iam::{self._account}:role{path}{name}"
            self._allow(_MAY_PASS, arn, {"StringEquals": {"iam:PassedToService": sorted(services)}})

    def _name(self, resource: Resource, key: str) -> str:
        """The input as AWS will see it, with `*` for what is made up; empty if there is none."""
        value = get_declared_input(resource, *key.split("."))
        if value is None and key == "name":
            return name_pattern(self._graph, resource)
        if value is None and key == "path":
            return "/"
        if value is None or value is UNKNOWN:
            return "" if value is None else "*"
        written = str(value).removeprefix("s3://")
        for urn in resource.property_dependencies.get(key.partition(".")[0], ()):
            other = self._graph.resources.get(urn)
            if other is not None:
                written = self._without_made_up(written, other)
        return _NAME_IN_ARN.sub(r"\1", written)

    def _without_made_up(self, written: str, other: Resource) -> str:
        """The text without what this evaluation made up of another resource, and with its name in place of its ARN."""
        made, arn, identity = (as_text(other.state.get(key)) for key in ("name", "arn", "id"))
        pattern = name_pattern(self._graph, other)
        if written == arn:
            return pattern
        if made and get_declared_input(other, "name") is None:
            written = written.replace(made, pattern)
        # An ID may be an input: the name of a domain.
        own = {value for value in other.inputs.values() if isinstance(value, str)}
        return written.replace(identity, "*") if identity and identity not in {*own, made} else written


def _list_passed_roles(value: Any, key: str = "") -> Iterator[str]:
    """ARNs of roles in an input by which a service receives a role. Roles of the stack can be among them."""
    value = reveal(value)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _list_passed_roles(inner, str(name))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _list_passed_roles(inner, key)
    elif isinstance(value, str) and _PASSED_KEY.match(key) and _ROLE.fullmatch(value):
        yield value


def _pack_policies(allowed: _Allowed) -> list[Policy]:
    """As few policies as the statements fit into."""
    together: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for (resource, condition), calls in sorted(allowed.items()):
        together[tuple(sorted(calls)), condition].append(resource)
    statements = [
        part
        for (actions, condition), resources in together.items()
        for part in _split_statement(list(actions), _remove_covered(resources), json.loads(condition))
    ]
    documents: list[Policy] = []
    for statement in sorted(statements, key=lambda statement: -measure_policy(statement)):
        for document in documents:
            if measure_policy(_make_policy([*document["Statement"], statement])) <= LONGEST:
                document["Statement"].append(statement)
                break
        else:
            documents.append(_make_policy([statement]))
    return documents


def _remove_covered(resources: list[str]) -> list[str]:
    """The patterns, without those that begin as one does that ends in `*`."""
    wide = [resource for resource in resources if resource.endswith("*")]
    return [
        resource
        for resource in resources
        if not any(resource != each and resource.startswith(each[:-1]) for each in wide)
    ]


def _split_statement(actions: list[str], resources: list[str], condition: Mapping[str, Any]) -> Iterator[Policy]:
    """The statement, in halves if it is longer than a policy."""
    statement: Policy = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if condition:
        statement["Condition"] = condition
    if measure_policy(_make_policy([statement])) <= LONGEST or (len(actions) == 1 and len(resources) == 1):
        yield statement
        return
    if len(resources) > 1:
        middle = len(resources) // 2
        yield from _split_statement(actions, resources[:middle], condition)
        yield from _split_statement(actions, resources[middle:], condition)
    else:
        middle = len(actions) // 2
        yield from _split_statement(actions[:middle], resources, condition)
        yield from _split_statement(actions[middle:], resources, condition)


def _make_policy(statements: list[Policy]) -> Policy:
    return {"Version": "2012-10-17", "Statement": statements}


def _list_waits(resource: Resource) -> Iterator[float]:
    """Seconds that the engine may wait for a resource: its time limits, its own wait, and hooks until it answers."""
    yield from map(_parse_seconds, resource.options.custom_timeouts.values())
    yield _parse_seconds(as_text(resource.inputs.get("waitForCapacityTimeout")) or "")
    if any(name.endswith(hook_names.WAITS) for names in resource.options.hooks.values() for name in names):
        watched = resource.inputs.get("input")
        seconds = watched.get("seconds") if isinstance(watched, Mapping) else None
        yield float(seconds or limits.ANSWER_SECONDS + defaults.START_SECONDS)
    grace = resource.inputs.get("healthCheckGracePeriod")
    if isinstance(grace, (int, float)):
        # Of an Auto Scaling group, whose scaling policies have the hook.
        yield grace + limits.ANSWER_SECONDS - limits.BOOT_SECONDS


def _parse_seconds(duration: str) -> float:
    """A duration as Go writes it: `1h30m`."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(duration))

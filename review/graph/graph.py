"""A program's declarations: every registration, as the engine would have received it.

The graph is plain data. Rules, costs and paths need nothing else, so they work on the graph of any program. The policy
pack builds such a graph too.
"""

import enum
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from ..facts.regions import find_partition
from ..recording.resources import CachesResults, Invoke, Resource
from ..recording.values import UNKNOWN, Secret, reveal, reveal_all

K = TypeVar("K")
V = TypeVar("V")


class Origin(enum.StrEnum):
    """Where a graph comes from."""

    PROGRAM = "program"
    """An evaluation, on the SDK's mocked runtime."""
    PLAN = "plan"
    """The output of `pulumi preview --json`."""
    STATE = "state"
    """The stack's state before the update, which a plan file also contains."""


_NETWORK_LOOKUPS: Final = ("aws:ec2/getVpc:getVpc", "aws:ec2/getSubnet:getSubnet")


def get_partition(region: str) -> str:
    """The partition of AWS that a region is in."""
    return find_partition(region).name


def get_dns_suffix(partition: str) -> str:
    """Domain under which the partition's services have their names."""
    return "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"


@dataclass(kw_only=True)
class Graph(CachesResults):
    """A whole stack, as an evaluation of its program declared it or as the engine wrote it to a file."""

    project: str
    stack: str
    region: str
    account: str
    partition: str
    resources: dict[str, Resource]
    """By URN, parents before children, otherwise sorted."""
    exports: Mapping[str, Any] = field(default_factory=dict)
    invokes: tuple[Invoke, ...] = ()
    stack_outputs: tuple[tuple[str, str], ...] = ()
    """Outputs of other stacks that the program reads: the name of the StackReference, and that of the output."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Stack config, parsed (`gatehouse:network` is a mapping); each encrypted value in it is a `Secret`."""
    ciphertexts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Encrypted values of the config as they are written, by key and path."""
    files: tuple[str, ...] = ()
    """Python files of the project that the program imported, relative to the project's folder."""
    notes: tuple[str, ...] = ()
    """What this evaluation could not do, such as open a Pulumi ESC environment, decrypt a secret or run an invoke
    transform."""
    skipped: tuple[str, ...] = ()
    """Lines of the program with functions of an `apply` that may declare resources, and did not run."""
    origin: Origin = Origin.PROGRAM

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def list_by_type(self, *types: str) -> list[Resource]:
        """Resources of these type tokens, in graph order."""
        return [resource for kind in types for resource in self._by_type.get(kind, [])]

    def list_children(self, urn: str | None) -> list[Resource]:
        """Direct children; `None` gives the top of the stack."""
        return self._by_parent.get(urn, [])

    @functools.cached_property
    def top_types(self) -> frozenset[str]:
        return frozenset(child.type for child in self.list_children(None))

    def find_top_component(self, resource: Resource) -> Resource:
        """The component at the top of the stack that a resource belongs to; itself if it belongs to none."""
        while resource.parent is not None:
            resource = self.resources[resource.parent]
        return resource

    def get_project_config(self, key: str) -> Any:
        """A key of the project's own config, under the project's name; None if it is not set."""
        return reveal_all(self.config.get(f"{self.project}:{key}"))

    def list_descendants(self, urn: str) -> Iterator[Resource]:
        for child in self.list_children(urn):
            yield child
            yield from self.list_descendants(child.urn)

    def find(self, value: Any, *types: str) -> Resource | None:
        """The resource that an id, ARN, name or other identifying output value belongs to.

        `types` narrows the search, for values (names) that several resources share.
        """
        value = reveal(value)
        if not isinstance(value, str):
            return None
        resources = self._by_value.get(value, [])
        return next((resource for resource in resources if not types or resource.type in types), None)

    def find_all(self, value: Any) -> list[Resource]:
        """All resources that an id, ARN, name or other identifying output value may belong to."""
        return self._by_value.get(value, []) if isinstance(value, str) else []

    @functools.cached_property
    def looked_up(self) -> frozenset[str]:
        """Texts in results of lookups, except those in the lookup's arguments.

        A lookup may have found a resource that this program also declares. These texts are used to notice that.
        """
        result_texts = (
            {*list_texts(reveal_all(call.result))} - {*list_texts(reveal_all(call.arguments))} for call in self.invokes
        )
        return frozenset().union(*result_texts)

    @functools.cached_property
    def made_up(self) -> frozenset[str]:
        """Texts in stand-ins for lookup results; AWS would return others.

        Without lookups of a VPC or subnet, because a program may use the ranges of its own network.
        """
        invokes = (invoke for invoke in self.invokes if invoke.made_up and invoke.token not in _NETWORK_LOOKUPS)
        return frozenset(text for invoke in invokes for text in list_texts(reveal_all(invoke.result)))

    @functools.cached_property
    def secret_texts(self) -> frozenset[str]:
        """Every text marked as secret, in resources and in config. For comparing; never for printing."""
        secrets = {value for resource in self for value in _list_secret_texts(resource.state)}
        secrets |= {value for resource in self for value in _list_secret_texts(resource.inputs)}
        for resource in self:
            outputs = (resource.state.get(key) for key in resource.options.additional_secret_outputs)
            secrets.update(value for value in outputs if isinstance(value, str))
        # The SDK marks the value of every SSM parameter as secret, even if its type is String.
        parameters = [parameter.inputs for parameter in self.list_by_type("aws:ssm/parameter:Parameter")]
        plain = {reveal(inputs.get("value")) for inputs in parameters if reveal(inputs.get("type")) != "SecureString"}
        # In config, the user marks single values, so each is a secret. In outputs, a provider marks a whole mapping,
        # although only some of its values are secret.
        return frozenset((secrets - plain) | set(_list_secret_texts(self.config, whole=True)))

    @functools.cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        return group_pairs((resource.type, resource) for resource in self)

    @functools.cached_property
    def _by_parent(self) -> dict[str | None, list[Resource]]:
        return group_pairs((resource.parent, resource) for resource in self)

    @functools.cached_property
    def _by_value(self) -> dict[str, list[Resource]]:
        # A function comes before its alias, which has the function's name as well.
        pairs = (
            (reveal(resource.state.get(key)), resource) for key in IDENTIFYING for resource in self if resource.custom
        )
        named = ((value, resource) for value, resource in pairs if isinstance(value, str) and value)
        # A program may read by `get` what it also declares: the declaration is known better.
        return group_pairs(sorted(named, key=lambda pair: pair[1].existing))


def make_empty_graph(like: Graph) -> Graph:
    """An empty graph with the project, stack, region and account of `like`."""
    return replace(like, resources={}, exports={}, invokes=(), config={}, notes=())


IDENTIFYING: Final = ("id", "arn", "name", "dnsName", "invokeArn", "qualifiedArn", "executionArn", "functionName")
"""Outputs by which one resource names another."""


def group_pairs(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Values by key, in order."""
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


PENDING: Final = " (to be deleted, {})"
"""Suffix for the URN of a replaced resource that is still to be deleted, with the ID of that resource. The new resource
has the plain URN."""


def format_provider_reference(urn: str, identity: object) -> str:
    """The text `URN::ID` by which resources name their provider. The suffix `PENDING` is not part of it."""
    return f"{urn.removesuffix(PENDING.format(identity))}::{identity or ''}"


_SECRET_KEY: Final = re.compile(r"pass|secret|token|key|credential|private", re.IGNORECASE)
"""If a whole mapping is marked as secret, only values under these keys count as secret. For example, a connection also
has a host name, which is none."""


def _list_leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        # Whoever looks whether a value is known has not read its parts: `asked` is not to note them.
        value = list(dict.values(value))
    if isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _list_leaves(inner)
    elif isinstance(value, str) or value is UNKNOWN:
        yield value


def list_texts(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth; none of its secrets."""
    return (leaf for leaf in _list_leaves(value) if leaf is not UNKNOWN)


def collect_revealed_texts(values: Iterable[Any]) -> frozenset[Any]:
    """Every text in the values, also in secrets, and `UNKNOWN` if a part is not known."""
    return frozenset(leaf for value in values for leaf in _list_leaves(reveal_all(value)))


def _list_secret_texts(value: Any, *, marked: bool = False, whole: bool = False) -> Iterator[str]:
    """Texts that are marked as secret. With `whole`, all of a marked mapping; else those under secret keys."""
    if isinstance(value, Secret):
        yield from _list_secret_texts(value.value, marked=True, whole=whole)
    elif isinstance(value, str):
        if marked:
            yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            is_secret = whole or _SECRET_KEY.search(str(key)) is not None
            yield from _list_secret_texts(inner, marked=marked and is_secret, whole=whole)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _list_secret_texts(inner, marked=marked, whole=whole)

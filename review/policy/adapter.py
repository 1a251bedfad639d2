"""The engine's resources for policies, as the graph that rules read.

Rules judge inputs. The engine gives them to policies of a resource only. A policy of the stack gets outputs: the
provider adds values that AWS filled in, and plans a whole mapping as unknown for one unknown value in it. So `Inputs`
keeps the inputs of each resource until the stack is judged.

Property bags are proxies that raise when an unknown value is touched, by `get` and `in` as well, so every value is
fetched by itself and an unknown one becomes the graph's marker. Rules never see a proxy.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi_policy import PolicyResource, PolicyResourceOptions, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from review.aws.catalog import types
from review.aws.catalog.catalog import normalize_token
from review.graph import UNKNOWN, Asset, Graph, Options, Resource
from review.graph.graph import get_partition
from review.graph.json_parsing import parse_config_value

_PROVIDER: Final = "pulumi:providers:"


class Inputs:
    """The inputs of each resource, as the engine gives them to a policy of a resource before it does anything.

    The engine does this for every resource that the program declares, changed or not, and for none that it reads.
    https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/step_generator.go
    """

    def __init__(self) -> None:
        self._props: dict[str, Any] = {}
        self._read: dict[str, Mapping[str, Any]] = {}

    def keep(self, args: ResourceValidationArgs) -> None:
        """Remember the inputs of a resource. Each policy is handed the same ones again, so they are read later."""
        self._props[args.urn] = args.props
        self._read.pop(args.urn, None)
        if normalize_token(args.resource_type) in types.FUNCTION:
            # The program deletes the archives that it made when it ends.
            self._read[args.urn] = _unwrap(args.props)

    def of(self, urn: str) -> Mapping[str, Any] | None:
        """The inputs of a resource; None if this run declared no such resource."""
        if urn in self._props and urn not in self._read:
            self._read[urn] = _unwrap(self._props[urn])
        return self._read.get(urn)


def build_stack_graph(resources: Iterable[PolicyResource], inputs: Inputs) -> Graph:
    """Every resource of a stack: its inputs, and the outputs it has, or will have as far as a preview knows them."""
    converted = [_make_resource(resource, _unwrap(resource.props), inputs.of(resource.urn)) for resource in resources]
    return _make_graph({resource.urn: resource for resource in converted})


def build_resource_graph(args: ResourceValidationArgs) -> Graph:
    """One resource by its inputs, provider defaults filled in."""
    inputs = _unwrap(args.props)
    return _make_graph({args.urn: _make_resource(args, inputs, inputs)})


def _make_resource(
    args: PolicyResource | ResourceValidationArgs, outputs: Mapping[str, Any], inputs: Mapping[str, Any] | None
) -> Resource:
    """A resource; of one that is judged by itself, the engine does not say to which others it belongs."""
    state = {**outputs, **(inputs or {})}
    # Tokens of provider resources have a module with a path, those of components do not.
    custom = args.resource_type.startswith(_PROVIDER) or "/" in args.resource_type.partition(":")[2].partition(":")[0]
    regions = (
        state.get("region"),
        _unwrap(args.provider.props).get("region") if args.provider is not None else None,
    )
    parent = getattr(args, "parent", None)
    named = getattr(args, "property_dependencies", {})
    return Resource(
        urn=args.urn,
        type=normalize_token(args.resource_type),
        name=args.name,
        parent=parent.urn if parent is not None else None,
        custom=custom,
        inputs=inputs or {},
        state=state,
        dependencies=tuple(hit.urn for hit in getattr(args, "dependencies", ())),
        property_dependencies={key: tuple(hit.urn for hit in hits) for key, hits in named.items()},
        options=_make_options(args.opts),
        provider=args.provider.urn if args.provider is not None else "",
        region=next((region for region in regions if isinstance(region, str) and region), ""),
        # The program reads it, or the update leaves it out (`--target`): either way it is not judged.
        existing=custom and inputs is None,
    )


def _make_options(opts: PolicyResourceOptions) -> Options:
    return Options(
        protect=opts.protect,
        delete_before_replace=opts.delete_before_replace,
        ignore_changes=tuple(opts.ignore_changes),
        additional_secret_outputs=tuple(opts.additional_secret_outputs),
        aliases=tuple(opts.aliases),
    )


def _make_graph(resources: dict[str, Resource]) -> Graph:
    urn = next(iter(resources), "urn:pulumi:stack::project::")
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    # The config of the stack that is previewed, which the engine hands to policies in their environment.
    config = {key: parse_config_value(text) for key, text in pulumi.runtime.get_config_env().items()}
    region = str(config.get("aws:region", "")) or next(
        (resource.region for resource in resources.values() if resource.region), ""
    )
    return Graph(
        project=project,
        stack=stack,
        region=region,
        account="",
        partition=get_partition(region),
        resources=resources,
        config=config,
    )


def _unwrap(value: Any) -> Any:
    """A proxy as plain mappings and lists, unknown leaves marked."""
    # Every policy gets every resource again: what most values are comes first.
    if value is None or isinstance(value, str | bytes | int | float):
        return value
    if isinstance(value, Mapping):
        # The bridge's own notes are among the properties: `__defaults`, `__meta`.
        return {key: _fetch(value, key) for key in value if not str(key).startswith("__")}
    if isinstance(value, Sequence):
        return [_fetch(value, index) for index in range(len(value))]
    if isinstance(value, pulumi.FileArchive):
        file = Path(value.path)
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
        return Asset(uri=value.path, archive=True, hash=digest)
    return value


def _fetch(holder: Any, key: Any) -> Any:
    try:
        return _unwrap(holder[key])
    except UnknownValueError:
        return UNKNOWN

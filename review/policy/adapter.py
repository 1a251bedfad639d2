"""The engine's resources for policies, as the graph that rules read.

Property bags are proxies that raise when an unknown value is touched, by `get` and `in` as well, so every value is
fetched by itself and an unknown one becomes the graph's marker. Rules never see a proxy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pulumi
from pulumi_policy import PolicyResource, PolicyResourceOptions, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from review.aws.catalog import canonical
from review.graph import UNKNOWN, Graph, Options, Resource

_PROVIDER: Final = "pulumi:providers:"


def graph_of_stack(resources: Iterable[PolicyResource]) -> Graph:
    """Every resource of a stack, by the outputs it has, or will have as far as a preview knows them."""
    found = [_resource(one) for one in resources]
    return _graph({resource.urn: resource for resource in found})


def graph_of_one(args: ResourceValidationArgs) -> Graph:
    """One resource by its inputs, provider defaults filled in."""
    inputs = _plain(args.props)
    region = _region(inputs, _plain(args.provider.props) if args.provider is not None else {})
    one = _made(args.urn, args.resource_type, args.name, inputs, args.opts, region)
    return _graph({one.urn: one})


def _resource(one: PolicyResource) -> Resource:
    props = _plain(one.props)
    region = _region(props, _plain(one.provider.props) if one.provider is not None else {})
    return _made(
        one.urn,
        one.resource_type,
        one.name,
        props,
        one.opts,
        region,
        one.parent.urn if one.parent is not None else None,
        tuple(hit.urn for hit in one.dependencies),
        {key: tuple(hit.urn for hit in hits) for key, hits in one.property_dependencies.items()},
    )


def _made(
    urn: str,
    token: str,
    name: str,
    props: Mapping[str, Any],
    opts: PolicyResourceOptions,
    region: str,
    parent: str | None = None,
    dependencies: tuple[str, ...] = (),
    property_dependencies: Mapping[str, tuple[str, ...]] | None = None,
) -> Resource:
    return Resource(
        urn=urn,
        type=canonical(token),
        name=name,
        parent=parent,
        custom=_is_custom(token),
        remote=False,
        inputs=props,
        state=props,
        dependencies=dependencies,
        property_dependencies=property_dependencies or {},
        options=Options(
            protect=opts.protect,
            delete_before_replace=opts.delete_before_replace,
            ignore_changes=tuple(opts.ignore_changes),
            additional_secret_outputs=tuple(opts.additional_secret_outputs),
            aliases=tuple(opts.aliases),
        ),
        region=region,
    )


def _graph(resources: dict[str, Resource]) -> Graph:
    urn = next(iter(resources), "urn:pulumi:stack::project::")
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    config = _stack_config()
    region = str(config.get("aws:region", "")) or next((one.region for one in resources.values() if one.region), "")
    return Graph(
        project=project,
        stack=stack,
        region=region,
        account="",
        partition=_partition(region),
        resources=resources,
        config=config,
    )


def _plain(value: Any) -> Any:
    """A proxy as plain mappings and lists, unknown leaves marked."""
    # Every policy gets every resource again: what most values are comes first.
    if value is None or isinstance(value, str | bytes | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: _fetched(value, key) for key in value}
    if isinstance(value, Sequence):
        return [_fetched(value, index) for index in range(len(value))]
    return value


def _fetched(holder: Any, key: Any) -> Any:
    try:
        return _plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def _is_custom(token: str) -> bool:
    """Tokens of provider resources have a module with a path, those of components do not."""
    return token.startswith(_PROVIDER) or "/" in token.partition(":")[2].partition(":")[0]


def _region(props: Mapping[str, Any], provider: Mapping[str, Any]) -> str:
    for found in (props.get("region"), provider.get("region")):
        if isinstance(found, str) and found:
            return found
    return ""


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _stack_config() -> dict[str, Any]:
    """The config of the stack that is previewed, which the engine hands to policies in their environment."""
    return {key: _parsed(text) for key, text in pulumi.runtime.get_config_env().items()}


def _parsed(text: str) -> Any:
    if text[:1] not in "[{":
        return {"true": True, "false": False}.get(text, text)
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text

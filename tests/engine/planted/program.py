"""A Pulumi program that declares one of the groups as resources: `pulumi config set group 0`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from review.graph import Asset, Options, Secret
from review.tests.graph_builder import Builder, Json, Made, Output, Ref

from .graphs import declare, groups


class _OnEngine(Builder):
    """Declares each resource with the engine as well. What others may read of it, a graph made before knows."""

    def __init__(self, read: Mapping[str, Any]) -> None:
        super().__init__()
        self._read = read
        self._declared: dict[str, Any] = {}

    def __call__(
        self,
        kind: str,
        name: str,
        /,
        *,
        options: Options | None = None,
        after: tuple[Made, ...] = (),
        parent: Made | None = None,
        **inputs: Any,
    ) -> Made:
        handle = super().__call__(kind, name, options=options, after=after, parent=parent, **inputs)
        resource = self.resources[handle.urn]
        outputs = dict.fromkeys(self._read[handle.urn].state)
        wanted = options or Options()
        opts = pulumi.ResourceOptions(
            parent=self._declared[parent.urn] if parent else None,
            depends_on=[self._declared[handle.urn] for handle in after],
            delete_before_replace=wanted.delete_before_replace,
            protect=wanted.protect or None,
            retain_on_delete=wanted.retain_on_delete or None,
        )
        declared = {key: self._of_engine(value) for key, value in inputs.items()}
        properties = {key: value for key, value in {**outputs, **declared}.items() if key not in ("id", "urn")}
        if resource.custom:
            self._declared[handle.urn] = _Any(resource.type, resource.name, properties, opts)
        else:
            self._declared[handle.urn] = pulumi.ComponentResource(resource.type, resource.name, declared, opts)
        return handle

    def _of_engine(self, value: Any) -> Any:
        match value:
            case Ref(parts=parts):
                texts = [self._output(part) if isinstance(part, Output) else part for part in parts]
                return texts[0] if len(texts) == 1 else pulumi.Output.concat(*texts)
            case Json(value=inner):
                return pulumi.Output.json_dumps(self._of_engine(inner))
            case Secret(value=inner):
                return pulumi.Output.secret(self._of_engine(inner))
            case Asset(members=members) if members:
                return pulumi.AssetArchive({name: self._of_engine(member) for name, member in members.items()})
            case Asset(text=str(text)) if text:
                return pulumi.StringAsset(text)
            case Mapping():
                return {key: self._of_engine(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self._of_engine(inner) for inner in value]
        return value

    def _output(self, output: Output) -> Any:
        declared = self._declared[output.made.urn]
        return declared.id if output.key == "id" else getattr(declared, output.key)


class _Any(pulumi.CustomResource):
    """A resource of any type: its properties are its attributes, under the engine's names."""

    def __init__(self, kind: str, name: str, properties: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(kind, name, properties, opts)


def main() -> None:
    """Declare the group."""
    group = groups()[pulumi.Config().require_int("group")]
    read = {urn: resource for build in declare(group, Builder) for urn, resource in build.resources.items()}
    declare(group, lambda: _OnEngine(read))

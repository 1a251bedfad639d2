"""The record of a run, and its Graph, with options that the engine inherits and tags that the provider adds."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from pulumi.runtime.proto import resource_pb2

from ..aws.catalog.catalog import normalize_token
from ..aws.catalog.tables import load_table
from ..graph import Graph, Invoke, Options, Resource, reveal
from ..graph.graph import parents_first
from ..graph.json_text import opened
from ..graph.reading import as_mapping
from .host.modules import belongs
from .mocks.location import Location
from .stack_file import Stack

ROOT_TYPE: Final = "pulumi:pulumi:Stack"
_MAJOR: Final = "7"
_MOST_TAGS: Final = 50  # https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html


@dataclass
class Recorded:
    """Resources as the program declared them, each with the state that it was given, and what else it asked for."""

    root: Path  # the project's folder
    default_tags: Any  # `aws:defaultTags` of the stack's config
    requests: dict[str, Any] = field(default_factory=dict)
    """By URN, the RegisterResourceRequest, or the ReadResourceRequest of a resource that the program only reads."""
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)  # outputs that components registered, by URN
    invokes: list[Invoke] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown_references: list[str] = field(default_factory=list)  # other stacks that it reads and that were not known

    def above(self, parent: str) -> Iterator[Any]:
        """Requests of all above a resource, the nearest first, without the stack's own."""
        while parent in self.requests:
            yield self.requests[parent]
            parent = self.requests[parent].parent

    @property
    def exports(self) -> dict[str, Any] | None:
        """The stack's outputs, which the SDK registers at the end of the program's file. None before that."""
        return next((values for urn, values in self.outputs.items() if urn.split("::")[2:3] == [ROOT_TYPE]), None)

    def add(self, urn: str, request: Any, inputs: dict[str, Any], state: dict[str, Any], region: str) -> None:
        """Record a resource, whose parent and provider are there already."""
        read, above = isinstance(request, resource_pb2.ReadResourceRequest), self.resources.get(request.parent)
        custom = read or request.custom
        if custom and "tags" in load_table("input_types")["types"].get(normalize_token(request.type), {}):
            explicit = self.resources.get(request.provider.rpartition("::")[0])
            block = explicit.inputs.get("defaultTags") if explicit else None if request.provider else self.default_tags
            # A mapping, or JSON text of one. Each resource has all: one more than AWS takes is enough to be too many.
            defaults = as_mapping(as_mapping(opened(reveal(block))).get("tags")).items()
            own, tags = state.get("tags"), dict(itertools.islice(defaults, _MOST_TAGS + 1))
            state = {**state, "tagsAll": {**tags, **(own if isinstance(own, Mapping) else {})}}
        named = {} if read else request.propertyDependencies
        self.resources[urn] = Resource(
            urn=urn,
            type=normalize_token(request.type),
            name=request.name,
            parent=above.urn if above else None,
            custom=custom,
            remote=not read and request.remote,
            inputs=inputs,
            state=state,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={key: tuple(sorted(entry.urns)) for key, entry in sorted(named.items())},
            options=Options() if read else _options(request, above, urn),
            provider=self._provider(request) if custom else request.provider,
            source=_source(request, self.root),
            region=region,
            existing=read,
        )
        self.requests[urn] = request

    def _provider(self, request: Any) -> str:
        """The engine gives a resource its nearest ancestor's provider for the resource's package."""
        package = request.type.partition(":")[0]
        above = (getattr(ancestor, "providers", {}) for ancestor in self.above(request.parent))
        inherited = (str(providers[package]) for providers in above if package in providers)
        return str(request.provider) or next(inherited, "")

    def graph(self, project: str, stack: Stack, location: Location, notes: tuple[str, ...]) -> Graph:
        # Requests come in the order of a thread pool.
        parents = {urn: request.parent for urn, request in self.requests.items()}
        resources = {urn: self.resources[urn] for urn in parents_first(parents)}
        for urn in self.outputs.keys() & resources.keys():
            if not (resource := resources[urn]).custom:
                resources[urn] = replace(resource, state={**resource.state, **self.outputs[urn]})
        return Graph(
            project=project,
            stack=stack.name,
            region=location.region,
            account=location.account,
            partition=location.partition,
            resources=resources,
            exports=self.exports or {},
            invokes=tuple(sorted(self.invokes, key=lambda invoke: (invoke.token, repr(invoke.arguments)))),
            config=stack.parsed,
            ciphertexts=stack.ciphertexts,
            notes=(*notes, *self._other_versions()),
        )

    def _other_versions(self) -> list[str]:
        """A note on versions of AWS's provider that the program uses and the review does not know."""
        versions = {call.version for call in self.requests.values() if call.type.startswith("aws:") and call.version}
        older = sorted(version for version in versions if version.removeprefix("v").partition(".")[0] != _MAJOR)
        effect = "answers about resources with inputs that it does not know are cannot tell"
        known = f"the review knows version {_MAJOR}; {effect}"
        return [f"the program uses pulumi-aws {', '.join(older)}: {known}"] if older else []


def chain(parent: str, type_: str) -> str:
    """The engine's rule for types in a URN: all above a resource, without the stack's own."""
    above = "".join(parent.split("::")[2:3]) or ROOT_TYPE
    return type_ if above == ROOT_TYPE else f"{above}${type_}"


def _options(request: Any, above: Resource | None, urn: str) -> Options:
    inherited = above.options if above else Options()
    return Options(
        protect=request.protect if request.HasField("protect") else inherited.protect,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else inherited.retain_on_delete,
        deleted_with=request.deletedWith or inherited.deleted_with,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(dict.fromkeys(request.ignoreChanges)),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=(*dict.fromkeys(_alias(alias, request, urn) for alias in request.aliases),),
        custom_timeouts={field.name: text for field, text in request.customTimeouts.ListFields()},
        import_id=request.importId or None,
        hooks={field.name: tuple(names) for field, names in request.hooks.ListFields()},
    )


def _alias(alias: Any, request: Any, urn: str) -> str:
    if alias.WhichOneof("alias") == "urn":
        return str(alias.urn)
    spec = alias.spec
    stack, stack_project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    type_, name = spec.type or request.type, spec.name or request.name
    parent = "" if spec.WhichOneof("parent") == "noParent" else spec.parentUrn or request.parent
    return f"urn:pulumi:{spec.stack or stack}::{spec.project or stack_project}::{chain(parent, type_)}::{name}"


def _source(request: Any, root: Path) -> str:
    """`file:line` of the nearest frame inside the project, which is where the resource was declared."""
    for position in [frame.pc for frame in request.stackTrace.frames] or [request.sourcePosition]:
        path = Path(unquote(position.uri.partition("://")[2]))
        if belongs(str(path), root):
            return f"{path.relative_to(root)}:{position.line}"
    return ""

"""From what a run recorded to a Graph: order, what the engine inherits from parents, tags that the provider adds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..aws.catalog.catalog import canonical
from ..graph import Graph, Options, Resource, reveal
from ..graph.graph import parents_first
from ..graph.json_text import opened
from ..graph.reading import mapping
from .host.modules import belongs
from .mocks.location import Location
from .mocks.sdk_types import properties
from .monitor import Recorded, Registration, chain
from .stack_file import Stack

_MAJOR = "7"


def assemble(
    project: str, root: Path, stack: Stack, location: Location, recorded: Recorded, notes: tuple[str, ...]
) -> Graph:
    default_tags = _default_tags(stack.parsed.get("aws:defaultTags"))
    resources: dict[str, Resource] = {}
    # Requests come in the order of a thread pool.
    for urn in parents_first({urn: one.request.parent for urn, one in recorded.registrations.items()}):
        registration = recorded.registrations[urn]
        above = resources.get(registration.request.parent)
        resources[urn] = _resource(registration, above, recorded, default_tags, root)
    return Graph(
        project=project,
        stack=stack.name,
        region=location.region,
        account=location.account,
        partition=location.partition,
        resources=resources,
        exports=recorded.exports or {},
        invokes=tuple(sorted(recorded.invokes, key=lambda invoke: (invoke.token, repr(invoke.arguments)))),
        config=stack.parsed,
        ciphertexts=stack.ciphertexts,
        notes=(*notes, *_other_versions(recorded)),
    )


def _other_versions(recorded: Recorded) -> list[str]:
    """A note on versions of AWS's provider that the program uses and that the review knows less well than its own."""
    requests = (one.request for one in recorded.registrations.values() if one.request.type.startswith("aws:"))
    versions = {request.version for request in requests if request.version}
    older = sorted(version for version in versions if version.removeprefix("v").partition(".")[0] != _MAJOR)
    known = f"the review knows version {_MAJOR}, and of 5 and 6 the inputs that shape traffic"
    said = "answers about resources with inputs that it does not know are cannot tell"
    return [f"the program uses pulumi-aws {', '.join(older)}: {known}; {said}"] if older else []


def _resource(
    registration: Registration, above: Resource | None, recorded: Recorded, default_tags: Mapping[str, Any], root: Path
) -> Resource:
    request, state = registration.request, dict(registration.state)
    custom = registration.read or request.custom
    named = {} if registration.read else request.propertyDependencies
    if not custom:
        state |= recorded.outputs.get(registration.urn, {})
    elif request.type.startswith("aws:") and "tagsAll" in properties(request.type):
        explicit = recorded.registrations.get(request.provider.rpartition("::")[0])
        own = _default_tags(explicit.inputs.get("defaultTags")) if explicit else {}
        provider_tags, tags = own if request.provider else default_tags, state.get("tags")
        state["tagsAll"] = {**provider_tags, **(tags if isinstance(tags, Mapping) else {})}
    return Resource(
        urn=registration.urn,
        type=canonical(request.type),
        name=request.name,
        parent=above.urn if above else None,
        custom=custom,
        remote=not registration.read and request.remote,
        inputs=registration.inputs,
        state=state,
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={key: tuple(sorted(entry.urns)) for key, entry in sorted(named.items())},
        options=Options() if registration.read else _options(request, above, registration.urn),
        provider=_provider(request, above, recorded, custom),
        source=_source(request, root),
        region=registration.region,
        existing=registration.read,
    )


def _provider(request: Any, above: Resource | None, recorded: Recorded, custom: bool) -> str:
    if request.provider or not custom or above is None:
        return str(request.provider)
    # The engine gives a resource its nearest ancestor's provider for the resource's package.
    package = request.type.partition(":")[0]
    given = (getattr(ancestor, "providers", {}) for ancestor in recorded.above(above.urn))
    return next((str(providers[package]) for providers in given if package in providers), "")


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
        aliases=tuple(_alias(alias, request, urn) for alias in request.aliases),
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


def _default_tags(given: Any) -> Mapping[str, Any]:
    """`aws:defaultTags` as config has it, or as an explicit provider gets it: a mapping, or JSON text of one."""
    return mapping(mapping(opened(reveal(given))).get("tags"))

"""The engine's side of a mocked run: every request of the program is answered as in a preview."""

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2

from ..aws.catalog.catalog import find_row, may_shape_traffic, normalize_token
from ..aws.catalog.tables import load_table
from ..graph import STACK_REFERENCE, UNKNOWN, Graph, Invoke, Resource, Secret, reveal
from ..graph.json_parsing import parse_nested_json
from ..graph.reading import as_mapping
from ..recording import wire
from ..recording.marks import UNKNOWN_TEXT
from ..recording.recorder import Recorder
from .existing import list_existing
from .host.modules import is_project_file, list_project_files
from .host.provenance import PROVENANCE, Provenance
from .host.stand_in import TEXT
from .mocks.location import Location, list_allowed_accounts
from .mocks.lookups import Lookups
from .mocks.resources import Resources
from .mocks.sdk_types import convert_values, list_fields
from .project_file import Project
from .stack_file import Stack

_PLAIN: Final = frozenset(
    load_table("plain_texts")
)  # parts in traffic of types whose texts shape it, and are no passwords
_MAJOR: Final = "7"
_MOST_TAGS: Final = 50  # https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html


class _NoMocks(Mocks):
    """The recorder answers itself."""

    def new_resource(self, args: MockResourceArgs) -> Any: ...

    def call(self, args: MockCallArgs) -> Any: ...


class PreviewRecorder(Recorder):
    """Answers a program as the engine and its providers would in a preview.

    With `known`, outputs that a provider would compute are made up, else unknown.
    """

    def __init__(self, project: Project, stack: Stack, place: Location, *, known: bool, strict: bool) -> None:
        super().__init__(_NoMocks(), project=project.name, stack=stack.name)
        self.project, self.stack, self.location, self.known = project, stack, place, known
        self.answers = Resources(place)
        config = json.dumps(dict(stack.config))
        given = partial(project.answers.lookup, accounts=list_allowed_accounts(stack.parsed))
        self.lookups = Lookups(place, config, self.answers.made, given, strict=strict)
        self.lookup_declarers: Mapping[str, str] = {}
        self.provenances: Mapping[int, Provenance] = {}
        self.stack_outputs: Iterable[tuple[str, str]] = ()
        """Of resources, by the number in their stack trace."""
        self.notes: list[str] = []
        self.unknown_references: list[str] = []  # other stacks that it reads and that were not known

    def read_inputs(self, request: Any) -> dict[str, Any]:
        types = load_table("input_types").get(normalize_token(request.type), {})
        inputs = convert_values(super().read_inputs(request), types)
        if self.stack.stand_ins and may_shape_traffic(request.type):
            inputs = _remove_stand_ins(inputs, text=find_row(request.type).role in _PLAIN)
        return inputs

    def answer_resource(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        if not request.custom and not request.remote:
            return {}
        # The SDK does not learn that a remote component's outputs are unknown, so they are all named.
        outputs: dict[str, Any] = dict.fromkeys(["id"] if request.custom else list_fields(request.type), UNKNOWN)
        if self.known:
            key = urn.partition("::")[2].partition("::")[2]
            region = self._find_region(inputs, request.provider)
            answer = self.answers.answer(key, request.type, request.name, inputs, region)
            if not request.custom:
                answer.pop("id", None)
            outputs |= answer
        computed = load_table("computed_in_blocks")["types"].get(normalize_token(request.type), {})
        text = UNKNOWN_TEXT if self.known else UNKNOWN
        for key in inputs.keys() & computed:
            outputs[key] = _complete_block(outputs.get(key, inputs[key]), computed[key], text)
        return outputs

    def answer_read(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        identity = wire.detect_unknown(request.id)
        state: dict[str, Any] = {"id": identity}
        if isinstance(identity, str) and not request.type.startswith("pulumi:"):
            # A preview really reads, so these are known in both kinds of run.
            state = self.answers.read(identity, urn, request.type, request.name, inputs)
        if request.type == STACK_REFERENCE:
            state |= self._other_stack(str(identity))
        return state

    def answer_lookup(self, request: Any, arguments: Mapping[str, Any]) -> Invoke:
        before, region = len(self.lookups.invented), self._find_region(arguments, request.provider)
        result = self.lookups.answer(request.tok, arguments, region)
        answered = self.lookups.given(request.tok, arguments, region)
        return Invoke(
            request.tok,
            arguments,
            result,
            made_up=len(self.lookups.invented) > before,
            region=region,
            answered=frozenset() if answered is None else answered.complete,
        )

    def describe(self, urn: str, request: Any, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Resource:
        resource = super().describe(urn, request, inputs, state)
        provenance = self._find_provenance(request)
        return replace(
            resource,
            type=normalize_token(resource.type),
            state={**state, **self._merge_tags(resource, request.provider)},
            source=_find_source(request, self.project.root),
            region=self._find_region(inputs, request.provider),
            declared_by=provenance.declared_by,
            altered=provenance.altered,
        )

    def Call(self, request: Any) -> Any:
        self.notes.append(f"method {request.tok} of another process was not called: its result is unknown")
        answer = provider_pb2.CallResponse()
        wire.write({"result": UNKNOWN}, getattr(answer, "return"))
        return answer

    def RegisterStackInvokeTransform(self, request: Any) -> None:  # noqa: ARG002 # the protocol's method has it
        self.notes.append("invoke transforms are not run by the review")

    def ExistsResource(self, _request: Any) -> Any:
        """Only AWS knows it."""
        return resource_pb2.ExistsResourceResponse(unknown=True)

    def RegisterPackage(self, request: Any) -> Any:
        parts = (request.name, request.version, request.download_url, request.parameterization.name)
        more = [str(dict(request.checksums))] if request.checksums else []
        more += [request.parameterization.version, request.parameterization.value.hex()]
        return resource_pb2.RegisterPackageResponse(ref=" ".join(filter(None, [*parts, *more])))

    def build_graph(self, notes: tuple[str, ...]) -> Graph:
        """Returns all that the program declared, and what the project's answers say of the network around it."""
        resources = self.list_resources()
        existing = list_existing(self.invokes, resources.values())
        return Graph(
            project=self.project.name,
            stack=self.stack.name,
            region=self.location.region,
            account=self.location.account,
            partition=self.location.partition,
            resources={**{resource.urn: resource for resource in existing}, **resources},
            exports=self.exports or {},
            invokes=tuple(
                sorted(map(self._add_declarer, self.invokes), key=lambda invoke: (invoke.token, repr(invoke.arguments)))
            ),
            stack_outputs=tuple(sorted(self.stack_outputs)),
            config=self.stack.parsed,
            ciphertexts=self.stack.ciphertexts,
            files=list_project_files(self.project.root),
            notes=(*notes, *self._list_other_versions()),
        )

    def _add_declarer(self, invoke: Invoke) -> Invoke:
        return replace(invoke, declared_by=self.lookup_declarers.get(invoke.token, ""))

    def _find_provenance(self, request: Any) -> Provenance:
        numbers = (frame.pc.line for frame in request.stackTrace.frames if frame.pc.uri == PROVENANCE)
        return self.provenances.get(next(numbers, -1), Provenance("", frozenset()))

    def _find_region(self, inputs: Mapping[str, Any], provider: str) -> str:
        """The resource's own region, else its provider's, else the stack's."""
        declared = self.declared.get(provider.rpartition("::")[0])
        regions = (inputs.get("region"), declared.inputs.get("region") if declared else None)
        return next((region for region in regions if isinstance(region, str) and region), self.location.region)

    def _other_stack(self, name: str) -> dict[str, Any]:
        if (outputs := self.project.answers.stacks.get(name)) is None:
            self.unknown_references.append(name)
            return {"outputs": UNKNOWN}
        secret = [key for key, value in outputs.items() if isinstance(value, Secret)]
        return {"outputs": {key: reveal(value) for key, value in outputs.items()}, "secretOutputNames": secret}

    def _merge_tags(self, resource: Resource, provider: str) -> dict[str, Any]:
        """Tags of a resource together with its provider's. Empty if its type has none."""
        types = load_table("input_types").get(normalize_token(resource.type), {})
        if not resource.custom or "tags" not in types:
            return {}
        explicit = self.declared.get(provider.rpartition("::")[0])
        of_stack = self.stack.parsed.get("aws:defaultTags")
        block = explicit.inputs.get("defaultTags") if explicit else None if provider else of_stack
        # A mapping, or JSON text of one. Each resource has all: one more than AWS takes is enough to be too many.
        defaults = as_mapping(as_mapping(parse_nested_json(reveal(block))).get("tags")).items()
        own, tags = resource.state.get("tags"), dict(itertools.islice(defaults, _MOST_TAGS + 1))
        return {"tagsAll": {**tags, **(own if isinstance(own, Mapping) else {})}}

    def _list_other_versions(self) -> list[str]:
        """A note on versions of AWS's provider that the program uses and the review does not know."""
        versions = {call.version for call in self._requests.values() if call.type.startswith("aws:") and call.version}
        older = sorted(version for version in versions if version.removeprefix("v").partition(".")[0] != _MAJOR)
        effect = "answers about resources with inputs that it does not know are cannot tell"
        known = f"the review knows version {_MAJOR}; {effect}"
        return [f"the program uses pulumi-aws {', '.join(older)}: {known}"] if older else []


def _find_source(request: Any, root: Path) -> str:
    """`file:line` of the nearest frame inside the project, which is where the resource was declared."""
    for position in [frame.pc for frame in request.stackTrace.frames] or [request.sourcePosition]:
        path = Path(unquote(position.uri.partition("://")[2]))
        if is_project_file(str(path), root):
            return f"{path.relative_to(root)}:{position.line}"
    return ""


def _complete_block(value: Any, computed: Any, text: Any) -> Any:
    """A block that a program gives, with what the provider computes in it: `text`, or unknown if it is no text."""
    match value:
        case Secret(value=inner):
            return Secret(_complete_block(inner, computed, text))
        case list():
            return [_complete_block(member, computed, text) for member in value]
        case Mapping() if isinstance(computed, Mapping):
            named = {name: _complete_block(value.get(name), inner, text) for name, inner in computed.items()}
            return {**value, **{name: value for name, value in named.items() if value is not None}}
    if value is not None or isinstance(computed, Mapping):
        return value
    return UNKNOWN if computed is None else text


def _remove_stand_ins(value: Any, *, text: bool) -> Any:
    """An input with `UNKNOWN` in place of stand-ins for encrypted values: 0, false and, with `text`, texts."""
    if isinstance(value, Secret) and value.value in (0, False) and isinstance(value.value, bool | int | float):
        return Secret(UNKNOWN)
    if isinstance(value, Secret):
        return Secret(_remove_stand_ins(value.value, text=text))
    if isinstance(value, dict):
        return {key: _remove_stand_ins(inner, text=text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_remove_stand_ins(inner, text=text) for inner in value]
    return UNKNOWN if text and isinstance(value, str) and TEXT in value else value

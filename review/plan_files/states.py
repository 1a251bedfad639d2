"""The graph of resources that the engine wrote into a plan.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go, ResourceV3
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws.catalog.catalog import normalize_token
from ..graph import UNKNOWN, Graph, Options, Resource, reveal
from ..graph.graph import PENDING, Origin, format_provider_reference, get_partition
from ..graph.ignored import list_root_keys
from ..graph.prose import abbreviate_names
from ..recording.resources import STACK, sort_parents_first
from .document import PlanFileError
from .values import convert_properties, convert_value

_PROVIDERS: Final = "pulumi:providers:"
_AWS: Final = f"{_PROVIDERS}aws"
_DEFAULT_PROVIDER: Final = re.compile(r"pulumi:providers:[^:]+::default(_|$)")
_ACCOUNT: Final = re.compile(r"(?:arn:aws[a-z-]*:[^:]*:[^:]*:|\W*)(\d{12})\b")
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_OUTSIDE: Final = {"pip", "node_modules", "site-packages", "dist-packages", ".."}
"""Parts of paths that are no part of the program."""
_CONDITIONS: Final = {
    "initErrors": "the initialization failed in an earlier update; `pulumi up` tries again and shows why",
    "delete": "replaced, and still to be deleted from AWS; `pulumi up` deletes them",
    "pendingReplacement": "deleted from AWS to be replaced, and not created again yet; run `pulumi up`",
}
State = Mapping[str, Any]
"""One resource as the engine writes it."""


def build_graph(
    given: Sequence[State], origin: Origin, config: Mapping[str, Any], notes: Iterable[str] = (), outputs: Any = None
) -> Graph:
    """The graph of a stack, of what is `given` as far as it stands in AWS.

    `outputs` are those of the stack, in place of the ones that it has. Raises PlanFileError.
    """
    states = [*_list_deployed(given)]
    project, stack = find_stack_name(states)
    root = next((state for state in states if state["type"] == STACK), {})
    providers = {
        format_provider_reference(state["urn"], state.get("id")): state
        for state in states
        if state["type"].startswith(_AWS)
    }
    # The default provider first: it has the region of the stack.
    named = sorted(
        (provider for provider in providers.values() if provider["type"] == _AWS),
        key=lambda provider: not _is_default(provider),
    )
    of_shell = (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    declared = (config.get("aws:region"), *map(_find_region, named), *of_shell)
    regions = [text for text in declared if isinstance(text, str) and text]
    if not regions:
        raise PlanFileError("aws:region is not set: run `pulumi config set aws:region eu-west-1`, with your region")
    region = regions[0]
    by_urn = {state["urn"]: state for state in states if state["type"] != STACK and not _is_default(state)}
    listed = [*sort_parents_first({urn: state.get("parent") for urn, state in by_urn.items()})]
    return Graph(
        project=project,
        stack=stack,
        region=region,
        account=_find_account(named, states),
        partition=get_partition(region),
        resources={urn: _make_resource(by_urn[urn], by_urn, providers, region) for urn in listed},
        exports=convert_properties(root.get("outputs") if outputs is None else outputs),
        config=config,
        notes=(*notes, *_list_notes(given)),
        origin=origin,
    )


def find_stack_name(states: Sequence[State]) -> tuple[str, str]:
    """Names of the project and of the stack; empty for a stack without resources."""
    urn = str(states[0]["urn"]) if states else "urn:pulumi:::"
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    return project, stack


def name_of(state: State) -> str:
    """The logical name, also of a resource without a URN."""
    return str(state.get("urn") or "").rpartition("::")[2] or "a resource"


def _make_resource(entry: State, known: Mapping[str, State], providers: Mapping[str, State], region: str) -> Resource:
    external, inputs, outputs = (
        bool(entry.get("external")),
        convert_properties(entry.get("inputs")),
        convert_properties(entry.get("outputs")),
    )
    state = {**outputs, **inputs} if entry.get("custom") else {**inputs, **outputs}
    if entry.get("custom"):
        state["id"] = convert_value(entry.get("id")) or UNKNOWN
    provider = str(entry.get("provider") or "")
    regions = (reveal(inputs.get("region")), _find_region(providers.get(provider, {})), region)
    options = _make_options(entry)
    # AWS's own values, of which the program declares none or ignores some.
    read = (
        outputs if external else {key: outputs[key] for key in list_root_keys(options.ignore_changes) if key in outputs}
    )
    parent, edges = entry.get("parent"), entry.get("propertyDependencies") or {}
    return Resource(
        urn=entry["urn"],
        type=normalize_token(entry["type"]),
        name=entry["urn"].split("::", 3)[3],
        parent=parent if parent in known else None,
        custom=bool(entry.get("custom")),
        inputs={**convert_properties(entry.get("inputs"), filled=False), **read},
        state=state,
        dependencies=tuple(sorted(entry.get("dependencies") or ())),
        property_dependencies={key: tuple(sorted(urns or ())) for key, urns in sorted(edges.items())},
        options=options,
        provider="" if _DEFAULT_PROVIDER.search(provider) else provider,
        source=_find_source(entry),
        region=next((text for text in regions if isinstance(text, str)), ""),
        existing=external,
        read=frozenset(read),
    )


def _make_options(state: State) -> Options:
    timeouts, hooks = state.get("customTimeouts") or {}, state.get("resourceHooks") or {}
    return Options(
        protect=bool(state.get("protect")),
        retain_on_delete=bool(state.get("retainOnDelete")),
        deleted_with=state.get("deletedWith") or None,
        ignore_changes=tuple(state.get("ignoreChanges") or ()),
        replace_on_changes=tuple(state.get("replaceOnChanges") or ()),
        additional_secret_outputs=tuple(state.get("additionalSecretOutputs") or ()),
        aliases=tuple(state.get("aliases") or ()),
        custom_timeouts={key: f"{seconds:g}s" for key, seconds in timeouts.items() if seconds is not None},
        # `BeforeCreate` of the engine is `before_create` of a program.
        hooks={_CAPITAL.sub("_", name).lower(): tuple(names or ()) for name, names in hooks.items()},
    )


def _find_source(state: State) -> str:
    """`file:line` of the nearest frame of the program; empty if the engine was given none."""
    for frame in [*(state.get("stackTrace") or ()), state]:
        path, _, place = str(frame.get("sourcePosition") or "").removeprefix("project:///").partition("#")
        line = place.partition(",")[0]
        if path and line and _OUTSIDE.isdisjoint(path.split("/")):
            return f"{path}:{line}"
    return ""


def _is_default(state: State) -> bool:
    return state["type"].startswith(_PROVIDERS) and _DEFAULT_PROVIDER.search(str(state["urn"])) is not None


def _find_region(provider: State) -> Any:
    return reveal(convert_properties(provider.get("inputs")).get("region")) or None


def _find_account(providers: Sequence[State], states: Sequence[State]) -> str:
    """The account, by the provider's `allowedAccountIds` or an ARN that AWS answered with; empty if not known.

    That of the default provider comes first: others may be of another account.
    """
    made = [state for state in states if not state.get("external")]
    for first in (True, False):
        named = (provider for provider in providers if _is_default(provider) is first)
        allowed = (reveal(convert_properties(provider.get("inputs")).get("allowedAccountIds")) for provider in named)
        its = (state for state in made if bool(_DEFAULT_PROVIDER.search(str(state.get("provider")))) is first)
        arns = ((state.get("outputs") or {}).get("arn") for state in its)
        matches = (_ACCOUNT.match(text) for text in (*allowed, *arns) if isinstance(text, str))
        if account := next((hit[1] for hit in matches if hit), ""):
            return account
    return ""


def _list_notes(states: Sequence[State]) -> Iterator[str]:
    """Conditions of resources that only the engine knows. An error's own text may hold a secret, so it is left out."""
    for mark, words in _CONDITIONS.items():
        if those := [name_of(state) for state in states if state.get(mark)]:
            yield f"{abbreviate_names(those)}: {words}"


def _list_deployed(states: Iterable[State]) -> Iterator[State]:
    """Each state that stands in AWS, those under a URN of their own that are replaced and still to be deleted."""
    for state in states:
        if state.get("delete"):
            yield {**state, "urn": make_pending_urn(state)}
        elif not state.get("pendingReplacement"):
            yield state


def make_pending_urn(state: State) -> str:
    """The URN here of what is replaced and still to be deleted, since its replacement has its own."""
    return f"{state.get('urn')}{PENDING.format(state.get('id'))}"

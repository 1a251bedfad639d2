"""The state of a stack, as `pulumi stack export` prints it, and the graph of resources that the engine wrote.

Resources have the same form in a state and in a plan.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go, ResourceV3
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from ..aws.catalog.catalog import canonical
from ..graph import REGION_ASSUMED, UNKNOWN, Graph, Options, Resource, reveal
from ..graph.given import roots
from ..graph.graph import PENDING, Origin, parents_first, partition_of, reference
from ..graph.prose import few
from .document import EXPORT, EngineFileError, read_document, refuse
from .values import properties, value

STACK: Final = "pulumi:pulumi:Stack"
_PROVIDERS: Final = "pulumi:providers:"
_AWS: Final = f"{_PROVIDERS}aws"
_DEFAULT_REGION: Final = "us-east-1"
_DEFAULT_PROVIDER: Final = re.compile(r"pulumi:providers:[^:]+::default(_|$)")
_ACCOUNT: Final = re.compile(r"(?:arn:aws[a-z-]*:[^:]*:[^:]*:|\W*)(\d{12})\b")
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_OUTSIDE: Final = {"pip", "node_modules", "site-packages", "dist-packages", ".."}
"""Parts of paths that are no part of the program."""
_FLAT: Final = re.compile(r"aws:[^:/]+/[^:]+:")
"""Types of AWS's own resources. Components of AWS's SDK have none of them: `aws:sqs:QueueEventSubscription`."""
_GO_STARTS: Final = "/runtime/proc.go"
"""The file of Go that calls `main`."""
_CONDITIONS: Final = {
    "initErrors": "the initialization failed in an earlier update; `pulumi up` tries again and shows why",
    "delete": "replaced, and still to be deleted from AWS; `pulumi up` deletes them",
    "pendingReplacement": "deleted from AWS to be replaced, and not created again yet; run `pulumi up`",
}
_AGE: Final = "the state is as of the last update or refresh: `pulumi refresh` reads what changed on AWS since"

State = Mapping[str, Any]
"""One resource as the engine writes it."""
Config = Callable[[str, str], tuple[Mapping[str, Any], list[str]]]
"""Returns the config of a project's stack, and notes on it: a state has none."""


def read_state(file: str, config: Config) -> Graph:
    """The graph of what stands, as of the last update or refresh. Raises EngineFileError."""
    deployment = read_document(file, "state", EXPORT)["deployment"]
    states = deployment.get("resources") or []
    urns = Counter(state["urn"] for state in states if not (state.get("delete") or state.get("pendingReplacement")))
    if twice := [name_of({"urn": urn}) for urn, times in urns.items() if times > 1]:
        refuse(file, f"{few(twice)}: the URN is there twice, so the state is damaged")
    configuration, notes = config(*stack_of(states))
    if interrupted := [name_of(one.get("resource") or {}) for one in deployment.get("pending_operations") or ()]:
        words = "an update was interrupted, so AWS may have them or not; run `pulumi refresh`"
        notes = [f"{few(interrupted)}: {words}", *notes]
    return graph_of(states, Origin.STATE, configuration, [_AGE, *notes])


def graph_of(
    given: Sequence[State], origin: Origin, config: Mapping[str, Any], notes: Iterable[str] = (), outputs: Any = None
) -> Graph:
    """The graph of a stack, of what is `given` as far as it stands in AWS.

    `outputs` are those of the stack, in place of the ones that it has.
    """
    states = [*_standing(given)]
    project, stack = stack_of(states)
    root = next((state for state in states if state["type"] == STACK), {})
    providers = {reference(state["urn"], state.get("id")): state for state in states if state["type"].startswith(_AWS)}
    # The default provider first: it has the region of the stack.
    named = sorted((one for one in providers.values() if one["type"] == _AWS), key=lambda one: not _is_default(one))
    regions = [text for text in (config.get("aws:region"), *map(_region_of, named)) if isinstance(text, str) and text]
    region = regions[0] if regions else _DEFAULT_REGION
    by_urn = {state["urn"]: state for state in states if state["type"] != STACK and not _is_default(state)}
    listed = [*parents_first({urn: state.get("parent") for urn, state in by_urn.items()})]
    _check(states, by_urn.keys() - {*listed})
    folder = _go_folder(states)
    assumed = [] if regions else [f"{REGION_ASSUMED}: {_DEFAULT_REGION} is assumed"]
    return Graph(
        project=project,
        stack=stack,
        region=region,
        account=_account(named, states),
        partition=partition_of(region),
        resources={urn: _resource(by_urn[urn], by_urn, providers, region, folder) for urn in listed},
        exports=properties(root.get("outputs") if outputs is None else outputs),
        config=config,
        notes=(*notes, *assumed, *_notes(given)),
        origin=origin,
    )


def stack_of(states: Sequence[State]) -> tuple[str, str]:
    """Names of the project and of the stack; empty for a stack without resources."""
    urn = str(states[0]["urn"]) if states else "urn:pulumi:::"
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    return project, stack


def name_of(state: State) -> str:
    """The logical name, also of a resource without a URN."""
    return str(state.get("urn") or "").rpartition("::")[2] or "a resource"


def _resource(
    one: State, known: Mapping[str, State], providers: Mapping[str, State], region: str, folder: str
) -> Resource:
    external, inputs, outputs = bool(one.get("external")), properties(one.get("inputs")), properties(one.get("outputs"))
    state = {**outputs, **inputs} if one.get("custom") else {**inputs, **outputs}
    if one.get("custom"):
        state["id"] = value(one.get("id")) or UNKNOWN
    provider = str(one.get("provider") or "")
    regions = (reveal(inputs.get("region")), _region_of(providers.get(provider, {})), region)
    options = _options(one)
    # AWS's own values, of which the program declares none or ignores some.
    read = outputs if external else {key: outputs[key] for key in roots(options.ignore_changes) if key in outputs}
    parent, edges = one.get("parent"), one.get("propertyDependencies") or {}
    return Resource(
        urn=one["urn"],
        type=canonical(one["type"]),
        name=one["urn"].split("::", 3)[3],
        parent=parent if parent in known else None,
        custom=bool(one.get("custom")),
        inputs={**properties(one.get("inputs"), filled=False), **read},
        state=state,
        dependencies=tuple(sorted(one.get("dependencies") or ())),
        property_dependencies={key: tuple(sorted(urns or ())) for key, urns in sorted(edges.items())},
        options=options,
        provider="" if _DEFAULT_PROVIDER.search(provider) else provider,
        source=_source(one, folder),
        region=next((text for text in regions if isinstance(text, str)), ""),
        existing=external,
        read=frozenset(read),
    )


def _options(state: State) -> Options:
    timeouts, hooks = state.get("customTimeouts") or {}, state.get("resourceHooks") or {}
    return Options(
        protect=bool(state.get("protect")),
        retain_on_delete=bool(state.get("retainOnDelete")),
        deleted_with=state.get("deletedWith") or None,
        order_is_known=False,
        ignore_changes=tuple(state.get("ignoreChanges") or ()),
        replace_on_changes=tuple(state.get("replaceOnChanges") or ()),
        additional_secret_outputs=tuple(state.get("additionalSecretOutputs") or ()),
        aliases=tuple(state.get("aliases") or ()),
        custom_timeouts={key: f"{seconds:g}s" for key, seconds in timeouts.items() if seconds is not None},
        # `BeforeCreate` of the engine is `before_create` of a program.
        hooks={_CAPITAL.sub("_", name).lower(): tuple(names or ()) for name, names in hooks.items()},
    )


def _source(state: State, folder: str) -> str:
    """`file:line` of the nearest frame of the program, in any language; empty if the engine was given none."""
    for frame in [*(state.get("stackTrace") or ()), state]:
        path, line = _position(frame)
        path = path.removeprefix(folder)
        if path and line and _OUTSIDE.isdisjoint(path.split("/")):
            return f"{path}:{line}"
    return ""


def _position(frame: State | None) -> tuple[str, str]:
    """Path, relative to the project's folder, and line."""
    path, _, place = str((frame or {}).get("sourcePosition") or "").removeprefix("project:///").partition("#")
    return path, place.partition(",")[0]


def _go_folder(states: Iterable[State]) -> str:
    """The folder of a Go program's `main` as frames name it: by its module, so that it seems outside of the project."""
    for state in states:
        for (inner, _), (outer, _) in pairwise(map(_position, state.get("stackTrace") or ())):
            if outer.endswith(_GO_STARTS):
                return inner.rpartition("/")[0] + "/"
    return ""


def _is_default(state: State) -> bool:
    return state["type"].startswith(_PROVIDERS) and _DEFAULT_PROVIDER.search(str(state["urn"])) is not None


def _check(states: Iterable[State], circular: Iterable[str]) -> None:
    """Refuse resources that the graph would lack. Raises EngineFileError."""
    # The type in a URN is behind those of the parents.
    if other := [name_of(one) for one in states if one["urn"].split("::", 3)[2].rpartition("$")[2] != one["type"]]:
        raise EngineFileError(f"{few(other)}: the type is not that of the URN, so the file is damaged")
    flat = (state for state in states if not state.get("custom") and (state.get("id") or _FLAT.match(state["type"])))
    if names := [*map(name_of, flat)]:
        words = "`custom` is not true, and a component has neither an ID nor a type of AWS, so the file is damaged"
        raise EngineFileError(f"{few(names)}: {words}")
    if lost := [name_of({"urn": urn}) for urn in sorted(circular)]:
        raise EngineFileError(f"{few(lost)}: their parents form a circle, so the file is damaged")


def _region_of(provider: State) -> Any:
    return reveal(properties(provider.get("inputs")).get("region")) or None


def _account(providers: Sequence[State], states: Sequence[State]) -> str:
    """The account, by the provider's `allowedAccountIds` or an ARN that AWS answered with; empty if not known.

    That of the default provider comes first: others may be of another account.
    """
    made = [state for state in states if not state.get("external")]
    for first in (True, False):
        named = (provider for provider in providers if _is_default(provider) is first)
        allowed = (reveal(properties(provider.get("inputs")).get("allowedAccountIds")) for provider in named)
        its = (state for state in made if bool(_DEFAULT_PROVIDER.search(str(state.get("provider")))) is first)
        arns = ((state.get("outputs") or {}).get("arn") for state in its)
        matches = (_ACCOUNT.match(text) for text in (*allowed, *arns) if isinstance(text, str))
        if account := next((hit[1] for hit in matches if hit), ""):
            return account
    return ""


def _notes(states: Sequence[State]) -> Iterator[str]:
    """Conditions of resources that only the engine knows. An error's own text may hold a secret, so it is left out."""
    for mark, words in _CONDITIONS.items():
        if those := [name_of(state) for state in states if state.get(mark)]:
            yield f"{few(those)}: {words}"


def _standing(states: Iterable[State]) -> Iterator[State]:
    """Each state that stands in AWS, those under a URN of their own that are replaced and still to be deleted."""
    for state in states:
        if state.get("delete"):
            yield {**state, "urn": pending_urn(state)}
        elif not state.get("pendingReplacement"):
            yield state


def pending_urn(state: State) -> str:
    """The URN here of what is replaced and still to be deleted, since its replacement has its own."""
    return f"{state.get('urn')}{PENDING.format(state.get('id'))}"

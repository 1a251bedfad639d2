"""From resources as the engine writes them, the same in a plan and in a state, to a graph.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go, ResourceV3
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from ..aws.catalog import canonical
from ..graph import REGION_ASSUMED, UNKNOWN, Graph, Options, Resource, reveal
from ..graph.given import roots
from ..graph.graph import PENDING, Origin, parents_first, partition_of, reference
from ..graph.json_text import parsed
from ..graph.prose import few
from .document import EngineFileError
from .values import declared, properties, value

STACK: Final = "pulumi:pulumi:Stack"
_PROVIDERS: Final = "pulumi:providers:"
_AWS: Final = f"{_PROVIDERS}aws"
_DEFAULT_REGION: Final = "us-east-1"
_DEFAULT_PROVIDER: Final = re.compile(r"pulumi:providers:[^:]+::default(_|$)")
_ACCOUNT: Final = re.compile(r"arn:aws[a-z-]*:[^:]*:[^:]*:(\d{12}):")
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_OUTSIDE: Final = {"pip", "node_modules", "site-packages", "dist-packages", ".."}
"""Parts of paths that are no part of the program."""
_FLAT: Final = re.compile(r"aws:[^:/]+/[^:]+:")
"""Types of AWS's own resources. Components of AWS's SDK have none of them: `aws:sqs:QueueEventSubscription`."""
_GO_STARTS: Final = "/runtime/proc.go"
"""The file of Go that calls `main`."""

State = Mapping[str, Any]
"""One resource as the engine writes it."""


def graph_of(
    states: Sequence[State], origin: Origin, config: Mapping[str, Any], notes: Iterable[str] = (), outputs: Any = None
) -> Graph:
    """The graph of a stack. `outputs` are those of the stack, in place of the ones that `states` has."""
    project, stack = stack_of(states)
    root = next((one for one in states if one["type"] == STACK), {})
    providers = {reference(one["urn"], one.get("id")): one for one in states if one["type"].startswith(_AWS)}
    # The default provider first: it has the region of the stack.
    named = sorted((one for one in providers.values() if one["type"] == _AWS), key=lambda one: not _is_default(one))
    regions = [text for text in (config.get("aws:region"), *map(_region_of, named)) if isinstance(text, str) and text]
    region = regions[0] if regions else _DEFAULT_REGION
    by_urn = {one["urn"]: one for one in states if one["type"] != STACK and not _is_default(one)}
    listed = [by_urn[urn] for urn in parents_first({urn: one.get("parent") for urn, one in by_urn.items()})]
    _whole(states, by_urn, {one["urn"] for one in listed})
    folder = _go_folder(states)
    return Graph(
        project=project,
        stack=stack,
        region=region,
        account=_account(named, states),
        partition=partition_of(region),
        resources={one["urn"]: _resource(one, by_urn, providers, region, folder) for one in listed},
        exports=properties(root.get("outputs") if outputs is None else outputs),
        config=config,
        notes=(
            *notes,
            *([] if regions else [f"{REGION_ASSUMED}: {_DEFAULT_REGION} is assumed"]),
            *_notes(listed),
        ),
        origin=origin,
    )


def stack_of(states: Sequence[State]) -> tuple[str, str]:
    """Names of the project and of the stack; empty for a stack without resources."""
    urn = str(states[0]["urn"]) if states else "urn:pulumi:::"
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    return project, stack


def name_of(one: State) -> str:
    """The logical name, also of a resource without a URN."""
    return str(one.get("urn") or "").rpartition("::")[2] or "a resource"


def parsed_config(given: Mapping[str, str | None]) -> dict[str, Any]:
    """Config as the engine hands it to programs, as text: maps, lists and booleans are parsed."""
    return {key: value(_parsed(text or "")) for key, text in given.items()}


def _parsed(text: str) -> Any:
    if text[:1] not in "[{":
        return {"true": True, "false": False}.get(text, text)
    try:
        return parsed(text)
    except ValueError:
        return text


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
        remote=False,
        inputs={**properties(declared(one.get("inputs"))), **read},
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


def _options(one: State) -> Options:
    timeouts, hooks = one.get("customTimeouts") or {}, one.get("resourceHooks") or {}
    return Options(
        protect=bool(one.get("protect")),
        retain_on_delete=bool(one.get("retainOnDelete")),
        deleted_with=one.get("deletedWith") or None,
        order_is_known=False,
        ignore_changes=tuple(one.get("ignoreChanges") or ()),
        replace_on_changes=tuple(one.get("replaceOnChanges") or ()),
        additional_secret_outputs=tuple(one.get("additionalSecretOutputs") or ()),
        aliases=tuple(one.get("aliases") or ()),
        custom_timeouts={key: f"{seconds:g}s" for key, seconds in timeouts.items() if seconds is not None},
        import_id=one.get("importID") or None,
        # `BeforeCreate` of the engine is `before_create` of a program.
        hooks={_CAPITAL.sub("_", name).lower(): tuple(names or ()) for name, names in hooks.items()},
    )


def _source(one: State, folder: str) -> str:
    """`file:line` of the nearest frame of the program, in any language; empty if the engine was given none."""
    for frame in [*(one.get("stackTrace") or ()), one]:
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
    for one in states:
        for (inner, _), (outer, _) in pairwise(map(_position, one.get("stackTrace") or ())):
            if outer.endswith(_GO_STARTS):
                return inner.rpartition("/")[0] + "/"
    return ""


def _is_default(one: State) -> bool:
    return one["type"].startswith(_PROVIDERS) and _DEFAULT_PROVIDER.search(str(one["urn"])) is not None


def _whole(states: Iterable[State], known: Iterable[str], listed: Container[str]) -> None:
    """Refuse resources that the graph would lack. Raises EngineFileError."""
    if other := [name_of(one) for one in states if _type_of(one["urn"]) != one["type"]]:
        raise EngineFileError(f"{few(other)}: the type is not that of the URN, so the file is damaged")
    if flat := [
        name_of(one) for one in states if not one.get("custom") and (one.get("id") or _FLAT.match(one["type"]))
    ]:
        refuse = "`custom` is not true, and a component has neither an ID nor a type of AWS, so the file is damaged"
        raise EngineFileError(f"{few(flat)}: {refuse}")
    if lost := [name_of({"urn": urn}) for urn in known if urn not in listed]:
        raise EngineFileError(f"{few(lost)}: their parents form a circle, so the file is damaged")


def _type_of(urn: str) -> str:
    """The type in a URN, without those of the parents before it."""
    return urn.split("::", 3)[2].rpartition("$")[2]


def _region_of(provider: State) -> Any:
    return reveal(properties(provider.get("inputs")).get("region")) or None


def _account(providers: Sequence[State], states: Sequence[State]) -> str:
    """The account, by the provider's `allowedAccountIds` or an ARN that AWS answered with; empty if not known.

    That of the default provider comes first: others may be of another account.
    """
    for first in (True, False):
        named = (one for one in providers if _is_default(one) is first)
        made = (one for one in states if bool(_DEFAULT_PROVIDER.search(str(one.get("provider")))) is first)
        allowed = (reveal(properties(one.get("inputs")).get("allowedAccountIds")) for one in named)
        digits = (re.search(r"(\d{12})", text) for text in allowed if isinstance(text, str))
        arns = (_ACCOUNT.match(str((one.get("outputs") or {}).get("arn"))) for one in made if not one.get("external"))
        if found := next((each[1] for each in (*digits, *arns) if each), ""):
            return found
    return ""


def _notes(states: Sequence[State]) -> Iterator[str]:
    """Conditions of resources that only the engine knows. An error's own text may hold a secret, so it is left out."""
    if failed := [name_of(one) for one in states if one.get("initErrors")]:
        yield f"{few(failed)}: the initialization failed in an earlier update; `pulumi up` tries again and shows why"


def pending(states: Iterable[State]) -> Iterator[State]:
    """Each state that stands in AWS, those under a URN of their own that are replaced and still to be deleted."""
    for one in states:
        if one.get("delete"):
            yield {**one, "urn": pending_urn(one)}
        elif not one.get("pendingReplacement"):
            yield one


def pending_urn(one: State) -> str:
    """The URN here of what is replaced and still to be deleted, since its replacement has its own."""
    return f"{one.get('urn')}{PENDING.format(one.get('id'))}" if one.get("delete") else ""

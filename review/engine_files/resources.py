"""From resources as the engine writes them, the same in a plan and in a state, to a graph.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go, ResourceV3
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws.catalog import canonical
from ..graph import REGION_ASSUMED, UNKNOWN, Graph, Options, Resource, reveal
from ..graph.graph import Origin, grouped, partition_of
from ..graph.json_text import parsed
from ..graph.prose import few
from .values import declared, properties, value

STACK: Final = "pulumi:pulumi:Stack"
_AWS: Final = "pulumi:providers:aws"
_DEFAULT_REGION: Final = "us-east-1"
_DEFAULT_PROVIDER: Final = re.compile(r"pulumi:providers:[^:]+::default(_|$)")
_ACCOUNT: Final = re.compile(r"arn:aws[a-z-]*:[^:]*:[^:]*:(\d{12}):")
_OUTSIDE: Final = ("pip", "node_modules", "site-packages", "dist-packages", "..")
"""Parts of paths that are no part of the program."""

State = Mapping[str, Any]
"""One resource as the engine writes it."""


def graph_of(
    states: Sequence[State], origin: Origin, config: Mapping[str, Any], notes: Iterable[str] = (), outputs: Any = None
) -> Graph:
    """The graph of a stack. `outputs` are those of the stack, in place of the ones that `states` has."""
    project, stack = stack_of(states)
    root = next((one for one in states if one["type"] == STACK), {})
    providers = {f"{one['urn']}::{one.get('id', '')}": one for one in states if _is_provider(one)}
    own = next((one for one in providers.values() if one["type"] == _AWS and _is_default(one)), None)
    named = [*([own] if own else []), *(one for one in providers.values() if one["type"] == _AWS)]
    written = [text for text in (config.get("aws:region"), *map(_region_of, named)) if isinstance(text, str) and text]
    notes = [*notes, *([] if written else [f"{REGION_ASSUMED}: {_DEFAULT_REGION} is assumed"])]
    region = written[0] if written else _DEFAULT_REGION
    listed = [*_parents_first([one for one in states if one["type"] != STACK and not _is_default(one)])]
    known = {one["urn"] for one in listed}
    return Graph(
        project=project,
        stack=stack,
        region=region,
        account=_account(named, states),
        partition=partition_of(region),
        resources={found.urn: found for found in (_resource(one, known, providers, region) for one in listed)},
        exports=properties(root.get("outputs") if outputs is None else outputs),
        config=config,
        notes=(*notes, *_notes(listed)),
        origin=origin,
    )


def stack_of(states: Sequence[State]) -> tuple[str, str]:
    """Names of the project and of the stack; empty for a stack without resources."""
    urn = str(states[0]["urn"]) if states else "urn:pulumi:::"
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    return project, stack


def parsed_config(given: Mapping[str, str]) -> dict[str, Any]:
    """Config as the engine hands it to programs, as text: maps, lists and booleans are parsed."""
    return {key: value(_parsed(text or "")) for key, text in given.items()}


def _parsed(text: str) -> Any:
    if text[:1] not in "[{":
        return {"true": True, "false": False}.get(text, text)
    try:
        return parsed(text)
    except ValueError:
        return text


def _resource(one: State, known: set[str], providers: Mapping[str, State], region: str) -> Resource:
    urn, external, inputs = one["urn"], bool(one.get("external")), properties(one.get("inputs"))
    outputs, secret = properties(one.get("outputs")), one.get("additionalSecretOutputs") or ()
    state = {**outputs, **inputs} if one.get("custom") else {**inputs, **outputs}
    if one.get("custom"):
        state["id"] = value(one.get("id")) or UNKNOWN
    provider = str(one.get("provider") or "")
    by_provider = _region_of(providers.get(provider, {}))
    own = next((text for text in (reveal(inputs.get("region")), by_provider, region) if isinstance(text, str)), "")
    options = _options(one, tuple(secret))
    # AWS's own values, of which the program declares none or ignores some.
    read = outputs if external else {key: outputs[key] for key in map(_root, options.ignore_changes) if key in outputs}
    given = properties(declared(one.get("inputs")))
    return Resource(
        urn=urn,
        type=canonical(one["type"]),
        name=urn.split("::", 3)[3],
        parent=one["parent"] if one.get("parent") in known else None,
        custom=bool(one.get("custom")),
        remote=False,
        inputs={**given, **read},
        state=state,
        dependencies=tuple(sorted(one.get("dependencies") or ())),
        property_dependencies={
            key: tuple(sorted(urns or ())) for key, urns in sorted((one.get("propertyDependencies") or {}).items())
        },
        options=options,
        provider="" if _DEFAULT_PROVIDER.search(provider) else provider,
        source=_source(one),
        region=own,
        existing=external,
        read=frozenset(read),
    )


def _options(one: State, secret: tuple[str, ...]) -> Options:
    timeouts = one.get("customTimeouts") or {}
    hooks = one.get("resourceHooks") or {}
    return Options(
        protect=bool(one.get("protect")),
        retain_on_delete=bool(one.get("retainOnDelete")),
        deleted_with=one.get("deletedWith") or None,
        order_is_known=False,
        ignore_changes=tuple(one.get("ignoreChanges") or ()),
        replace_on_changes=tuple(one.get("replaceOnChanges") or ()),
        additional_secret_outputs=secret,
        aliases=tuple(one.get("aliases") or ()),
        custom_timeouts={key: f"{seconds:g}s" for key, seconds in timeouts.items() if isinstance(seconds, int | float)},
        import_id=one.get("importID") or None,
        # `BeforeCreate` of the engine is `before_create` of a program.
        hooks={re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): tuple(names) for name, names in hooks.items()},
    )


def _root(path: str) -> str:
    return re.split(r"[.[]", path.removeprefix('["'))[0].rstrip('"')


def _source(one: State) -> str:
    """`file:line` of the nearest frame of the program, in any language; empty if the engine was given none."""
    for frame in [*(one.get("stackTrace") or ()), one]:
        path, _, line = str(frame.get("sourcePosition") or "").removeprefix("project:///").partition("#")
        if path and line and not {*path.split("/")} & {*_OUTSIDE}:
            return f"{path}:{line.partition(',')[0]}"
    return ""


def _is_provider(one: State) -> bool:
    return str(one["type"]).startswith("pulumi:providers:")


def _is_default(one: State) -> bool:
    return _DEFAULT_PROVIDER.search(str(one["urn"])) is not None


def _region_of(provider: State) -> Any:
    return reveal(properties(provider.get("inputs")).get("region")) or None


def _account(providers: Iterable[State], states: Iterable[State]) -> str:
    """The account, by the provider's `allowedAccountIds` or an ARN that AWS answered with; empty if not known."""
    for provider in providers:
        allowed = reveal(properties(provider.get("inputs")).get("allowedAccountIds"))
        if isinstance(allowed, str) and (found := re.search(r"\d{12}", allowed)):
            return found[0]
    arns = (str((one.get("outputs") or {}).get("arn")) for one in states if not one.get("external"))
    return next((found[1] for arn in arns if (found := _ACCOUNT.match(arn))), "")


def _parents_first(states: Sequence[State]) -> Iterator[State]:
    by_urn = {one["urn"]: one for one in states}
    parents = ((by_urn[urn].get("parent"), urn) for urn in sorted(by_urn))
    below = grouped((parent if parent in by_urn else "", urn) for parent, urn in parents)
    waiting = below.get("", [])[::-1]
    while waiting:
        urn = waiting.pop()
        yield by_urn[urn]
        waiting += below.get(urn, [])[::-1]


def _notes(states: Sequence[State]) -> Iterator[str]:
    """Conditions of resources that only the engine knows. An error's own text may hold a secret, so it is left out."""
    failed = [str(one["urn"]).split("::", 3)[3] for one in states if one.get("initErrors")]
    if failed:
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
    return f"{one.get('urn')} (to be deleted, {one.get('id')})" if one.get("delete") else ""

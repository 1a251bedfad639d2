"""Small graphs for tests, declared one resource a line, with outputs shaped like AWS's or all unknown.

`build = Builder()`, then `vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")`, and where another resource wants
its id, `vpc.id`. Keys are in wire case, as the engine gets them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from review.aws.catalog.catalog import normalize_token
from review.evaluate.mocks.location import Location
from review.evaluate.mocks.resources import Resources
from review.graph import UNKNOWN, Graph, Invoke, Options, Resource, Secret
from review.recording.resources import COMPONENT, PROGRAM

T = TypeVar("T")
REGION = "eu-west-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Ref:
    """An output of a resource, or a text made of several."""

    parts: tuple[Any, ...]

    def __add__(self, other: Any) -> Ref:
        return Ref((*self.parts, *(other.parts if isinstance(other, Ref) else (other,))))

    def __radd__(self, other: Any) -> Ref:
        return Ref((other, *self.parts))


@dataclass(frozen=True)
class Output:
    made: Made
    key: str


@dataclass(frozen=True)
class Json:
    """A JSON text with references in it."""

    value: Any


@dataclass(frozen=True)
class Made:
    """A declared resource, to be named in the inputs of others."""

    urn: str
    outputs: Mapping[str, Any] = field(repr=False)

    def __getattr__(self, key: str) -> Ref:
        return Ref((Output(self, key),))


_OF_OTHER_PROCESSES = ("awsx:", "eks:", "aws-apigateway:", "mine:")


class Builder:
    """Declares resources. With `known=False` outputs are unknown, as in a first preview, and edges recorded."""

    def __init__(self, *, known: bool = True) -> None:
        self.known = known
        self.config: dict[str, Any] = {}
        self.exports: dict[str, Any] = {}
        self.invokes: tuple[Invoke, ...] = ()
        self.resources: dict[str, Resource] = {}
        self._answers = Resources(Location(REGION, ACCOUNT, "aws"))

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
        token = kind if kind.count(":") > 1 else f"aws:{kind}"
        urn = f"urn:pulumi:dev::small::{_chain(parent)}{token}::{name}"
        edges = {key: tuple(dict.fromkeys(_urns(value))) for key, value in inputs.items()}
        plain = {key: self.resolved(value) for key, value in inputs.items()}
        remote = token.startswith(_OF_OTHER_PROCESSES)
        custom = not remote and not token.startswith("gatehouse:")
        outputs = self._answers.answer(f"{token}::{name}", token, name, plain, REGION) if custom else {}
        self.resources[urn] = Resource(
            urn=urn,
            type=normalize_token(token),
            name=name,
            parent=parent.urn if parent else None,
            custom=custom,
            remote=remote,
            inputs=plain,
            state={**(outputs if self.known else {}), **plain},
            dependencies=tuple(dict.fromkeys([*(urn for urns in edges.values() for urn in urns), *map(_urn, after)])),
            property_dependencies=edges,  # also of inputs without any, as programs hand them over
            options=options or Options(),
            region=inputs.get("region", REGION),
            declared_by=COMPONENT if parent is not None and "gatehouse:" in parent.urn else PROGRAM,
        )
        return Made(urn, {**plain, **outputs})

    @classmethod
    def of(cls, declare: Callable[..., T], *given: Any, **named: Any) -> tuple[Builder, T]:
        """A builder in which a part is declared, and the part."""
        build = cls()
        return build, declare(build, *given, **named)

    def graph(self) -> Graph:
        return Graph(
            project="small",
            stack="dev",
            region=REGION,
            account=ACCOUNT,
            partition="aws",
            resources=self.resources,
            exports=self.exports,
            invokes=self.invokes,
            config=self.config,
        )

    def resolved(self, value: Any) -> Any:
        match value:
            case Ref(parts=parts):
                return self._joined(parts)
            case Json(value=inner):
                resolved = self.resolved(inner)
                return UNKNOWN if _holds_unknown(resolved) else json.dumps(resolved)
            case Secret(value=inner):
                return Secret(self.resolved(inner))
            case Mapping():
                return {key: self.resolved(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.resolved(inner) for inner in value]
        return value

    def _joined(self, parts: tuple[Any, ...]) -> Any:
        if not self.known:
            return UNKNOWN
        texts = [part.made.outputs[part.key] if isinstance(part, Output) else part for part in parts]
        return texts[0] if len(texts) == 1 else "".join(map(str, texts))


def _chain(parent: Made | None) -> str:
    """The types of the components around a resource, as its URN has them."""
    return "" if parent is None else f"{parent.urn.split('::')[2]}$"


def _urns(value: Any) -> list[str]:
    match value:
        case Ref(parts=parts):
            return [part.made.urn for part in parts if isinstance(part, Output)]
        case Json(value=inner) | Secret(value=inner):
            return _urns(inner)
        case Mapping():
            return [urn for inner in value.values() for urn in _urns(inner)]
        case list() | tuple():
            return [urn for inner in value for urn in _urns(inner)]
    return []


def _urn(made: Made) -> str:
    return made.urn


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(_holds_unknown, value))
    return value is UNKNOWN

"""Rules: one sentence that should hold of a stack, why, what to do where it does not, and how to find out.

A rule's check is a generator over a resource (or over the whole stack) that yields what is wrong, and each `Doubt`.
Where it reads a value that is known only after a deployment, the reading raises the doubt, which ends the check. One
of several parts yields a generator for each of them: a doubt about one hides nothing that is certain of another.
"""

import ast
import enum
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from ..graph import Resource
from ..graph.reading import Doubt, MalformedDocument
from ..reach import Reach


class Severity(enum.Enum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong, or uncertain."""

    resource: Resource | None
    message: str
    certain: bool = True
    by_route: Mapping[str, str] = field(default_factory=dict)
    """If it is about routes: the message for each of them, so that a comparison can distinguish them."""


Message = str | tuple[Resource | None, str] | Violation | Doubt | Iterator["Message"]
"""A finding of a check: a message about the resource it looks at, or about another one; None is the stack itself. Or a
doubt about the resource, or all of that about a part of it."""
Messages = Iterator[Message]
Check = Callable[[Reach, Resource], Messages] | Callable[[Resource], Messages] | Callable[[Reach], Messages]


@dataclass(frozen=True, kw_only=True)
class Rule:
    id: str
    """`NET-01`: theme and number. Never used again for another rule."""
    title: str
    """The rule in one sentence."""
    severity: Severity
    why: str
    remedy: str
    source: str
    """AWS's page about it."""
    violations: Callable[[Reach], Iterator[Violation]]
    types: tuple[str, ...] = ()
    """Types of the resources that it looks at; none if it looks at the stack as a whole."""
    alone: bool = False
    """Whether a resource is judged by its own inputs, and can be refused before the other resources are known."""
    applies: Callable[[Reach], bool] = lambda _reach: True
    """Whether the stack holds anything that the rule looks at."""
    program_only: bool = False
    """Whether it reads what only the program's registrations show, and the engine hands no policy: which values are
    secret, what is retained."""

    @property
    def in_pack(self) -> bool:
        """Whether it can be judged by what the engine hands to policies."""
        return self.alone or not self.program_only


RULES: Final[dict[str, Rule]] = {}
"""Every rule by id, in the order of their files."""


def rule(
    identifier: str,
    severity: Severity,
    *,
    on: Iterable[str] = (),
    alone: bool = False,
    program_only: bool = False,
    **values: object,
) -> Callable[[Check], Rule]:
    """Register a check of every resource of the types `on`; of the stack as a whole if there are none.

    The check's docstring has the rule's sentence, then `Why:`, `Remedy:` and the address of AWS's page, with fields for
    the `values`. A check that takes only the resource judges it by its own inputs.
    """
    kinds = tuple(dict.fromkeys(on))

    def register(check: Check) -> Rule:
        takes = list(inspect.signature(check).parameters)

        def own(reach: Reach) -> Iterator[Resource]:
            # A resource that the program only reads is not its to change.
            return (resource for resource in reach.graph.list_by_type(*kinds) if not resource.existing)

        def violations(reach: Reach) -> Iterator[Violation]:
            for resource in own(reach) if kinds else [None]:
                arguments: dict[str, Any] = {"reach": reach, "_reach": reach, "resource": resource}
                yield from _judge(resource, check(*(arguments[name] for name in takes)))

        if identifier in RULES:
            raise ValueError(f"two rules are called {identifier}")
        RULES[identifier] = Rule(
            id=identifier,
            severity=severity,
            **_parse_docstring(identifier, check, values),
            violations=violations,
            types=kinds,
            applies=lambda reach: not kinds or next(own(reach), None) is not None,
            alone=alone or takes == ["resource"],
            program_only=program_only,
        )
        return RULES[identifier]

    return register


_DOCSTRING: Final = re.compile(
    r"(?P<title>.+)\.\n+Why: (?P<why>.+)\n+Remedy: (?P<remedy>.+)\n+(?P<source>https://\S+)", re.DOTALL
)


def _parse_docstring(identifier: str, check: Check, values: Mapping[str, object]) -> dict[str, str]:
    """Title, why, remedy and source."""
    if (written := inspect.getdoc(check)) is None:  # under `python -OO`
        (function,) = ast.parse(textwrap.dedent(inspect.getsource(check))).body
        written = ast.get_docstring(cast(ast.FunctionDef, function))
    if (match := _DOCSTRING.fullmatch(written or "")) is None:
        raise ValueError(f"the docstring of {identifier} has to be a sentence, `Why:`, `Remedy:` and an address")
    texts = {name: " ".join(part.split()) for name, part in match.groupdict().items()}
    return {name: part.format(**values) for name, part in texts.items()} if values else texts


def _judge(resource: Resource | None, messages: Messages) -> Iterator[Violation]:
    try:
        for message in messages:
            match message:
                case Violation():
                    yield message
                case Doubt():
                    yield Violation(resource, str(message), certain=False)
                case str():
                    yield Violation(resource, message)
                case tuple():
                    yield Violation(*message)
                case _:
                    yield from _judge(resource, message)
    except Doubt as doubt:
        yield Violation(resource, str(doubt), certain=False)
    except MalformedDocument as problem:
        yield Violation(resource, str(problem))

"""Whether the components of a plan declare what their arguments say: each is built again, and its resources compared.

A plan has no frames and no transforms, by which an evaluation knows what altered a resource.
"""

import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..evaluate.job import dump, load_answer
from ..evaluate.problems import StackFileError
from ..evaluate.process import LAUNCH, list_variables
from ..evaluate.project_file import load
from ..facts.statements import KEY, PACKAGE
from ..graph import UNKNOWN, Asset, Graph, Resource, Secret, list_texts, reveal, reveal_all
from ..graph.statements import LACKS, NOT_BUILT, is_component, read_statement
from ..launch import REBUILD
from ..recording.resources import COMPONENT, PROGRAM

_SECONDS: Final = 600
_SERVICES: Final = ("ServiceIngress", "ServiceRegistry")
"""Components that a method of an ingress declares, with their inputs as its arguments."""
_DECLARED_BY_OTHERS: Final = ("ServiceCall", "PrivateName")
"""Components that a topology declares: their inputs are no arguments."""
_OUTLINE: Final = "definition"
"""Input that a component adds to its arguments."""

Arguments = Mapping[str, Any]
Key = tuple[str, str]
"""Type and name of a resource, which are unique among those of a component."""


@dataclass(frozen=True)
class Rebuilt:
    """A resource as a component declares it again: its inputs, and on which resources each of them depends."""

    inputs: Mapping[str, Any]
    sources: Mapping[str, frozenset[str]]
    ignored: frozenset[str]
    """Its `ignoreChanges`."""


@dataclass(frozen=True)
class Question:
    """All that is needed to build components again."""

    project: str
    stack: str
    region: str
    account: str
    components: tuple[tuple[str, str, Arguments, Mapping[str, Arguments]], ...]
    """Kind, name and arguments of each, and the arguments of its further services by name."""
    states: Mapping[Key, Mapping[str, Any]]
    """Known outputs of their resources."""


@dataclass(frozen=True)
class Answer:
    """What the components declare again, by their kinds and names."""

    rebuilt: Mapping[Key, Mapping[Key, Rebuilt]]
    """Without those that could not be built."""
    made_up: frozenset[str]
    """Texts of look-ups that nobody asked AWS."""


def mark_altered(graph: Graph, folder: Path) -> Graph:
    """Returns the graph with the inputs that a component would not declare, and with who declares each resource.

    `folder` is that of the program, where arguments find their files.
    """
    components = [resource for resource in graph if _can_be_built(graph, resource)]
    if not components:
        return graph
    owners = {one.urn: owner for one in graph if (owner := _find_owner(graph, one)) is not None}
    answer = _ask(graph, components, owners, folder)
    resources = dict(graph.resources)
    for resource in graph:
        if resource.type.startswith(PACKAGE) and resource.kind in (*_SERVICES, *_DECLARED_BY_OTHERS):
            resources[resource.urn] = replace(resource, altered=frozenset({NOT_BUILT}))
    compare = _Comparison(graph, answer.made_up)
    planned = {(each.type, each.name) for each in graph}
    for component in (*components, *(graph.resources[urn] for urn in owners)):
        builder = owners.get(component.urn, component)
        made = answer.rebuilt.get((builder.kind, builder.name))
        children = [*graph.list_descendants(component.urn)]
        if made is None and any(child.custom for child in children):
            resources[component.urn] = replace(component, altered=frozenset({NOT_BUILT}))
            continue
        declared = {*(made or {})} if component is builder and children else set[Key]()
        lacking = declared - planned
        altered = frozenset(f"{LACKS}{name}" for kind, name in lacking if kind.startswith("aws:"))
        again = (made or {}).get((component.type, component.name))
        if again is not None and not compare.state_the_same(component.inputs.get(KEY), again.inputs.get(KEY)):
            altered |= {KEY}
        resources[component.urn] = replace(component, declared_by=COMPONENT, altered=altered)
        providers = Counter(child.provider for child in children if child.type.startswith("aws:"))
        usual = next((provider for provider, _ in providers.most_common(1)), "")
        for child in children:
            marked = compare.mark(child, (made or {}).get((child.type, child.name)))
            if child.provider in providers and child.provider != usual:
                marked = replace(marked, altered=marked.altered | {"option provider"})
            resources[child.urn] = marked
    return replace(graph, resources=resources)


def _find_owner(graph: Graph, resource: Resource) -> Resource | None:
    """The ingress that declares a further service, whose balancer or link it shares."""
    shares = (read_statement(resource) or {}).get("shares") if resource.kind in _SERVICES else None
    urns = shares.get("of", ()) if isinstance(shares, Mapping) else ()
    found = (graph.resources.get(graph.resources[urn].parent or "") for urn in urns if urn in graph.resources)
    return next((one for one in found if one is not None and _can_be_built(graph, one)), None)


def _can_be_built(graph: Graph, resource: Resource) -> bool:
    around = graph.resources.get(resource.parent or "")
    is_inner = around is not None and around.type.startswith(PACKAGE)
    is_ours = is_component(resource) and KEY in resource.inputs
    return is_ours and not is_inner and resource.kind not in (*_SERVICES, *_DECLARED_BY_OTHERS)


class _Comparison:
    """Compares resources of a plan with what components declare again."""

    def __init__(self, graph: Graph, made_up: frozenset[str]) -> None:
        self._graph = graph
        self._made_up = sorted(made_up, key=len, reverse=True)
        self._meant: dict[str, str] = {}
        """What the plan has in place of each text that is made up: the same one everywhere."""

    def mark(self, child: Resource, made: Rebuilt | None) -> Resource:
        if made is None:
            # A component's resource that waits for its deletion, or one of the program's own.
            return child if child.existing else replace(child, declared_by=PROGRAM)
        if child.existing:
            return replace(child, existing=False, declared_by=COMPONENT, altered=frozenset({"option importId"}))
        resources = self._graph.resources
        names = {
            key: frozenset(resources[urn].name for urn in urns if urn in resources)
            for key, urns in child.property_dependencies.items()
        }
        altered = {
            key
            for key in {*child.inputs, *made.inputs}
            if not self._are_same(child.inputs.get(key), made.inputs.get(key), names.get(key), made.sources.get(key))
        }
        if frozenset(child.options.ignore_changes) != made.ignored:
            altered.add("option ignoreChanges")
        return replace(child, declared_by=COMPONENT, altered=frozenset(altered))

    def state_the_same(self, planned: Any, made: Any) -> bool:
        """Whether two statements are alike in all but what they refer to, which only the plan may know."""
        planned, made = reveal(planned), reveal(made)
        if _is_reference(planned) or _is_reference(made) or made is UNKNOWN:
            return True
        if not isinstance(planned, Mapping) or not isinstance(made, Mapping):
            return self._are_same(planned, made, None, None)
        shared = planned.keys() & made.keys()
        if not all(self.state_the_same(planned[key], made[key]) for key in shared):
            return False
        differing = [side[key] for side in (planned, made) for key in side.keys() - shared]
        if not differing:
            return True
        # A member has the name of its resource, or its ID if that is known.
        has_references = any(map(_is_reference, [*planned.values(), *made.values()]))
        are_members = has_references and all(each is True or _is_reference(each) for each in differing)
        return are_members and (len(planned) == len(made) or any("unknown" in key for key in made))

    def _are_same(
        self, planned: Any, made: Any, sources: frozenset[str] | None, made_sources: frozenset[str] | None
    ) -> bool:
        """Whether a plan has what a component declares. What is not known there has to be of the same resources."""
        planned, made = reveal(planned), reveal(made)
        if isinstance(planned, Asset) or isinstance(made, Asset):
            return True  # The ledger compares the forwarder's code by its digest.
        if isinstance(planned, Mapping) and isinstance(made, Mapping):
            keys = {*planned, *made}
            return all(self._are_same(planned.get(key), made.get(key), sources, made_sources) for key in keys)
        if isinstance(planned, list) and isinstance(made, list):
            pairs = zip(planned, made, strict=False)
            return len(planned) == len(made) and all(self._are_same(*pair, sources, made_sources) for pair in pairs)
        if planned is UNKNOWN and made is not UNKNOWN and not made_sources:
            # The component declares a known input, and the plan does not know it: it was altered.
            return isinstance(made, str) and any(text in made for text in self._made_up)
        if planned is UNKNOWN or made is UNKNOWN:
            is_text = isinstance(planned, str) and bool(made_sources)
            return (
                self._is_made_of(planned, made_sources)
                if is_text
                else (sources or frozenset()) >= (made_sources or frozenset())
            )
        if planned == made or (planned in (None, [], {}, "") and made in (None, [], {}, "")):
            return True
        return isinstance(planned, str) and isinstance(made, str) and self._means(planned, made)

    def _is_made_of(self, planned: str, sources: frozenset[str] | None) -> bool:
        """Whether a text has an output of one of these resources."""
        found = (one.state for one in self._graph if one.name in (sources or ()))
        return any(len(text) > 5 and text in planned for state in found for text in list_texts(reveal_all(state)))

    def _means(self, planned: str, made: str) -> bool:
        """Whether a text has the form of one in which parts are made up, with the same values for these as others."""
        found = [text for text in self._made_up if text in made]
        parts = re.split("|".join(f"({re.escape(text)})" for text in found), made) if found else []
        form = "".join("([^\\s\"'*]+)" if part in found else re.escape(part) for part in parts if part is not None)
        match = re.fullmatch(form, planned) if found else None
        texts = [part for part in parts if part in found]
        return match is not None and all(
            self._meant.setdefault(text, value) == value for text, value in zip(texts, match.groups(), strict=True)
        )


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and not {"of", "unknown", "secret"}.isdisjoint(value)


def _ask(graph: Graph, components: Iterable[Resource], owners: Mapping[str, Resource], folder: Path) -> Answer:
    states = {
        (resource.type, resource.name): {key: value for key, value in resource.state.items() if value is not UNKNOWN}
        for resource in graph
        if resource.custom
    }
    parts = []
    for one in components:
        further = [graph.resources[urn] for urn, owner in owners.items() if owner.urn == one.urn]
        parts.append((one.kind, one.name, _hide(one), {each.name: _hide(each) for each in further}))
    question = Question(graph.project, graph.stack, graph.region, graph.account, tuple(parts), states)
    try:
        return rebuild(question, folder)
    except (OSError, subprocess.SubprocessError, pickle.UnpicklingError, EOFError, KeyError):
        return Answer({}, frozenset())


def rebuild(question: Question, folder: Path) -> Answer:
    """Asks a process with the program's Python, in its folder. Raises what a process that fails raises."""
    try:
        python = load(folder, any_language=True).python
    except StackFileError:  # a plan without its project
        python = sys.executable
    done = subprocess.run(  # noqa: S603 # the program's Python, with our own file
        [python, str(LAUNCH), REBUILD],
        input=dump(question),
        env=list_variables(),
        capture_output=True,
        timeout=_SECONDS,
        check=True,
        cwd=folder,
    )
    answer: Answer = load_answer(done.stdout, Answer, Rebuilt)
    return answer


def _hide(component: Resource) -> Arguments:
    """Its arguments. A plan has no secrets: they are not known."""
    hidden = {key: Secret(UNKNOWN) if isinstance(value, Secret) else value for key, value in component.inputs.items()}
    return {key: value for key, value in hidden.items() if key != _OUTLINE}

"""The statement that a component registers of its reach, as it stands in a graph."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..facts.statements import KEY, PACKAGE, VERSION
from ..recording.resources import COMPONENT, Resource
from ..recording.values import reveal_all

NOT_BUILT: Final = "building it again"
"""Among the altered inputs of a component of a plan that could not be built again."""
LACKS: Final = "without "
"""Beginning of what stands among the altered inputs of a component of a plan that lacks one of its resources."""
_STATELESS: Final = ("Alerts", "DestroyProtection")
"""Components that open nothing and state nothing."""


def is_component(resource: Resource) -> bool:
    """Whether a resource has the type of a component that states its reach."""
    return resource.type.startswith(PACKAGE) and resource.kind not in _STATELESS


def read_statement(resource: Resource) -> Mapping[str, Any] | None:
    """Returns the statement of a component of this package; None if it has none that this version reads, and that
    nothing altered."""
    if not is_component(resource) or resource.declared_by not in ("", COMPONENT) or KEY in resource.altered:
        return None
    statement = reveal_all(resource.inputs.get(KEY))
    return statement if isinstance(statement, Mapping) and statement.get("version") == VERSION else None


def list_unstated(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Components that have no statement which this review reads, as in a plan of an older version."""
    return (resource for resource in resources if is_component(resource) and read_statement(resource) is None)

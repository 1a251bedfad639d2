"""Updates that are refused: by the check of a component, the same one that its hook calls, by `protect`, and by the
provider."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ..aws.catalog.catalog import make_token
from ..graph import UNKNOWN, Resource, reveal_all
from ..refused_changes import CHECKS
from .lines import Line, Sign, Topic
from .resources import Resources
from .wording import format_title

Inputs = Mapping[str, Any]
_SERVICE: Final = make_token("ecs.Service")
_STRATEGIES: Final = "capacityProviderStrategies"


def list_refused_changes(kind: str, before: Inputs, after: Inputs) -> Iterator[str]:
    """Yields why an update of a resource of this type is refused, and what to do."""
    if kind in CHECKS:
        yield from CHECKS[kind](before, after)


def list_refusal_lines(resources: Resources) -> Iterator[Line]:
    """Lines on updates that are refused. A resource that is replaced is no update, and its hook does not run."""
    replaced = {change.new.urn for change in resources.changes if change.replacing}
    for old in resources.removed:
        if old.options.protect and not old.options.retain_on_delete:
            yield _make_line(old, f"{format_title(old)} leaves the program and is protected")
    for change in resources.changes:
        if change.replacing and change.old.options.protect and change.new.options.protect:
            yield _make_line(change.new, f"{format_title(change.new)} is replaced and is protected")
        # https://github.com/hashicorp/terraform-provider-aws/pull/43533
        is_strategy = any(part.name.startswith(_STRATEGIES) for part in change.inputs)
        if change.new.type == _SERVICE and is_strategy and change.new.inputs.get("forceNewDeployment") is not True:
            reason = f"{_STRATEGIES} changes, and the provider asks for forceNewDeployment: true"
            # Its inputs have a line of their own.
            yield replace(_make_line(change.new, f"{format_title(change.new)}: {reason}"), resources=())
    for old, new in resources.pairing.both:
        if new.options.hooks and new.urn not in replaced:
            after = _hide_replaced(new, replaced)
            for reason in list_refused_changes(new.type, reveal_all(old.inputs), after):
                yield _make_line(new, f"{new.name}: {reason.partition('. ')[0]}", f"{new.name}: {reason}")


def _hide_replaced(resource: Resource, replaced: set[str]) -> dict[str, Any]:
    """The inputs, without the IDs of resources that are replaced: the evaluation makes up the same ones for both."""
    is_new = {key: not replaced.isdisjoint(urns) for key, urns in resource.property_dependencies.items()}
    return {
        key: UNKNOWN if isinstance(value, str) and is_new.get(key) else value
        for key, value in reveal_all(resource.inputs).items()
    }


def _make_line(resource: Resource, subject: str, text: str = "") -> Line:
    sentence = f"the preview refuses the update: {text or subject}"
    return Line(topic=Topic.REFUSED, sign=Sign.REPLACED, subject=subject, text=sentence, resources=(resource.urn,))

"""Rules of API keys and the usage plans that they belong to."""

from collections.abc import Iterator

from ..api import Api
from ..mistakes import NOTHING, Mistake
from .rule import mistake, rule


@rule
def keys_belong_to_a_plan(api: Api) -> Iterator[Mistake]:
    if api.kind == "http":
        return
    required = [index for index, route in enumerate(api.routes) if route.key_required]
    for index in required if not api.plans else []:
        allowed = "keyRequired only with a usage plan that has a key"
        yield mistake(f"api.routes[{index}].keyRequired", True, allowed, "add api.plans: {callers: {keys: [first]}}")
    for name, plan in api.plans.items():
        if not required:
            allowed = "a usage plan only where some route has keyRequired"
            yield mistake(f"api.plans.{name}", "set", allowed, "set keyRequired: true on the route")
        if not plan.keys and not plan.key_values:
            yield mistake(f"api.plans.{name}.keys", NOTHING, "a plan with one key or more", "keys: [first]")

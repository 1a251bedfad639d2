"""Rules of API keys and the usage plans that they belong to."""

from collections.abc import Iterator

from components.api.routes import VariablesClashError
from facts.limits import METHOD_THROTTLES_PER_PLAN

from ..api import Api
from ..mistakes import NOTHING, Mistake, did_you_mean
from .rule import mistake, rule


@rule
def keys_belong_to_a_plan(api: Api) -> Iterator[Mistake]:
    if api.kind == "http":
        return
    required = [index for index, route in enumerate(api.routes) if route.key_required]
    for index in required if not api.plans else []:
        yield mistake(
            f"api.routes[{index}].keyRequired",
            True,
            "keyRequired only with a usage plan that has a key",
            "add api.plans: {callers: {keys: [first]}}",
        )
    for name, plan in api.plans.items():
        if not required:
            yield mistake(
                f"api.plans.{name}",
                "set",
                "a usage plan only where some route has keyRequired",
                "set keyRequired: true on the route",
            )
        if not plan.keys and not plan.key_values:
            yield mistake(f"api.plans.{name}.keys", NOTHING, "a plan with one key or more", "keys: [first]")
        yield from _route_throttles(api, name)


def _route_throttles(api: Api, name: str) -> Iterator[Mistake]:
    throttles = api.plans[name].route_throttles
    known = {f"{method} {route.path}" for route in api.routes for method in route.methods}
    try:
        throttled = sum(f"{made.method} {made.route.path}" in throttles for made in api.operations)
    except VariablesClashError:
        throttled = 0
    if throttled > METHOD_THROTTLES_PER_PLAN:
        yield mistake(
            f"api.plans.{name}.routeThrottles",
            f"{throttled} methods",
            f"{METHOD_THROTTLES_PER_PLAN} methods at most, counting what lies under a route",
            "take some out, or set includeSubpaths: false on the routes that need no more than their own path",
        )
    for route in throttles.keys() - known:
        allowed = f"one of the routes {', '.join(sorted(known))}"
        yield mistake(f"api.plans.{name}.routeThrottles", route, allowed, did_you_mean(route, known))

"""Mistakes of usage plans and their keys."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from ...arguments.faults import Fault, did_you_mean
from ...facts import defaults, limits
from ..api_spec import ApiSpec
from ..route_operations import Operation


def check_plan_keys(plans: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Refuses names that two keys have. `plans` has the names of each plan's keys."""
    owners: dict[str, str] = {}
    for plan, keys in plans.items():
        for key, times in Counter(keys).items():
            if times > 1:
                yield Fault(f"plans.{plan}.keys", key, "each name once, in keys and in given keys", "rename one")
            elif owners.setdefault(key, plan) != plan:
                allowed = f"another name than a key of the plan {owners[key]} has"
                yield Fault(f"plans.{plan}.keys", key, allowed, "rename one: outputs name keys without their plan")


def check_renamed_keys(plans: Mapping[str, Sequence[str]], renamed: Mapping[str, Mapping[str, str]]) -> Iterator[Fault]:
    """Refuses renamed keys that no plan has, or whose former name a key still has.

    `plans` has the names of each plan's keys.
    """
    present = {name for names in plans.values() for name in names}
    former: dict[str, str] = {}
    for plan, names in renamed.items():
        for new, old in names.items():
            key = f"plans.{plan}.renamed_keys"
            if new not in plans[plan]:
                yield Fault(key, new, f"a key of the plan: {', '.join(plans[plan])}", did_you_mean(new, plans[plan]))
            elif old in present:
                yield Fault(f"{key}.{new}", old, "a name that no key has now", "take the entry out")
            elif former.setdefault(old, new) != new:
                yield Fault(f"{key}.{new}", old, "each former name once", f"{former[old]} has it already")


def check_required_keys(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses routes that require a key without a plan, and plans whose keys no route requires."""
    if spec.kind == "http":
        return
    required = [index for index, route in enumerate(spec.routes) if route.key_required]
    for index in required if not spec.plans else []:
        allowed = "key_required only with a usage plan that has a key"
        yield Fault(f"routes[{index}].key_required", True, allowed, "add plans: {callers: {keys: [first]}}")
    for name, plan in spec.plans.items():
        if not required:
            allowed = "a usage plan only where some route has key_required"
            yield Fault(f"plans.{name}", "set", allowed, "set key_required: true on the route")
        if not plan.keys and not plan.key_values:
            yield Fault(f"plans.{name}.keys", None, "a plan with one key or more", "keys: [first]")


def check_plan_rates(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses rates of keys above those of the API and its routes, which hold for all keys together.

    A burst may be larger: AWS fills the bucket of a key at the key's own rate.
    """
    if spec.stage_throttle is None:
        return
    rates = [spec.stage_throttle.rate, *(route.throttle.rate for route in spec.routes if route.throttle is not None)]
    plain = [rate for rate in rates if isinstance(rate, int | float)]
    if len(plain) < len(rates):
        return
    most = max(plain)
    for name, plan in spec.plans.items():
        throttles = {f"route_throttles.{route}": each for route, each in plan.route_throttles.items()}
        throttles |= {"throttle": plan.throttle} if plan.throttle is not None else {}
        for key, throttle in throttles.items():
            # The default is nobody's choice: with a slower API, it is a plan without a limit of its own.
            if (
                throttle.rate != defaults.THROTTLE_RATE
                and isinstance(throttle.rate, int | float)
                and throttle.rate > most
            ):
                allowed = f"at most {most:g}, the rate of the API for all callers together"
                yield Fault(f"plans.{name}.{key}.rate", throttle.rate, allowed, "lower it, or raise throttle")


def check_method_throttles(plans: Mapping[str, Collection[str]], operations: Sequence[Operation]) -> Iterator[Fault]:
    """Checks the throttles of methods. `plans` has the routes, such as `GET /orders`, that each plan throttles."""
    known = {f"{operation.method} {operation.route.path}" for operation in operations}
    for plan, routes in plans.items():
        key = f"plans.{plan}.route_throttles"
        throttled = sum(f"{operation.method} {operation.route.path}" in routes for operation in operations)
        if throttled > limits.METHOD_THROTTLES_PER_PLAN:
            allowed = f"{limits.METHOD_THROTTLES_PER_PLAN} methods at most, counting what lies under a route"
            remedy = "take some out, or set include_subpaths: false on the routes that need no more than their own path"
            yield Fault(key, f"{throttled} methods", allowed, remedy)
        for route in sorted(set(routes) - known):
            yield Fault(key, route, f"one of the routes {', '.join(sorted(known))}", did_you_mean(route, known))

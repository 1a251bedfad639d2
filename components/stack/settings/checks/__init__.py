"""Rules that hold between settings. Each reads all that is sound in the sections it names, so that one report has every
mistake."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..api import Api
from ..backend import Url
from ..mistakes import Mistake, qualify
from ..proxy import Proxy
from ..services import Services, merge_routes, select_routes
from ..unknown import Unknown, make_if_known
from . import (  # noqa: F401 # importing them registers their rules
    api,
    api_faults,
    authorization,
    backend,
    cors,
    domain,
    foreign_resources,
    ingress,
    liveness,
    network,
    protection,
    proxy,
    regions,
    service_calls,
    services,
    streaming,
)
from .rule import RULES, Rules, skip_unknown


def find_mistakes(values: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yields the mistakes of every rule, as far as they do not depend on what is wrong by itself."""
    if not values["services"] or isinstance(values["api"], Unknown):
        yield from _run_rules(RULES, values)
    else:
        yield from _find_mistakes_of_services(values, values["api"], values["services"])


def _find_mistakes_of_services(values: Mapping[str, Any], whole: Api, declared: Services) -> Iterator[Mistake]:
    """Each service is checked as if it were the only backend, and all routes together as if they were of one."""
    of_webhooks = {rule: sections for rule, sections in RULES.items() if {"backend", "proxy"} <= sections.keys()}
    of_backends = {
        rule: sections for rule, sections in RULES.items() if "backend" in sections and "services" not in sections
    }
    # Rules of a webhook read the routes of one service; all others also see those of its neighbours.
    merged = {**values, "api": merge_routes(whole, declared)}
    others = {rule: sections for rule, sections in RULES.items() if rule not in of_webhooks or "services" in sections}
    seen: set[str] = set()
    yield from _note_keys(_run_rules(others, merged), seen)
    alone = {rule: sections for rule, sections in of_webhooks.items() if rule not in others}
    first = _run_rules(alone, {**values, "api": select_routes(whole, declared)})
    yield from _note_keys(_translate(first, whole, "", declared), seen)
    for name, service in declared.items():
        view = {**values, "backend": service.backend, "api": select_routes(whole, declared, name)}
        if isinstance(service.backend, Url):
            # Its forwarder calls it without the load balancer of the others.
            view["ingress"] = None
        if isinstance(values["proxy"], Proxy):
            view["proxy"] = service.configure_proxy(values["proxy"])
        found = _translate(_run_rules(of_backends, view), whole, name, declared)
        # What all services share has its mistakes once.
        yield from _note_keys((one for one in found if one.key not in seen), seen)


def _note_keys(mistakes: Iterable[Mistake], seen: set[str]) -> Iterator[Mistake]:
    for mistake in mistakes:
        seen.add(mistake.key)
        yield mistake


def _run_rules(rules: Rules, values: Mapping[str, object]) -> Iterator[Mistake]:
    for rule, sections in rules.items():
        if not any(isinstance(values[name], Unknown) and not taken for name, taken in sections.items()):
            yield from skip_unknown(rule(**{name: values[name] for name in sections}))


def _translate(mistakes: Iterator[Mistake], whole: Api, service: str, declared: Services) -> Iterator[Mistake]:
    """Mistakes of one service with the keys that they have in the stack file."""
    # If they are wrong, no rule says anything about a route of this service.
    routes = make_if_known(
        lambda: [
            index
            for index, route in enumerate(whole.routes)
            if (route.target == service if service else route.target not in declared)
        ]
    )
    place = f"backends.{service}"
    for mistake in mistakes:
        key = mistake.key.removeprefix("gatehouse:")
        if key.startswith("api.routes["):
            index = int(key.removeprefix("api.routes[").partition("]")[0])
            key = key.replace(f"[{index}]", f"[{routes[index]}]", 1)
        elif service and (key == "backend" or key.startswith("backend.")):
            key = f"{place}{key.removeprefix('backend')}"
        elif service and key.startswith("proxy.webhook"):
            key = f"{place}{key.removeprefix('proxy')}"
        elif service and key.partition(".")[0] not in ("ingress", "network"):
            continue
        remedy = mistake.remedy.replace("backend.", f"{place}.") if service else mistake.remedy
        yield dataclasses.replace(mistake, key=qualify(key), remedy=remedy)

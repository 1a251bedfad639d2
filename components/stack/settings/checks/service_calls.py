"""Rules of calls between services, and of their private names."""

from collections.abc import Iterator, Mapping

from ....facts.host_names import is_name_of_aws
from ..api import Api
from ..backend import Backend, Container, Ec2
from ..ingress import Ingress
from ..mistakes import Mistake, find_near_key
from ..services import Services, find_place, list_services, name_url_variable
from ..unknown import as_far_as_known, require_known
from .rule import list_keys_in_file, make_mistake, register, skip_unknown


@register
def check_service_calls(backend: Backend, ingress: Ingress | None, services: Services) -> Iterator[Mistake]:
    named = list_services(backend, services)
    for name, caller in named.items():
        if isinstance(caller, Container) and caller.fields_in_file:
            yield from skip_unknown(_find_call_mistakes(name, caller, named, ingress))


def _find_call_mistakes(
    name: str, caller: Container, named: Mapping[str, Backend], ingress: Ingress | None
) -> Iterator[Mistake]:
    place = find_place(name)
    variables: dict[str, str] = {}
    for index, called in enumerate(require_known(caller.calls_services)):
        key = f"{place}.callsServices[{index}]"
        others = [other for other in named if other != name]
        if called not in others:
            allowed = f"one of {', '.join(others)}" if others else "a name of backends, which this stack does not have"
            near = find_near_key(called, others)
            remedy = f"did you mean {near}?" if near else "for a server outside the stack, use calls"
            yield make_mistake(key, called, allowed, remedy)
            continue
        if not isinstance(named[called], Container):
            allowed = "a service of kind ec2 or fargate, whose security group the stack has"
            yield make_mistake(key, called, allowed, f"name its server in {place}.calls")
            continue
        if ingress is not None and ingress.kind == "cloud-map":
            allowed = "only with alb or nlb, or without an ingress: names in Cloud Map are not for programs"
            yield make_mistake(key, called, allowed, "use ingress.kind: alb")
            continue
        if ingress is None and "name" not in list_keys_in_file(named[called], "name"):
            allowed = (
                "a service with a name, or behind a load balancer: an instance has no address of its own that stays"
            )
            yield make_mistake(key, called, allowed, f"add {find_place(called)}.name, or ingress: {{kind: alb}}")
        variable = name_url_variable(called)
        if variable in {**caller.environment, **caller.secrets}:
            allowed = f"a service whose address, {variable}, is not in environment or secrets"
            yield make_mistake(key, called, allowed, f"take {variable} out there")
        elif variables.setdefault(variable, called) != called:
            yield make_mistake(key, called, f"another name: {variable} is {variables[variable]}", "rename one of them")
    if caller.calls_services and isinstance(caller, Ec2) and not caller.image:
        allowed = "only with image: its container gets the addresses as environment variables"
        yield make_mistake(f"{place}.callsServices", ", ".join(caller.calls_services), allowed, "use image")


@register
def check_private_names(backend: Backend, ingress: Ingress | None, api: Api, services: Services) -> Iterator[Mistake]:
    seen = {} if ingress is None or not ingress.server_name else {ingress.server_name: "ingress.serverName"}
    with as_far_as_known():
        if api.domain is not None:
            # In the VPC the private record would win, and calls of the API would go past it.
            seen[api.domain.name] = "api.domain"
    for name, one in list_services(backend, services).items():
        if not isinstance(one, Container):
            continue
        place = find_place(name)
        keys = list_keys_in_file(one, "name", "zone_id")
        if keys == ["zoneId"]:
            remedy = f"add {place}.name, or take it out"
            yield make_mistake(f"{place}.zoneId", one.zone_id, "only with name, which the record is for", remedy)
        if "name" not in keys:
            continue
        wanted = require_known(one.name)
        if ingress is not None and ingress.kind == "cloud-map":
            allowed = "only with alb, nlb, or without an ingress: Cloud Map has names of its own"
            yield make_mistake(f"{place}.name", wanted, allowed, "take it out, or use ingress.kind: alb")
        elif is_name_of_aws(wanted):
            allowed = "a name in a domain of your own: AWS's endpoints below it would not resolve in the VPC"
            yield make_mistake(f"{place}.name", wanted, allowed, "take another name")
        elif (first := seen.setdefault(wanted, place)) != place:
            allowed = f"another name than that of {first}: a name leads to one service"
            yield make_mistake(f"{place}.name", wanted, allowed, "take another name")

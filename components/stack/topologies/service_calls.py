"""Calls between the services of a stack: addresses for the callers, and rules between the groups."""

from collections.abc import Mapping

import pulumi

from ... import PrivateIngress
from ...reach.of_services import state_service_call
from ...reach.statement import add_reach
from ...resource_options.scope import Scope
from ...security_groups.peers import Group
from ...security_groups.rules import allow
from ..settings import Settings
from ..settings.services import name_url_variable
from .backend import DeclaredBackend


class ServiceCall(pulumi.ComponentResource):
    """Rules that let a service call another one, at its load balancer if it has one."""

    def __init__(
        self,
        scope: Scope,
        service: str,
        caller_group: pulumi.Input[str],
        called_group: pulumi.Input[str],
        port: int,
        why: str,
    ) -> None:
        """`scope` is that of the calling service, and `service` the name of the called one."""
        suffix = f"to-service-{service}"
        statement = state_service_call(caller_group, called_group, port, service)
        inputs = add_reach({}, statement)
        super().__init__("gatehouse:index:ServiceCall", f"{scope.name}-{suffix}", inputs, scope.child_options())
        allow(Scope(scope.name, self, {}), suffix, Group(caller_group), Group(called_group), port, why)
        self.register_outputs({})


def build_called_urls(
    settings: Settings, ingress: PrivateIngress | None, caller: str = "backend"
) -> dict[str, pulumi.Input[str]]:
    """Returns the environment variables with the addresses of the services that a service calls.

    No address waits for the service, so that two services may call each other.
    """
    return {
        name_url_variable(called): _find_url(settings, ingress, called)
        for called in settings.called_services.get(caller, ())
    }


def _find_url(settings: Settings, ingress: PrivateIngress | None, called: str) -> pulumi.Input[str]:
    wanted = settings.find_container(called)
    if ingress is None:
        return f"http://{wanted.name}:{wanted.port}"
    assert ingress.shared is not None, "a rule of the settings demands a load balancer"
    return ingress.shared.build_url(ingress.find_port(_find_listener(called)), wanted.name)


def _find_listener(service: str) -> str:
    return "" if service == "backend" else service


def declare_service_calls(
    settings: Settings, ingress: PrivateIngress | None, declared: Mapping[str, DeclaredBackend]
) -> None:
    """Let each service call those that it names, and no other."""
    for caller, called_services in settings.called_services.items():
        for called in called_services:
            if ingress is None:
                group, port = declared[called].security_group_id, settings.find_container(called).port
            else:
                group, port = ingress.entry_security_group_id, ingress.find_port(_find_listener(called))
            own, name = declared[caller].security_group_id, "backend" if caller == "backend" else f"{caller}-backend"
            assert own is not None, "a container has a security group"
            assert group is not None, "a rule of the settings demands a container"
            ServiceCall(
                Scope(name, declared[caller].component, {}), called, own, group, port, f"{caller} calls {called}"
            )

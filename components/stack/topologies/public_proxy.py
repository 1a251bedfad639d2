"""public-proxy: API Gateway → Lambda forwarder in the VPC → private backend."""

from ..settings import Settings
from ..settings.backend import Greeter, NoBackend
from .alerts import alarmed, alerts
from .backend import backend
from .built import Built, built
from .front import front
from .functions import function_targets
from .greeter import greeter_target
from .ingress import ingress
from .network import network
from .proxy import forwarder


def build(settings: Settings) -> Built:
    """Declare the stack."""
    topic = alerts(settings)
    if isinstance(settings.backend, Greeter | NoBackend):
        vpc = network(settings, topic) if settings.api.functions_in_vpc else None
        targets = function_targets(settings, vpc)
        if isinstance(settings.backend, Greeter):
            targets["backend"] = greeter_target(settings.backend)
        api = front(settings, targets, vpc, alarm_topic_arn=topic)
        return built(settings, api, network=vpc)
    vpc = network(settings, topic)
    private_ingress = ingress(settings, vpc, alarmed(settings, topic))
    declared = backend(settings, vpc, private_ingress, alarmed(settings, topic))
    made = forwarder(settings, vpc, declared, alarmed(settings, topic))
    target = made.target
    targets = {"backend": target, "proxy": target, **function_targets(settings, vpc)}
    api = front(settings, targets, vpc, alarm_topic_arn=topic)
    return built(settings, api, network=vpc, ingress=private_ingress, backend=declared, forwarder=made)

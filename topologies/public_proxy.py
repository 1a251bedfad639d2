"""public-proxy: API Gateway → Lambda forwarder in the VPC → private backend."""

from settings import Settings
from settings.backend import Greeter, NoBackend

from .alerts import alerts
from .backend import backend
from .front import front
from .functions import function_targets
from .greeter import greeter_target
from .ingress import ingress
from .network import network
from .outputs import Outputs, outputs
from .proxy import forwarder, forwarder_target


def build(settings: Settings) -> Outputs:
    """Declare the stack."""
    topic = alerts(settings)
    if isinstance(settings.backend, Greeter | NoBackend):
        targets = function_targets(settings)
        if isinstance(settings.backend, Greeter):
            targets["backend"] = greeter_target(settings.backend)
        return outputs(settings, front(settings, targets, alarm_topic_arn=topic))
    vpc = network(settings, topic)
    declared = backend(settings, vpc, ingress(settings, vpc))
    made = forwarder(settings, vpc, declared)
    target = forwarder_target(settings, made)
    targets = {"backend": target, "proxy": target, **function_targets(settings)}
    api = front(settings, targets, alarm_topic_arn=topic)
    return outputs(settings, api, network=vpc, backend=declared, forwarder=made)

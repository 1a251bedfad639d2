"""public-proxy: API Gateway → Lambda forwarder in the VPC → private backend."""

from ..settings import Settings
from ..settings.backend import Greeter, NoBackend
from .alerts import choose_alarm_topic, declare_alerts
from .backend import declare_backend
from .built import Built, build_stack
from .front import declare_front
from .functions import declare_function_targets
from .greeter import declare_greeter
from .ingress import declare_ingress
from .network import declare_network
from .proxy import declare_forwarder


def build(settings: Settings) -> Built:
    """Declare the stack."""
    topic = declare_alerts(settings)
    if isinstance(settings.backend, Greeter | NoBackend):
        vpc = declare_network(settings, topic) if settings.api.functions_in_vpc else None
        targets = declare_function_targets(settings, vpc)
        if isinstance(settings.backend, Greeter):
            targets["backend"] = declare_greeter(settings.backend)
        api = declare_front(settings, targets, vpc, alarm_topic_arn=topic)
        return build_stack(settings, api, network=vpc)
    vpc = declare_network(settings, topic)
    private_ingress = declare_ingress(settings, vpc, choose_alarm_topic(settings, topic))
    declared = declare_backend(settings, vpc, private_ingress, choose_alarm_topic(settings, topic))
    made = declare_forwarder(settings, vpc, declared, choose_alarm_topic(settings, topic))
    target = made.target
    targets = {"backend": target, "proxy": target, **declare_function_targets(settings, vpc)}
    api = declare_front(settings, targets, vpc, alarm_topic_arn=topic)
    return build_stack(settings, api, network=vpc, ingress=private_ingress, backend=declared, forwarder=made)

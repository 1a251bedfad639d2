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
from .service_calls import build_called_urls
from .services import declare_services


def build(settings: Settings) -> Built:
    """Declare the stack."""
    topic = declare_alerts(settings)
    alarm_topic = choose_alarm_topic(settings, topic)
    if isinstance(settings.backend, Greeter | NoBackend):
        vpc = declare_network(settings, topic) if settings.api.functions_in_vpc or settings.services else None
        private_ingress = declare_ingress(settings, vpc, alarm_topic) if vpc else None
        services = declare_services(settings, vpc, private_ingress, alarm_topic) if vpc else {}
        targets = {name: service.target for name, service in services.items()} | declare_function_targets(settings, vpc)
        if isinstance(settings.backend, Greeter):
            targets["backend"] = declare_greeter(settings.backend)
        api = declare_front(settings, targets, vpc, alarm_topic_arn=topic)
        return build_stack(settings, api, network=vpc, ingress=private_ingress, services=services)
    vpc = declare_network(settings, topic)
    private_ingress = declare_ingress(settings, vpc, alarm_topic)
    urls = build_called_urls(settings, private_ingress)
    declared = declare_backend(settings, vpc, private_ingress, alarm_topic, urls)
    made = declare_forwarder(settings.select_first(), vpc, declared, alarm_topic)
    services = declare_services(settings, vpc, private_ingress, alarm_topic, declared)
    targets = {"backend": made.target, "proxy": made.target}
    targets |= {name: service.target for name, service in services.items()} | declare_function_targets(settings, vpc)
    api = declare_front(settings, targets, vpc, alarm_topic_arn=topic)
    return build_stack(
        settings, api, network=vpc, ingress=private_ingress, backend=declared, forwarder=made, services=services
    )

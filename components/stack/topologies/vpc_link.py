"""vpc-link: API Gateway → VPC link → internal ALB, NLB or Cloud Map → EC2 or Fargate; or an existing load balancer."""

from ..settings import Settings
from ..settings.backend import Listener, NoBackend
from .alerts import choose_alarm_topic, declare_alerts
from .backend import declare_backend
from .built import Built, build_stack
from .front import declare_front
from .functions import declare_function_targets
from .ingress import declare_ingress
from .listener import declare_listener_target
from .network import declare_network
from .proxy import declare_forwarder
from .service_calls import build_called_urls
from .services import declare_services


def build(settings: Settings) -> Built:
    """Declare the stack."""
    topic = declare_alerts(settings)
    vpc = declare_network(settings, topic)
    if isinstance(settings.backend, Listener):
        target, link_group = declare_listener_target(settings, settings.backend, vpc)
        api = declare_front(
            settings, {"backend": target, **declare_function_targets(settings, vpc)}, vpc, alarm_topic_arn=topic
        )
        return build_stack(settings, api, network=vpc, link_security_group_id=link_group)
    private_ingress = declare_ingress(settings, vpc, choose_alarm_topic(settings, topic))
    assert private_ingress is not None, "a rule of the settings demands one"
    alarm_topic, urls = choose_alarm_topic(settings, topic), build_called_urls(settings, private_ingress)
    # Services without `backend` are equal: the ingress has a listener for each, and none of its own.
    with_backend = not isinstance(settings.backend, NoBackend)
    declared = declare_backend(settings, vpc, private_ingress, alarm_topic, urls) if with_backend else None
    services = declare_services(settings, vpc, private_ingress, alarm_topic, declared)
    targets = {"backend": private_ingress.target(*declared.ready)} if declared else {}
    targets |= {name: service.target for name, service in services.items()} | declare_function_targets(settings, vpc)
    made = (
        declare_forwarder(settings.select_first(), vpc, declared, alarm_topic)
        if declared and any(map(settings.is_forwarded, settings.api.routes))
        else None
    )
    if made is not None:
        targets["proxy"] = made.target
    api = declare_front(settings, targets, vpc, alarm_topic_arn=topic)
    return build_stack(
        settings, api, network=vpc, ingress=private_ingress, backend=declared, forwarder=made, services=services
    )

"""vpc-link: API Gateway → VPC link → internal ALB, NLB or Cloud Map → EC2 or Fargate; or an existing load balancer."""

from ..settings import Settings
from ..settings.backend import Listener
from .alerts import alarmed, alerts
from .backend import backend
from .built import Built, built
from .front import front
from .functions import function_targets
from .ingress import ingress
from .listener import listener_target
from .network import network
from .proxy import forwarder


def build(settings: Settings) -> Built:
    """Declare the stack."""
    topic = alerts(settings)
    vpc = network(settings, topic)
    if isinstance(settings.backend, Listener):
        target, link_group = listener_target(settings, settings.backend, vpc)
        api = front(settings, {"backend": target, **function_targets(settings, vpc)}, vpc, alarm_topic_arn=topic)
        return built(settings, api, network=vpc, link_security_group_id=link_group)
    private_ingress = ingress(settings, vpc, alarmed(settings, topic))
    assert private_ingress is not None, "a rule of the settings demands one"
    declared = backend(settings, vpc, private_ingress, alarmed(settings, topic))
    targets = {"backend": private_ingress.target(*declared.ready), **function_targets(settings, vpc)}
    made = (
        forwarder(settings, vpc, declared, alarmed(settings, topic))
        if any(map(settings.is_forwarded, settings.api.routes))
        else None
    )
    if made is not None:
        targets["proxy"] = made.target
    api = front(settings, targets, vpc, alarm_topic_arn=topic)
    return built(settings, api, network=vpc, ingress=private_ingress, backend=declared, forwarder=made)

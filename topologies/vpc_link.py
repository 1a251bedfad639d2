"""vpc-link: API Gateway → VPC link → internal ALB, NLB or Cloud Map → EC2 or Fargate."""

from settings import Settings

from .alerts import alerts
from .backend import backend
from .front import front
from .functions import function_targets
from .ingress import ingress, link_target
from .network import network
from .outputs import Outputs, outputs
from .proxy import forwarder, forwarder_target


def build(settings: Settings) -> Outputs:
    """Declare the stack."""
    topic = alerts(settings)
    vpc = network(settings, topic)
    way_in = ingress(settings, vpc)
    assert way_in is not None, "a rule of the settings demands one"
    reached = backend(settings, vpc, way_in)
    targets = {"backend": link_target(settings, way_in, reached), **function_targets(settings)}
    made = forwarder(settings, vpc, reached) if any(map(settings.is_forwarded, settings.api.routes)) else None
    if made is not None:
        targets["proxy"] = forwarder_target(settings, made)
    api = front(settings, targets, alarm_topic_arn=topic)
    return outputs(settings, api, network=vpc, backend=reached, forwarder=made)

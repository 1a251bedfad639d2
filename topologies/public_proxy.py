"""public-proxy: API Gateway → Lambda forwarder in the VPC → private backend."""

from settings import Settings

from .alerts import alerts
from .backend import backend
from .front import front
from .network import network
from .outputs import Outputs, outputs
from .proxy import proxy


def build(settings: Settings) -> Outputs:
    """Declare the stack."""
    topic = alerts(settings)
    vpc = network(settings, topic)
    reached = backend(settings, vpc)
    forwarder = proxy(settings, vpc, reached)
    target = {"function_name": forwarder.function_name, "invoke_arn": forwarder.invoke_arn}
    gate = front(settings, {"backend": target, "proxy": target}, alarm_topic_arn=topic)
    return outputs(settings, vpc, reached, gate)

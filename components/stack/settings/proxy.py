"""`gatehouse:proxy`: the Lambda forwarder between the API and the backend."""

from dataclasses import dataclass, fields

from ...arguments.connections import EndpointArgs
from ...arguments.secrets import EncryptedText
from ...facts import defaults
from ...function.webhook import WebhookArgs
from ...serverless_proxy import ServerlessProxyArgs
from .section import Section

# The function's, as people write it.
PYTHON = defaults.LAMBDA_RUNTIME.replace("python", "Python ")


@dataclass(frozen=True, kw_only=True)
class Webhook(Section, WebhookArgs):
    """A webhook's signature."""

    # Encrypted texts.
    secret: EncryptedText
    previous_secret: EncryptedText | None = None


@dataclass(frozen=True, kw_only=True)
class Proxy(Section, ServerlessProxyArgs):
    """The forwarder."""

    set_by_topology = (
        *(field.name for field in fields(EndpointArgs)),
        *("vpc_id", "subnet_ids", "vpc_cidr", "strip_prefix", "custom_domain", "identity", "stream_seconds"),
        "alarm_topic_arn",
    )

    webhook: Webhook | None = None

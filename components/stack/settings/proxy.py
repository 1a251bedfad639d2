"""`gatehouse:proxy`: the Lambda forwarder between the API and the backend."""

from dataclasses import dataclass, fields
from typing import Annotated

from ...arguments.types import WebhookScheme, between
from ...arguments.values import SecretText
from ...connections import EndpointArgs
from ...facts import defaults
from ...facts.limits import RAISED_TIMEOUT_MILLISECONDS
from ...serverless_proxy import ServerlessProxyArgs, WebhookArgs
from .section import Section

# The function's, as people write it.
PYTHON = defaults.LAMBDA_RUNTIME.replace("python", "Python ")


@dataclass(frozen=True, kw_only=True)
class Webhook(Section, WebhookArgs):
    """A webhook's signature."""

    scheme: WebhookScheme = "github"
    secret: SecretText
    previous_secret: SecretText | None = None


@dataclass(frozen=True, kw_only=True)
class Proxy(Section, ServerlessProxyArgs):
    """The forwarder."""

    elsewhere = (
        *(field.name for field in fields(EndpointArgs)),
        *("vpc_id", "subnet_ids", "vpc_cidr", "strip_prefix", "custom_domain", "identity", "stream_seconds"),
    )

    mean_milliseconds: Annotated[int, between(1, RAISED_TIMEOUT_MILLISECONDS)] | None = None
    timeout_seconds: Annotated[int, between(1, RAISED_TIMEOUT_MILLISECONDS // 1000)] | None = None
    """Timeout for the backend in seconds: at most 30 (HTTP), or 29 (REST) unless `api.timeoutQuotaMilliseconds` is
    more. Defaults to three times `meanMilliseconds` and at least 1, or to 10 without it."""
    webhook: Webhook | None = None

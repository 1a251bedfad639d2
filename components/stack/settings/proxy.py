"""`gatehouse:proxy`: the Lambda forwarder between the API and the backend."""

from pydantic import Field

from ...argument_types import Architecture, ForwardHost, LogLevel, WebhookScheme
from ...facts import defaults
from ...facts.limits import RAISED_TIMEOUT_MILLISECONDS
from ...serverless_proxy import ServerlessProxyArgs, WebhookArgs
from .section import Section
from .values import SecretText

# The function's, as people write it.
PYTHON = defaults.LAMBDA_RUNTIME.replace("python", "Python ")


class Webhook(Section, arguments=WebhookArgs, defaults=WebhookArgs):
    """A webhook's signature."""

    scheme: WebhookScheme = "github"
    secret: SecretText
    previous_secret: SecretText | None
    tolerance_seconds: int


class Proxy(Section, arguments=ServerlessProxyArgs, defaults=ServerlessProxyArgs):
    """The forwarder."""

    memory: int
    mean_milliseconds: int | None = Field(None, ge=1, le=RAISED_TIMEOUT_MILLISECONDS)
    timeout_seconds: int | None = Field(
        None,
        ge=1,
        le=RAISED_TIMEOUT_MILLISECONDS // 1000,
        description="Timeout for the backend in seconds: at most 29 unless `api.timeoutQuotaMilliseconds` is more."
        " Defaults to three times `meanMilliseconds` and at least 1, or to 10 without it.",
    )
    architecture: Architecture
    forward_host: ForwardHost
    rewrite_redirects: bool
    webhook: Webhook | None
    reserved_concurrency: int | None
    publish_versions: bool
    keep_warm: bool
    precompiled: bool
    log_level: LogLevel
    log_retention_days: int

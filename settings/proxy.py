"""`gatehouse:proxy`: the Lambda forwarder between the API and the backend."""

from pydantic import Field

from components.argument_types import ForwardHost, LogLevel, WebhookScheme
from facts import defaults
from facts.instance_types import Architecture
from facts.limits import LAMBDA_MEMORY_MIB, RAISED_TIMEOUT_MILLISECONDS

from .section import Section
from .values import RetentionDays, SecretText

# The function's, as people write it.
PYTHON = defaults.LAMBDA_RUNTIME.replace("python", "Python ")


class Webhook(Section):
    """Signature that a request must carry before anything reaches the backend, except on routes with IAM, JWT or
    Cognito authorization."""

    scheme: WebhookScheme = Field(
        "github", description="Sender: github, stripe or slack, which sign; or gitlab, which sends the secret itself"
    )
    secret: SecretText = Field(description="The secret shared with the sender, encrypted")
    previous_secret: SecretText | None = Field(None, description="The one before it, accepted too during a rotation")
    tolerance_seconds: int = Field(
        defaults.WEBHOOK_TOLERANCE_SECONDS,
        ge=1,
        le=3600,
        description="Oldest signed timestamp accepted (stripe, slack)",
    )


class Proxy(Section):
    """The forwarder."""

    memory: int = Field(
        defaults.PROXY_MEMORY_MIB, ge=LAMBDA_MEMORY_MIB.start, le=LAMBDA_MEMORY_MIB.stop - 1, description="Memory, MiB"
    )
    mean_milliseconds: int | None = Field(
        None,
        ge=1,
        le=RAISED_TIMEOUT_MILLISECONDS,
        description="Mean time of the backend; the timeout becomes three times that",
    )
    timeout_seconds: int | None = Field(
        None,
        ge=1,
        le=RAISED_TIMEOUT_MILLISECONDS // 1000,
        description="Timeout, at most 29 unless api.timeoutQuotaMilliseconds is more. If omitted, three times"
        " meanMilliseconds and at least 1, or 10 without it",
    )
    architecture: Architecture = Field("arm64", description="Processor; arm64 costs a fifth less")
    forward_host: ForwardHost = Field("backend", description="Host header for the backend: its own, or the client's")
    rewrite_redirects: bool = Field(
        True,
        description="Put stage, base path and `api.stripPrefix` back into references of an answer that begin with a"
        " slash: Location, Content-Location, Link, Refresh",
    )
    webhook: Webhook | None = Field(
        None,
        description="Check a webhook's signature before anything reaches the backend, on every route of the forwarder"
        " without IAM, JWT or Cognito authorization",
    )
    reserved_concurrency: int | None = Field(
        None, ge=1, le=1000, description="Most requests at once, a cap on the bill; needs a quota of 100 more than this"
    )
    publish_versions: bool = Field(
        False,
        description=f"Publish a version at each change and keep the last {defaults.KEPT_VERSIONS}, for going back",
    )
    keep_warm: bool = Field(
        False,
        description="Call the forwarder once a day, without reaching the backend: after weeks without a call Lambda"
        " takes its network interfaces back, and the next call fails",
    )
    precompiled: bool = Field(
        False,
        description=f"Deploy compiled files too, which shortens a cold start; Pulumi must run with {PYTHON}",
    )
    log_level: LogLevel = Field("INFO", description="Log level; INFO writes one line a request")
    log_retention_days: RetentionDays = Field(defaults.LOG_RETENTION_DAYS, description="Keep its logs this long")

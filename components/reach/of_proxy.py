"""The statement of a forwarder: what it checks itself, and the one backend that it calls."""

import dataclasses
from typing import Any

from ..arguments.connections import EndpointArgs
from ..facts import defaults
from ..facts.statements import SIGNED_IN
from ..function.webhook import WebhookArgs
from .of_api import normalize_ranges
from .references import refer
from .statement import Statement, drop_absent

_SECRETS = ("secret", "previous_secret")


def state_proxy(spec: Any) -> Statement:
    """Returns the statement of a ServerlessProxy, of which `spec` are the arguments."""
    return drop_absent(
        checks=spec.webhook and _state_signature(spec.webhook),
        unless=dict.fromkeys(SIGNED_IN, True) if spec.webhook else None,
        to=_state_backend(spec, spec.backend_port),
        identity=spec.identity or None,
        network=refer(spec.vpc_id, "Vpc"),
        alias=defaults.FUNCTION_ALIAS if spec.publish_versions else None,
        # Its role may invoke the function, and nothing else.
        schedules={"warm": {"every": "1 day"}} if spec.keep_warm else None,
        rights={"logs": True, "interfaces": True},
        notifies=refer(spec.alarm_topic_arn, "Topic"),
    )


def _state_signature(webhook: WebhookArgs) -> Statement:
    """How a request must be signed. The secrets are not in it, only whether a second one is accepted."""
    described = {
        field.name: getattr(webhook, field.name)
        for field in dataclasses.fields(webhook)
        if field.name not in (*_SECRETS, *webhook.unused)
    }
    parts = {key: value if isinstance(value, str) else refer(value) for key, value in described.items()}
    return drop_absent(**parts, previous_secret=True if webhook.previous_secret is not None else None)


def _state_backend(spec: EndpointArgs, port: Any) -> Statement:
    return drop_absent(
        url=refer(spec.url, "Listener", "Instance"),
        port=refer(port),
        group=refer(spec.backend_security_group_id, "SecurityGroup"),
        ranges=normalize_ranges(spec.backend_cidrs),
        vpc=refer(getattr(spec, "vpc_cidr", None), "Vpc"),
    )

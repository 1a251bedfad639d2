"""Calls of AWS that only read, through boto3. One that fails is noted in one line, and ends nothing."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

READING: Final = ("Describe", "Get", "List", "Head", "Filter")
"""Beginnings of operations that change nothing. No other is called."""
_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_ABSENT: Final = re.compile(r"NotFound|NoSuch|Non[Ee]xistent")
_UNREACHABLE: Final = "AWS is not reachable from here"
_MEANINGS: Final[tuple[tuple[str, str], ...]] = (
    (r"AccessDenied|Unauthorized|Forbidden|NotAuthorized", "denied: `--policy` prints what is needed"),
    (r"Throttl|TooMany|RequestLimit|SlowDown", "throttled: run it again later"),
    (r"Endpoint|Connect|Timeout|ProxyConnection", _UNREACHABLE),
    (r"^5\d\d$|Internal|ServiceUnavailable", "AWS failed: run it again later"),
    (r"NoCredentials|Credential|Token|Signature|UnrecognizedClient|SSO", "no valid credentials: run `aws sso login`"),
)
_ACTIONS: Final = {"apigateway": "apigateway:GET", "apigatewayv2": "apigateway:GET", "budgets": "budgets:ViewBudget"}
"""Actions of services that have one for all calls that read."""
_PREFIXES: Final = {"elbv2": "elasticloadbalancing", "efs": "elasticfilesystem"}
"""Of actions, where they are not the client's name."""


class NotRead(Exception):  # noqa: N818 # an answer, beside what is there and what is not
    """AWS did not answer a call. The text is the reason."""


class Cloud:
    """The clients of a session of boto3, each made when it is first needed. Equal calls are made once.

    Without a session nothing is called, and every answer is empty: `made` has what would be called.
    """

    def __init__(self, session: Any = None) -> None:
        self.session = session
        self.made: set[str] = set()
        """Calls so far, `ec2.DescribeVpcs`."""
        self._client, self._answer = cache(self._make_client), cache(self._call)
        self._silent: dict[tuple[str, str], NotRead] = {}
        """Services that did not answer at all: each further call of one would wait for a minute."""

    def ask(self, call: str, arguments: Mapping[str, Any], region: str) -> Any:
        """The answer with all of its pages; None if AWS has no such thing. Raises NotRead."""
        self.made.add(call)
        if self.session is None:
            return {}
        where = call.partition(".")[0], region
        answer = self._silent.get(where) or self._answer(call, json.dumps(arguments, sort_keys=True), region)
        if isinstance(answer, NotRead):
            if str(answer).startswith(_UNREACHABLE):
                self._silent[where] = answer
            raise answer
        return answer

    def _call(self, call: str, written: str, region: str) -> Any:
        service, _, operation = call.partition(".")
        method, arguments = xform_name(operation), json.loads(written)
        try:
            client = self._client(service, region)
            if client.can_paginate(method) and "MaxItems" not in arguments:
                return client.get_paginator(method).paginate(**arguments).build_full_result()
            answer = getattr(client, method)(**arguments)
            return NotRead("only its first page was read") if answer.get("NextToken") else answer
        except (BotoCoreError, ClientError) as error:
            # Of the error's own text nothing: it may repeat what was sent.
            answered = (getattr(error, "response", None) or {}).get("Error", {})
            code = str(answered.get("Code", type(error).__name__))
            if answered and _ABSENT.search(code):
                return None
            words = (f"{words} ({code})" for pattern, words in _MEANINGS if re.search(pattern, code))
            return NotRead(next(words, code))

    def _make_client(self, service: str, region: str) -> Any:
        client = self.session.client(service, region_name=region or None, config=_CONFIG)
        client.meta.events.register("before-call", _only_reading)
        return client


def _only_reading(model: Any, **_: Any) -> None:
    if not model.name.startswith(READING):
        raise RuntimeError(f"{model.name} does not only read")


def action(call: str) -> str:
    """The action of IAM that a call needs."""
    service, _, operation = call.partition(".")
    return _ACTIONS.get(service, f"{_PREFIXES.get(service, service)}:{operation}")

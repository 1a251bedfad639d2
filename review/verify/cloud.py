"""Calls of AWS that only read, through boto3. One that fails is noted in one line, and ends nothing."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..graph.prose import few

READING: Final = ("Describe", "Get", "List", "Head", "Filter")
"""Beginnings of operations that change nothing. No other is called."""
_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_ABSENT: Final = re.compile(r"NotFound|NoSuch|Nonexistent")
_MEANINGS: Final[tuple[tuple[str, str], ...]] = (
    (r"AccessDenied|Unauthorized|Forbidden|NotAuthorized", "denied: `--policy` prints what is needed"),
    (r"Throttl|TooMany|RequestLimit|SlowDown", "throttled: run it again later"),
    (r"Endpoint|Connect|Timeout|ProxyConnection", "AWS is not reachable from here"),
    (r"^5\d\d$|Internal|ServiceUnavailable", "AWS failed: run it again later"),
    (r"NoCredentials|Credential|Token|Signature|UnrecognizedClient|SSO", "no valid credentials: run `aws sso login`"),
)
_PREFIXES: Final = {"elbv2": "elasticloadbalancing"}


class NotRead(Exception):  # noqa: N818 (an answer, beside what is there and what is not)
    """AWS did not answer a call. The text is the reason."""


class Cloud:
    """The clients of a session, each made when it is first needed. Equal calls are made once."""

    def __init__(self, session: Any = None) -> None:
        self._session = session or boto3.Session()
        self._clients: dict[tuple[str, str], Any] = {}
        self._answers: dict[str, Any] = {}
        self.credentials = self._session.get_credentials
        self.made: set[str] = set()
        """Calls so far, `ec2.describe_vpcs`."""

    def ask(self, call: str, arguments: Mapping[str, Any], region: str) -> Any:
        """The answer with all of its pages; None if AWS has no such thing. Raises NotRead."""
        key = json.dumps([call, arguments, region], sort_keys=True)
        if key not in self._answers:
            self.made.add(call)
            try:
                self._answers[key] = self._asked(call, arguments, region)
            except NotRead as problem:
                self._answers[key] = problem
        found = self._answers[key]
        if isinstance(found, NotRead):
            raise found
        return found

    def _asked(self, call: str, arguments: Mapping[str, Any], region: str) -> Any:
        service, _, method = call.partition(".")
        try:
            client = self._client(service, region)
            if client.can_paginate(method) and "MaxItems" not in arguments:
                return client.get_paginator(method).paginate(**arguments).build_full_result()
            return getattr(client, method)(**arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if _ABSENT.search(code):
                return None
            raise NotRead(_meaning(code)) from None
        except BotoCoreError as error:
            # Of the error's own text nothing: it may repeat what was sent.
            raise NotRead(_meaning(type(error).__name__)) from None

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            client = self._session.client(service, region_name=region or None, config=_CONFIG)
            client.meta.events.register("before-call", _only_reading)
            self._clients[service, region] = client
        return self._clients[service, region]


def _only_reading(model: Any, **_: Any) -> None:
    if not model.name.startswith(READING):
        raise RuntimeError(f"{model.name} does not only read")


def _meaning(code: str) -> str:
    return next((f"{words} ({code})" for pattern, words in _MEANINGS if re.search(pattern, code)), code)


class _NoSession:
    def get_credentials(self) -> None:
        return None


class Noting(Cloud):
    """Calls nothing and notes what would be called, for the policy."""

    def __init__(self) -> None:
        super().__init__(_NoSession())

    def _asked(self, call: str, arguments: Mapping[str, Any], region: str) -> Any:
        del call, arguments, region
        return {}


@cache
def operation(call: str) -> str:
    """`DescribeVpcs` of `ec2.describe_vpcs`."""
    service, _, method = call.partition(".")
    model = botocore.session.get_session().get_service_model(service)
    return next(str(name) for name in model.operation_names if botocore.xform_name(name) == method)


def action(call: str) -> str:
    """The action of IAM that a call needs."""
    service = call.partition(".")[0]
    if service in ("apigateway", "apigatewayv2"):
        return "apigateway:GET"
    if service == "budgets":
        return "budgets:ViewBudget"
    return f"{_PREFIXES.get(service, service)}:{operation(call)}"


class Unread:
    """What could not be read: one line for each call and reason."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], list[str]] = defaultdict(list)

    def add(self, what: str, reason: object, name: str) -> None:
        if name not in self._names[what, str(reason)]:
            self._names[what, str(reason)].append(name)

    def __iter__(self) -> Iterator[str]:
        return (f"{what}: {reason}: {few(names)}" for (what, reason), names in sorted(self._names.items()))

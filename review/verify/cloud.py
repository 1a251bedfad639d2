"""Calls of AWS that only read, through boto3. One that fails is noted in one line, and ends nothing."""

import re
from collections.abc import Mapping
from typing import Any, Final

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

READING: Final = ("Describe", "Get", "List")
"""Beginnings of operations that change nothing. No other operation is called."""
_CONFIG: Final = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_MEANINGS: Final[tuple[tuple[str, str], ...]] = (
    (r"AccessDenied|Unauthorized|Forbidden|NotAuthorized", "denied"),
    (r"Throttl|TooMany|RequestLimit", "throttled: run it again later"),
    (r"Endpoint|Connect|Timeout", "AWS is not reachable from here"),
    (r"NoCredentials|Credential|Token|Signature|UnrecognizedClient|SSO", "no valid credentials: run `aws sso login`"),
)


class NotRead(Exception):  # noqa: N818 # an answer, beside what is there and what is not
    """AWS did not answer a call. The text is the reason."""


class Cloud:
    """The clients of a session of boto3, each made when it is first needed."""

    def __init__(self, session: Any, policies: str = "review/docs/verify.md lists the actions") -> None:
        """`policies` is where a user finds the actions that these calls need."""
        self.session, self._policies = session, policies
        self._clients: dict[tuple[str, str], Any] = {}

    def ask(self, call: str, arguments: Mapping[str, Any], region: str) -> Any:
        """The answer to a call such as `ec2.DescribeVpcs`, with all of its pages. Raises NotRead."""
        service, _, operation = call.partition(".")
        if not operation.startswith(READING):
            raise ValueError(f"{call} does not only read")
        method = xform_name(operation)
        try:
            client = self._make_client(service, region)
            if client.can_paginate(method):
                return client.get_paginator(method).paginate(**arguments).build_full_result()
            return getattr(client, method)(**arguments)
        except (BotoCoreError, ClientError) as error:
            # Not the error's own text, which may repeat what was sent.
            answered = (getattr(error, "response", None) or {}).get("Error", {})
            code = str(answered.get("Code", type(error).__name__))
            words = (f"{words} ({code})" for pattern, words in _MEANINGS if re.search(pattern, code))
            reason = next(words, code)
            raise NotRead(f"{reason}: {self._policies}" if reason.startswith("denied") else reason) from None

    def _make_client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            made = self.session.client(service, region_name=region or None, config=_CONFIG)
            self._clients[service, region] = made
        return self._clients[service, region]

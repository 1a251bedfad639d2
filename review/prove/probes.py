"""Asks a row of a deployed stack, or of one that `make try` serves, and compares the answer."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import jmespath
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from jmespath.exceptions import JMESPathError

from ..verify.cloud import NotRead
from .table import Row

HELD, DIFFERENT, NOT_TRIED = "held", "did not hold", "not tried"
CONSUMER: Final = "consumer"
_SECONDS: Final = 40
_HIDDEN: Final = (
    (r"arn:[\w-]+:\S+", "[arn]"),
    (r"\b\d{12}\b", "[account]"),
    (r"[^\s\"'<>]+@[\w.-]+", "[address]"),
    (r"https?://\S+|[\w.-]+\.(?:amazonaws\.com|api\.aws)\S*", "[address]"),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "[address]"),
    (r"(?i)\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}", "[address]"),
    (r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}", "[secret]"),
    (r"[A-Za-z0-9+/=_-]{40,}", "[secret]"),
)
"""What no record contains. The last is as long as keys and tokens are."""


@dataclass(kw_only=True)
class Result:
    """What came of one row on one stack."""

    row: str
    stack: str
    when: str
    """`deployed`, `updated`, or the phase."""
    result: str
    answer: Any = None
    seconds: float = 0


@dataclass(kw_only=True)
class Site:
    """A stack that answers."""

    url: str
    region: str
    credentials: Any = None
    """Of AWS, as botocore has them."""
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Outputs of the stack's resources by name."""
    ask: Callable[[str, Mapping[str, Any]], Any] | None = None
    key: Callable[[], str] = str
    consumer: Callable[[str], str] | None = None
    """Runs a shell command on the consumer. None if calls of the consumer are sent from here, with `headers`."""
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Further headers of calls by their sender, as `make try` reads them."""


def ask_row(row: Row, site: Site, patience: float = 1, stopped: Callable[[], bool] = bool) -> tuple[str, Any, float]:
    """Ask a row until it holds or its time is over. Returns the result, the answer, and the seconds.

    `patience` multiplies the table's waits.
    """
    began, (longest, pause) = time.monotonic(), row.wait
    while True:
        result, answer = _ask_once(row, site)
        took = time.monotonic() - began
        if result == HELD or took >= longest * patience or stopped():
            return result, answer, round(took, 1)
        time.sleep(pause)


def _ask_once(row: Row, site: Site) -> tuple[str, Any]:
    try:
        answer = _call_repeatedly(row, site) if row.call else _ask_aws(row, site)
    except NotRead as reason:
        return NOT_TRIED, str(reason)
    try:
        seen = {expression: jmespath.search(expression, answer) for expression in row.want}
    except JMESPathError:
        # A function of an expression refuses the answer: what it needs is not there.
        return DIFFERENT, {"status": answer.get("status"), "lacks": "the answer has another form"}
    wrong = [name for name, value in row.want.items() if seen[name] not in (value if _is_list(value) else [value])]
    return (DIFFERENT if wrong else HELD), seen


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def hide_private_values(value: Any) -> Any:
    """A value without accounts, addresses and secrets."""
    if isinstance(value, Mapping):
        return {key: hide_private_values(each) for key, each in value.items()}
    if isinstance(value, list):
        return [hide_private_values(each) for each in value]
    if isinstance(value, str):
        for pattern, word in _HIDDEN:
            value = re.sub(pattern, word, value)
    return value


def _ask_aws(row: Row, site: Site) -> Any:
    if site.ask is None:
        raise NotRead("AWS is not asked here")
    return site.ask(row.ask, _fill_arguments(row.arguments, site))


def _fill_arguments(value: Any, site: Site) -> Any:
    """Arguments with the properties of resources that they name. Raises NotRead."""
    if isinstance(value, Mapping):
        return {key: _fill_arguments(each, site) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill_arguments(each, site) for each in value]
    if isinstance(value, str) and (named := re.fullmatch(r"\{([\w-]+)\.(\w+)\}", value)):
        if (output := site.resources.get(named[1], {}).get(named[2])) is None:
            raise NotRead(f"the stack has no {named[1]} with {named[2]}")
        return output
    return value


def _call_repeatedly(row: Row, site: Site) -> dict[str, Any]:
    answers = [_send(row.call, site) for _ in range(row.call.get("times", 1))]
    statuses = [answer["status"] for answer in answers]
    return {**answers[-1], "statuses": statuses, "called": urlsplit(site.url).netloc}


def _send(call: Mapping[str, Any], site: Site) -> dict[str, Any]:
    sender, url = call.get("from", ""), site.url + call["path"]
    headers = {**(call.get("headers") or {}), **site.headers.get(sender, {})}
    if call.get("key"):
        headers["x-api-key"] = site.key()
    if call.get("sign", True):
        headers |= _sign(call, url, site)
    settings = _format_curl_settings(call, url, headers)
    if sender == CONSUMER and site.consumer is not None:
        return _read(site.consumer(f"curl --config - <<'END'\n{settings}\nEND"))
    curl = shutil.which("curl") or "curl"
    command = [curl, "--disable", "--config", "-"]
    done = subprocess.run(command, input=settings.encode("latin-1"), capture_output=True, check=False)  # noqa: S603 # ours
    return _read(done.stdout.decode("latin-1"))


def _sign(call: Mapping[str, Any], url: str, site: Site) -> dict[str, str]:
    """Only host, date and body are signed: AWS then accepts every other header as it is."""
    if site.credentials is None:
        raise NotRead("there are no credentials to sign with")
    request = AWSRequest(method=call.get("method", "GET"), url=url, data=call.get("body"))
    SigV4Auth(site.credentials, "execute-api", site.region).add_auth(request)
    return dict(request.headers.items())


def _format_curl_settings(call: Mapping[str, Any], url: str, headers: Mapping[str, str]) -> str:
    """Settings of curl, by which no credential is in the list of processes."""
    lines = ["silent", "include", "path-as-is", "globoff", f"max-time = {_SECONDS}", f"url = {json.dumps(url)}"]
    lines.append("http2" if call.get("http") == 2 and url.startswith("https:") else "http1.1")
    lines.append(f"request = {json.dumps(call.get('method', 'GET'))}")
    lines += [f"header = {json.dumps(f'{name}: {value}', ensure_ascii=False)}" for name, value in headers.items()]
    if "body" in call:
        lines.append(f"data-binary = {json.dumps(call['body'])}")
    return "\n".join([*lines, r'write-out = "\n%{http_code} %{remote_ip}"'])


def _read(printed: str) -> dict[str, Any]:
    """An answer, with the request that the backend received, as `traefik/whoami` writes it: a line, then headers."""
    text, _, end = printed.rstrip().rpartition("\n")
    status, _, address = end.partition(" ")
    head, _, body = text.partition("\r\n\r\n")
    answer: dict[str, Any] = {"status": int(status) if status.isdecimal() else 0, "address": address, "body": body}
    answer["answered"] = {name: values[-1] for name, values in _parse_fields(head).items()}
    received = re.search(r"^([A-Z]+) (/[^ ]*) HTTP/\S+\r?\n(.*)", body, re.MULTILINE | re.DOTALL)
    if received:
        path, _, query = received[2].partition("?")
        fields = _parse_fields(received[3].replace("\r", "").partition("\n\n")[0])
        answer |= {"method": received[1], "path": path, "query": query, "headers": fields}
        answer["host"] = "".join(fields.get("host", []))
    return answer


def _parse_fields(text: str) -> dict[str, list[str]]:
    """Values of headers by name, in lower case and with underscores, which JMESPath takes without quotes."""
    fields: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and " " not in name:
            fields.setdefault(name.lower().replace("-", "_"), []).append(value.strip())
    return fields

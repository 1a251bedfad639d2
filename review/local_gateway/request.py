"""A request as the gateway receives it, and a response as it sends it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from .exchange import Allowance, Exchange

Pairs = list[tuple[str, str]]
Say = Callable[[str], None]
"""Takes a line for the reader."""

SOURCE_IP: Final = "x-gatehouse-source-ip"
VPC_ENDPOINT: Final = "x-gatehouse-vpc-endpoint"
NOWHERE: Final = "none"
"""Value of the endpoint's header for a caller on the internet."""
PRINCIPAL: Final = "x-gatehouse-principal"
IDENTITY_HEADERS: Final = (SOURCE_IP, VPC_ENDPOINT, PRINCIPAL)
"""Headers by which a caller assumes an address or identity. They are removed before anything else reads the request."""
HEADERS: Final[Mapping[str, list[str]]] = json.loads(Path(__file__).with_name("headers.json").read_text("utf-8"))
"""Names by what API Gateway does with the header, as its pages and recorded answers have it.

Of a caller: no integration receives those `ofTheConnection`. `written` are the gateway's own, and `spelled` have this
spelling. HTTP integrations receive none that is `withheld`, nor, of a REST API, `withheldByRestFromHttp`; its functions
too receive none that is `withheldByRest`. HTTP APIs write the `translated` as Forwarded. Of an answer: those that are
`dropped`, and those that REST APIs rename.
"""
_KEPT_BACK: Final = frozenset(HEADERS["ofTheConnection"] + HEADERS["written"])
_SPELLED: Final = {name.lower(): name for name in HEADERS["spelled"]}


@dataclass
class Request:
    """One HTTP request. Header names are in lower case, as HTTP/2 has them."""

    method: str
    raw_path: str
    raw_query: str
    headers: Pairs
    body: bytes
    source_ip: str = "198.51.100.7"
    """Defaults to a caller on the internet, from a range for documents (RFC 5737)."""
    vpc: str = ""
    vpc_endpoint: str = ""
    principal: str = ""
    assumed: Mapping[str, str] = field(default_factory=dict)
    """The removed IDENTITY_HEADERS. Clients sign them like any other."""
    spelled: Mapping[str, str] = field(default_factory=dict)
    """Names of headers as the client spelled them, by the name in lower case."""
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    received: float = field(default_factory=time.time)

    @property
    def extended_id(self) -> str:
        """The ID that API Gateway gives besides, in its own form."""
        return self.request_id.replace("-", "")[:15] + "="

    @property
    def media(self) -> str:
        """The media type of the body, in lower case. Empty if the request names none."""
        return self.find_header("content-type").partition(";")[0].strip().lower()

    @property
    def path(self) -> str:
        return unquote(self.raw_path)

    @property
    def host(self) -> str:
        return self.find_header("host")

    @property
    def host_name(self) -> str:
        """The host without a port, in lower case: names of hosts have no case."""
        return self.host.partition(":")[0].lower()

    @property
    def query(self) -> Pairs:
        return parse_qsl(self.raw_query, keep_blank_values=True)

    def find_header(self, name: str) -> str:
        """The header's value, joined with commas if it occurs more than once. Empty if it is absent."""
        return ",".join(self.list_values(name))

    def list_values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def trace(self) -> str:
        """The caller's trace ID, else a new one."""
        sent = self.find_header("x-amzn-trace-id")
        return sent if "Root=" in sent else trace_id(self.request_id, self.received)

    def list_passed_headers(self, *, spelled: bool = False) -> Pairs:
        """The headers with those that API Gateway adds, in its spelling; `spelled` keeps the caller's for others."""
        names = self.spelled if spelled else {}
        kept = [header for header in self.headers if header[0] not in _KEPT_BACK]
        own = [(_SPELLED.get(name) or names.get(name, name), value) for name, value in kept]
        chain = ", ".join([*self.list_values("x-forwarded-for"), self.source_ip])
        return [
            *own,
            ("X-Amzn-Trace-Id", self.trace),
            ("X-Forwarded-For", chain),
            ("X-Forwarded-Port", "443"),
            ("X-Forwarded-Proto", "https"),
        ]


def trace_id(request_id: str, moment: float) -> str:
    """The ID by which X-Ray knows a request."""
    return f"Root=1-{int(moment):x}-{request_id.replace('-', '')[:24]}"


@dataclass
class Response:
    """One HTTP response. `body` is whole, or comes in parts from `stream`."""

    status: int
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None

    def find_header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    def set_default_type(self, media: str) -> Response:
        """Adds a Content-Type unless there is one."""
        if not any(name.lower() == "content-type" for name, _ in self.headers):
            self.headers.append(("Content-Type", media))
        return self


@dataclass
class Trace:
    """Course of one request, for the log and the page."""

    api: str
    method: str
    path: str
    route: str = ""
    status: int = 0
    hops: list[tuple[str, float]] = field(default_factory=list)
    """Name of each hop, and the milliseconds until the next one answered."""
    stopped: int | None = None
    """Number of hops behind the API that the call passed before the network stopped it. None if it arrived."""
    note: str = ""
    """Why it was refused, and what to change."""
    request: Request | None = None
    started: float = field(default_factory=time.perf_counter)
    milliseconds: float = 0.0
    """Until the last byte of the response."""
    access_log: str = ""
    """The line of the stage's access log."""
    setting: str = ""
    """The key that decides about a refused request, such as `route.keyRequired` (`settings.py`)."""
    event: bytes = b""
    """The event that the function received, as JSON."""
    exchanges: list[Exchange] = field(default_factory=list)
    """The requests that backends received."""
    allowances: list[Allowance] = field(default_factory=list)
    """The throttles and quotas that apply to the request."""
    log: list[str] = field(default_factory=list)
    """Lines that the function wrote meanwhile."""
    answer: Response | None = None
    received: bytearray = field(default_factory=bytearray)
    """The first bytes of an answer that streams."""
    is_alone: bool = True
    """Whether no other request was in the function meanwhile."""

    def list_fields(self) -> dict[str, Any]:
        """The fields of the request for `--log json`."""
        names = ("method", "path", "route", "status", "hops", "note")
        fields = {name: getattr(self, name) for name in names}
        return {**fields, "stoppedAt": self.stopped_at, "accessLog": self.access_log}

    @property
    def stopped_at(self) -> str:
        """The first hop that the network keeps the call from; empty if it arrived, or never left the API."""
        names = [name for name, _ in self.hops]
        # The first one is the integration itself.
        return "" if self.stopped is None or not names else names[min(1 + self.stopped, len(names) - 1)]

    def add_notes(self, *notes: str) -> None:
        """Add notes, each once."""
        self.note = "; ".join(dict.fromkeys(filter(None, (self.note, *notes))))

    def end(self) -> None:
        """Completes the trace once the response's bytes are sent, which takes a stream its time."""
        self.milliseconds = (time.perf_counter() - self.started) * 1000


OnTrace = Callable[[Trace], None]
"""Takes the trace of a request that has ended."""

"""The last requests as the page shows them: a row for each, and the course of one in detail."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from ..local_gateway.exchange import MOST_KEPT, Exchange
from ..local_gateway.request import Pairs, Request, Response, Trace
from .masking import MASK, Mask, is_secret_header, list_secrets
from .stack_lines import StackLines

MOST_CALLS: Final = 200
_MOST_WHOLE: Final = 1 << 20
"""Bytes of a body that is kept to be sent again, and of an event that is kept to be shown."""


@dataclass
class RecordedCall:
    """One request with its secrets, and all that the page says of it."""

    trace: Trace
    request: Request
    number: int
    sources: tuple[str, ...]
    sizes: tuple[int, int]
    """Bytes of the bodies of the request and of the answer, of which only a part may be kept."""
    row: dict[str, Any] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether its body is kept, so that it can be sent again."""
        return len(self.request.body) == self.sizes[0]


class RecordedCalls:
    """The last `MOST_CALLS` requests by the ID of each."""

    def __init__(self) -> None:
        self._calls: deque[RecordedCall] = deque(maxlen=MOST_CALLS)
        self._count = 0

    def add(self, trace: Trace, request: Request, sources: tuple[str, ...]) -> RecordedCall:
        """Keeps a request without most of its large bodies."""
        self._count += 1
        answer = trace.answer or Response(trace.status)
        sizes = len(request.body), len(answer.body)
        kept = replace(
            trace,
            event=trace.event if len(trace.event) <= _MOST_WHOLE else b"",
            answer=replace(answer, body=answer.body[:MOST_KEPT]),
        )
        body = request.body if len(request.body) <= _MOST_WHOLE else request.body[:MOST_KEPT]
        call = RecordedCall(kept, replace(request, body=body), self._count, sources, sizes)
        self._calls.append(call)
        return call

    def find(self, identifier: str) -> RecordedCall | None:
        """The request by either of the IDs that API Gateway gives it."""
        ids = ((call, (call.request.request_id, call.request.extended_id)) for call in self._calls)
        return next((call for call, own in ids if identifier in own), None)

    def rebuild_rows(self, build: Callable[[RecordedCall], dict[str, Any]]) -> None:
        for call in self._calls:
            call.row = build(call)

    def list_rows(self) -> list[dict[str, Any]]:
        return [call.row for call in self._calls]


def build_row(call: RecordedCall, mask: Mask, nodes: Mapping[str, str], lines: StackLines) -> dict[str, Any]:
    """A row of the list. `nodes` has the node of the picture by each name of a hop."""
    trace, request = call.trace, call.request
    hops = [(trace.api, trace.milliseconds), *((name, took) for name, took in trace.hops if name != "integration")]
    way = [*dict.fromkeys(nodes[name] for name, _ in hops if name in nodes)]
    stopped = nodes.get(trace.stopped_at, trace.stopped_at) or (
        way[-1] if way and trace.note and trace.status >= 400 else ""
    )
    method, _, path = trace.route.partition(" ")
    line = lines.find(trace.setting, method, path or trace.route) if trace.setting else None
    return {
        "id": request.request_id,
        "number": call.number,
        "time": time.strftime("%H:%M:%S", time.localtime(request.received)),
        "api": trace.api,
        "method": trace.method,
        "path": mask.hide(trace.path + (f"?{request.raw_query}" if request.raw_query else "")),
        "route": trace.route,
        "status": trace.status,
        "milliseconds": round(trace.milliseconds, 1),
        "hops": [{"name": name, "milliseconds": round(took, 1)} for name, took in hops],
        "way": way,
        # A caller outside of a private API's endpoints gets to none of them.
        "entered": trace.setting != "topology",
        "stopped": stopped,
        "note": mask.hide(trace.note),
        "decides": None if line is None else asdict(line),
        "allowances": [asdict(allowance) for allowance in trace.allowances],
    }


def make_mask(call: RecordedCall, secrets: Iterable[str], *, reveal: bool = False) -> Mask | None:
    """The mask of a request. None if its secrets are shown."""
    answered = call.trace.answer.headers if call.trace.answer else []
    return None if reveal else Mask([*secrets, *list_secrets(call.request, answered, call.sources)])


def build_detail(call: RecordedCall, mask: Mask | None) -> dict[str, Any]:
    """The course of a request: what each hop received, and what was added, changed and removed before it."""
    trace, request = call.trace, call.request
    came = [(request.spelled.get(name, name), value) for name, value in request.headers]
    target = request.raw_path + (f"?{request.raw_query}" if request.raw_query else "")
    steps = [
        {
            "title": f"Request to {trace.api}",
            "line": f"{request.method} {target}",
            "headers": _list_headers(came, call.sources, mask),
            "body": _show_body(request.body, call.sizes[0]),
        }
    ]
    if trace.event:
        steps.append(_build_event_step(call, came, mask))
    steps += [_build_exchange_step(exchange, call, came, target, mask) for exchange in trace.exchanges]
    steps.append(_build_answer_step(call, mask))
    assumed = [{"name": name, "value": value} for name, value in request.assumed.items()]
    detail = {
        **call.row,
        "caller": {"address": request.source_ip, "endpoint": request.vpc_endpoint or request.vpc, "assumed": assumed},
        "replayable": call.is_whole,
        "steps": steps,
        "log": list(trace.log),
        "accessLog": trace.access_log,
        "masked": mask is not None,
    }
    return detail if mask is None else {**mask.hide({key: detail[key] for key in detail}), "id": request.request_id}


def _build_event_step(call: RecordedCall, came: Pairs, mask: Mask | None) -> dict[str, Any]:
    name = next((name for name, _ in call.trace.hops), "the function")
    event = json.loads(call.trace.event)
    if isinstance(event.get("body"), str) and len(event["body"]) > MOST_KEPT:
        event["body"] = event["body"][:MOST_KEPT] + "…"
    single = event.get("multiValueHeaders") or {key: [value] for key, value in (event.get("headers") or {}).items()}
    headers = [(key, str(value)) for key, values in single.items() for value in values]
    return {
        "title": f"Event that {name} received",
        "line": "",
        "headers": _compare(came, headers, call.sources, mask),
        "body": {"text": json.dumps(event, indent=2, ensure_ascii=False), "size": len(call.trace.event)},
    }


def _build_exchange_step(
    exchange: Exchange, call: RecordedCall, came: Pairs, target: str, mask: Mask | None
) -> dict[str, Any]:
    request = call.request
    changed = [f"path: {target} → {exchange.path}"] if exchange.path != target else []
    changed += [f"method: {request.method} → {exchange.method}"] if exchange.method != request.method else []
    if exchange.size != call.sizes[0] or exchange.body != request.body[:MOST_KEPT]:
        changed.append(f"body: {call.sizes[0]} bytes → {exchange.size} bytes")
    return {
        "title": f"Request that the backend at {exchange.target} received",
        "line": f"{exchange.method} {exchange.path}",
        "changed": changed,
        "headers": _compare(came, exchange.headers, call.sources, mask),
        "body": _show_body(exchange.body, exchange.size),
        "milliseconds": round(exchange.milliseconds, 1),
    }


def _build_answer_step(call: RecordedCall, mask: Mask | None) -> dict[str, Any]:
    trace, answer = call.trace, call.trace.answer
    headers = answer.headers if answer else []
    before = trace.exchanges[-1].answered if trace.exchanges else None
    streams = answer is None or answer.stream is not None
    body = _show_body(bytes(trace.received)) if streams else _show_body(answer.body if answer else b"", call.sizes[1])
    compared = _list_headers(headers, (), mask) if before is None else _compare(before, headers, (), mask)
    status = trace.exchanges[-1].status if trace.exchanges else trace.status
    return {
        "title": f"Answer of {trace.api}",
        "line": str(trace.status),
        "changed": [f"status: {status} → {trace.status}"] if status not in (0, trace.status) else [],
        "headers": compared,
        "body": body,
    }


def _list_headers(headers: Pairs, sources: Iterable[str], mask: Mask | None) -> list[dict[str, str]]:
    return [{"name": name, "value": _mask_header(name, value, sources, mask), "change": ""} for name, value in headers]


def _compare(before: Pairs, after: Pairs, sources: Iterable[str], mask: Mask | None) -> list[dict[str, str]]:
    """The headers of one hop, each with its change since another, and those that are gone."""
    old: dict[str, list[str]] = {}
    for name, value in before:
        old.setdefault(name.lower(), []).append(value)
    rows = []
    for name, value in after:
        values = old.get(name.lower())
        change = "added" if values is None else "" if value in values or value == ", ".join(values) else "changed"
        row = {"name": name, "value": _mask_header(name, value, sources, mask), "change": change}
        was = {"before": _mask_header(name, ", ".join(values or ()), sources, mask)} if change == "changed" else {}
        rows.append({**row, **was})
    names = {name.lower() for name, _ in after}
    gone = [(name, value) for name, value in before if name.lower() not in names]
    removed = [{**row, "change": "removed"} for row in _list_headers(gone, sources, mask)]
    return [*rows, *removed]


def _mask_header(name: str, value: str, sources: Iterable[str], mask: Mask | None) -> str:
    return MASK if mask is not None and is_secret_header(name, sources) else value


def _show_body(body: bytes, size: int | None = None) -> dict[str, Any]:
    """A body as text. Only the first bytes of a long one are shown."""
    whole = len(body) if size is None else size
    return {"text": body[:MOST_KEPT].decode(errors="replace"), "size": whole, "shown": min(len(body), MOST_KEPT)}

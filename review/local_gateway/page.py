"""The page of a stack that is served: its routes with their calls, and the course of the last call."""

import html
from typing import Final

from .asgi import HOST
from .printed_calls import route_lines
from .request import Request, Response, Trace
from .stack import Stack

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
code { background: #f3f3f3; display: block; overflow-x: auto; padding: .3rem .5rem; white-space: pre }
.box { border: 2px solid #777; border-radius: .3rem; display: inline-block; padding: .2rem .6rem }
.box + .box { margin-left: 1.6rem; position: relative }
.box + .box::before { content: "→"; left: -1.5rem; position: absolute }
.stopped { border-color: #c00; color: #c00 }
.beyond { border-style: dashed; color: #777 }
"""
_HEADERS: Final = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("cache-control", "no-store"),
]


class Page:
    """The page. It answers only requests that name its own address, not pages of other sites (DNS rebinding)."""

    def __init__(self, stack: Stack, name: str) -> None:
        self._stack, self._name = stack, name
        self._last: Trace | None = None

    def add(self, trace: Trace) -> None:
        """Show a request as the last one."""
        self._last = trace

    async def answer(self, request: Request) -> Response:
        """The page, which the browser loads again every two seconds."""
        if not request.host.startswith(f"{HOST}:"):
            return Response(403, [("content-type", "text/plain")], b"this page answers on its own address only\n")
        return Response(200, list(_HEADERS), "\n".join(self._draw_lines()).encode())

    def _draw_lines(self) -> list[str]:
        title = html.escape(f"{self._name} on this machine")
        lines = [
            f'<!doctype html><html lang="en"><title>{title}</title><meta charset="utf-8">',
            f'<meta http-equiv="refresh" content="2"><style>{_STYLE}</style><h1>{title}</h1><h2>Last call</h2>',
            *(["<p>None so far.</p>"] if self._last is None else _draw_course(self._last)),
        ]
        routes = list(route_lines(self._stack))
        for api in self._stack.apis:
            lines.append(f"<h2>{html.escape(api.name)}</h2>")
            for route in (route for route in routes if route.api == api.name):
                lines.append(f"<p>{html.escape(f'{route.method} {route.path}')}</p>")
                lines.append(f"<code>{html.escape(route.curl)}</code>")
        return lines


def _draw_course(trace: Trace) -> list[str]:
    """A call with a box for each hop. One box is marked if the call was stopped there."""
    hops = [trace.api, *(name for name, _ in trace.hops)]
    # A call that the gateway refuses goes no further than the API.
    at = trace.stopped_at or (trace.api if len(hops) == 1 and trace.note else "")
    place = hops.index(at) if at in hops else len(hops)
    boxes = []
    for number, name in enumerate(hops):
        state = " stopped" if number == place else " beyond" if number > place else ""
        boxes.append(f'<span class="box{state}">{html.escape(name)}</span>')
    call = html.escape(f"{trace.method} {trace.path}: {trace.status} in {trace.milliseconds:.0f} ms")
    note = [f"<p>{html.escape(trace.note)}</p>"] if trace.note else []
    return [f"<p><b>{call}</b></p>", f"<p>{''.join(boxes)}</p>", *note]

"""The page of a served stack, asked as its own script asks it."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from review.graph import Graph
from review.local_gateway.stack import Options
from review.local_gateway.testing import Served, serve_graph
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import PROGRAM
from review.try_page.page import Page
from review.try_page.stack_lines import StackLines


class LoopPage(Page):
    """A page whose loop tests can use."""

    loop: asyncio.AbstractEventLoop

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        self.loop = asyncio.get_running_loop()
        await super().__call__(scope, receive, send)


@dataclass
class Paged:
    """A served stack with its page."""

    served: Served
    page: LoopPage

    @property
    def url(self) -> str:
        return self.served.stack.page_url

    @property
    def token(self) -> str:
        found = re.search('name="page-token" content="([^"]+)"', plain_http.get(self.url).text)
        assert found
        return found[1]

    def ask(self, action: str, **fields: Any) -> httpx.Response:
        headers = {"x-page-token": self.token, "content-type": "application/json"}
        return plain_http.post(self.url + action, json=fields, headers=headers)

    def form(self, name: str) -> dict[str, Any]:
        """The form of a route as it is filled in at first."""
        forms = {form["name"]: form for form in self.ask("state").json()["forms"]}
        form: dict[str, Any] = forms[name]
        sent = {key: form[key] for key in ("place", "headers", "body", "path", "needs")}
        return {**sent, "method": form["methods"][0]}

    def send(self, name: str, chosen: Mapping[str, str] | None = None, **changed: Any) -> dict[str, Any]:
        """Send a form, with the choices of these labels by need. Returns the row of the call."""
        form = self.form(name)
        labels = {need["name"]: [one["label"] for one in need["choices"]] for need in form.pop("needs")}
        choices = {need: labels[need].index(label) for need, label in (chosen or {}).items()}
        sent = self.ask("send", **{**form, "choices": choices, **changed})
        assert sent.status_code == 200, sent.text
        return self.detail(sent.json()["id"])

    def detail(self, identifier: str, **fields: Any) -> dict[str, Any]:
        detail: dict[str, Any] = self.ask("detail", id=identifier, **fields).json()
        return detail


@contextmanager
def paged(graph: Graph, file: str = "", **options: Any) -> Iterator[Paged]:
    """`file` is the stack's file, by its path in the project."""
    path = PROGRAM / file if file else None
    page = LoopPage(Path(file).stem, lambda stack: StackLines(stack.graph, path, PROGRAM))
    with serve_graph(graph, Options(**options), page) as served:
        yield Paged(served, page)

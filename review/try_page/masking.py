"""Secrets in texts that the page shows: replaced until somebody asks for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

from ..aws.catalog import types
from ..graph import Graph, Secret, reveal_all
from ..local_gateway.request import Pairs, Request

MASK: Final = "••••••••"
_HEADERS: Final = frozenset(
    {
        "authorization", "cookie", "proxy-authorization", "set-cookie", "stripe-signature", "x-amz-security-token",
        "x-api-key", "x-gitlab-token", "x-hub-signature", "x-hub-signature-256", "x-slack-signature",
    }
)  # fmt: skip
_TOKEN: Final = re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
"""A JSON web token, in a body for example."""
_SHORTEST: Final = 6
"""A shorter text may be a part of any word: only headers hide it."""


class Mask:
    """Hides texts. Without any, `Mask(())` still hides tokens."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _list_forms(secret)}
        texts = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._pattern = re.compile(f"{texts}|{_TOKEN.pattern}" if texts else _TOKEN.pattern)

    def hide(self, value: Any) -> Any:
        """A value with its texts masked at any depth, keys too."""
        match value:
            case str():
                return self._pattern.sub(MASK, value)
            case Mapping():
                return {self.hide(key): self.hide(inner) for key, inner in value.items()}
            case list() | tuple():
                return [self.hide(inner) for inner in value]
        return value


def is_secret_header(name: str, sources: Iterable[str] = ()) -> bool:
    """Whether a header's value is a secret. `sources` are identity sources of the route's authorizer."""
    lower = name.lower()
    return lower in _HEADERS or any(source.lower().endswith(f".header.{lower}") for source in sources)


def list_secrets(request: Request, answered: Pairs, sources: Iterable[str]) -> Iterator[str]:
    """Secrets of one exchange: values of such headers, and of parameters that are identity sources."""
    for name, value in (*request.headers, *answered):
        if is_secret_header(name, sources):
            yield value
            # The scheme before a credential is no secret.
            yield value.rpartition(" ")[2]
            yield from (part.partition("=")[2].strip() for part in value.split(";"))
    names = {source.rpartition(".")[2] for source in sources if ".querystring." in source}
    yield from (value for name, value in request.query if name in names)


def list_stack_secrets(graph: Graph) -> Iterator[str]:
    """Secret texts of the stack's config and of the environments of its functions."""
    yield from _list_secret_texts(graph.config)
    for function in graph.list_by_type(*types.FUNCTION):
        yield from _list_secret_texts(function.inputs.get("environment"))


def _list_secret_texts(value: Any, *, secret: bool = False) -> Iterator[str]:
    if isinstance(value, Secret):
        yield from _list_secret_texts(reveal_all(value), secret=True)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _list_secret_texts(inner, secret=secret)
    elif isinstance(value, list):
        for inner in value:
            yield from _list_secret_texts(inner, secret=secret)
    elif secret and isinstance(value, str):
        yield value


def _list_forms(secret: str) -> set[str]:
    """The secret as plain text, JSON, JSON in JSON, and URLs have it."""
    once = {json.dumps(secret, ensure_ascii=escapes)[1:-1] for escapes in (True, False)}
    twice = {json.dumps(text, ensure_ascii=escapes)[1:-1] for text in once for escapes in (True, False)}
    return {secret, *once, *twice, quote(secret), quote(secret, safe=""), quote_plus(secret)}

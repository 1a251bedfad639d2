"""Moves from one config to another, with what the review finds of each on the graphs of both sides.

`python -m tests.topologies.moves` writes docs/moves.md from them; with `--check` it writes nothing and fails if the
document is out of date.
"""

from __future__ import annotations

import argparse
import copy
import functools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from review.compare.changes import Changes, compare
from review.compare.side import Side, side
from review.cost import Usage
from review.rules.check import failed
from tests.stacks import ROOT, graph_with

DOCUMENT: Final = ROOT / "docs" / "moves.md"

_ROUTE: Final = {"path": "/orders", "methods": ["GET"], "authorization": "iam"}
_BASE: Final[dict[str, Any]] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80},
    "api": {"kind": "rest", "routes": [_ROUTE]},
}


def _with(base: Mapping[str, Any], **sections: Any) -> dict[str, Any]:
    """A config with keys of its sections written over."""
    made = copy.deepcopy(dict(base))
    for name, value in sections.items():
        made[name] = {**made.get(name, {}), **value} if isinstance(value, Mapping) else value
    return made


_HTTP: Final = _with(_BASE, api={"kind": "http"})
_LINK: Final = _with(_BASE, topology="vpc-link", ingress={"kind": "alb"})
_NLB: Final = _with(_LINK, ingress={"kind": "nlb"})
_LINK_HTTP: Final = _with(_LINK, api={"kind": "http"})
_PRIVATE: Final = _with(_BASE, topology="private-api")
_DOMAIN: Final = {"name": "api.example.com", "zoneId": "Z0123456789ABCDEFGHIJ"}
_FARGATE: Final = _with(_LINK, backend={"kind": "fargate"})
_CLOUD_MAP: Final = _with(_FARGATE, ingress={"kind": "cloud-map"}, api={"kind": "http"})
_BALANCED: Final = _with(_FARGATE, api={"kind": "http"})
_FLEET: Final = _with(_LINK, backend={"count": 2})


def _egress(*ways: str) -> dict[str, Any]:
    return _with(_BASE, network={"egress": ways[0] if len(ways) == 1 else list(ways)})


def _routes(*routes: Mapping[str, Any]) -> dict[str, Any]:
    return _with(_BASE, api={"routes": list(routes)})


_OTHER: Final = {"path": "/items", "methods": ["GET"], "authorization": "iam"}

MOVES: Final[dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "public-proxy → vpc-link": (_BASE, _LINK),
    "vpc-link → public-proxy": (_LINK, _BASE),
    "public-proxy → private-api": (_BASE, _PRIVATE),
    "private-api → public-proxy": (_PRIVATE, _BASE),
    "vpc-link → private-api": (_LINK, _PRIVATE),
    "private-api → vpc-link": (_PRIVATE, _LINK),
    "REST → HTTP": (_BASE, _HTTP),
    "HTTP → REST": (_HTTP, _BASE),
    "REST → HTTP, with a domain": (_with(_BASE, api={"domain": _DOMAIN}), _with(_HTTP, api={"domain": _DOMAIN})),
    "HTTP → REST, with a domain": (_with(_HTTP, api={"domain": _DOMAIN}), _with(_BASE, api={"domain": _DOMAIN})),
    "ALB → NLB": (_LINK, _NLB),
    "NLB → ALB": (_NLB, _LINK),
    "ALB → Cloud Map": (_BALANCED, _CLOUD_MAP),
    "Cloud Map → ALB": (_CLOUD_MAP, _BALANCED),
    "EC2 → Fargate": (_LINK, _FARGATE),
    "Fargate → EC2": (_FARGATE, _LINK),
    "one instance → several": (_LINK, _FLEET),
    "several instances → one": (_FLEET, _LINK),
    "NAT instance → NAT gateway": (_BASE, _egress("nat-gateway")),
    "NAT gateway → NAT instance": (_egress("nat-gateway"), _BASE),
    "NAT instance → IPv6 as well": (_BASE, _egress("nat-instance", "ipv6")),
    "another port of an instance": (_BASE, _with(_BASE, backend={"port": 8080})),
    "another port of several instances": (_FLEET, _with(_FLEET, backend={"port": 8080})),
    "another port of Fargate": (_FARGATE, _with(_FARGATE, backend={"port": 8080})),
    "another image of an instance": (_BASE, _with(_BASE, backend={"image": "traefik/whoami:v1.10.0"})),
    "another image of several instances": (_FLEET, _with(_FLEET, backend={"image": "traefik/whoami:v1.10.0"})),
    "another image of Fargate": (_FARGATE, _with(_FARGATE, backend={"image": "traefik/whoami:v1.10.0"})),
    "another health check": (_FARGATE, _with(_FARGATE, backend={"healthCheckPath": "/healthz"})),
    "another instance type": (_BASE, _with(_BASE, backend={"instanceType": "t4g.small"})),
    "a route added": (_BASE, _routes(_ROUTE, _OTHER)),
    "a route removed": (_routes(_ROUTE, _OTHER), _BASE),
    "a route moved": (_BASE, _routes(_OTHER)),
    "an HTTP route added": (_HTTP, _with(_HTTP, api={"routes": [_ROUTE, _OTHER]})),
    "another authorization": (_BASE, _routes({**_ROUTE, "authorization": "none"})),
    "a zone added, with a VPC link": (_LINK_HTTP, _with(_LINK_HTTP, network={"zones": 3})),
    "a zone added": (_BASE, _with(_BASE, network={"zones": 3})),
    "a domain added": (_BASE, _with(_BASE, api={"domain": _DOMAIN})),
    "a domain removed": (_with(_BASE, api={"domain": _DOMAIN}), _BASE),
    "a domain renamed": (
        _with(_BASE, api={"domain": _DOMAIN}),
        _with(_BASE, api={"domain": {**_DOMAIN, "name": "other.example.com"}}),
    ),
    "a protected balancer, ALB → NLB": (
        _with(_LINK, ingress={"deletionProtection": True}),
        _with(_NLB, ingress={"deletionProtection": True}),
    ),
}


@functools.cache
def _side(config: str) -> Side:
    return side(graph_with(json.loads(config)), Usage(), ROOT, failed)


@functools.cache
def changes(move: str) -> Changes:
    """What the review finds of a move."""
    before, after = (_side(json.dumps(config)) for config in MOVES[move])
    return compare(before, after, "the config before")


def verdict(found: Changes) -> str:
    """`refused`, `the path ends`, `cut` or `not cut`."""
    if found.refused:
        return "refused"
    if any(one.cut and one.opens is None for one in found.moved):
        return "the path ends"
    stopped = any("is stopped and started again" in one for one in found.effects)
    return "cut" if stopped or any(one.cut for one in found.moved) else "not cut"


def row(move: str) -> str:
    """A line of the document's table."""
    found = changes(move)
    replaced = ", ".join(one.resource.name for one in found.replaced) or "nothing"
    said = [*found.refused, *(str(one).partition(": ")[2] for one in found.moved), *found.effects]
    return f"| {move} | {verdict(found)} | {replaced} | {'; '.join(dict.fromkeys(said)) or 'nothing on the way'} |"


def document() -> str:
    """The whole of docs/moves.md."""
    head = """# Moves

What one `pulumi up` does when a stack's config changes, as `make preview ARGS="--against HEAD"` finds it. This table
is written by `python -m tests.topologies.moves` from the graphs of both sides; nothing in it was measured in an
account. "Refused" means that the update fails, with what to do first. "The path ends" means that callers need another
address, or that nothing answers at the old one. "Cut" means that calls may fail between the two steps. Steps are the
engine's, and those of one number run side by side. Paths are followed from an API's own execute-api address. A custom
domain keeps its name while its mapping is deleted and created again, so calls by it fail for that moment if `front-
mapping` is replaced.

| move | calls | replaced | in detail |
|---|---|---|---|
"""
    return head + "".join(f"{row(move)}\n" for move in MOVES)


def main() -> int:
    """Write the document, or compare it."""
    parser = argparse.ArgumentParser(description="Write docs/moves.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the document is out of date")
    text, path = document(), Path(DOCUMENT)
    if not parser.parse_args().check:
        path.write_text(text)
        return 0
    if path.read_text() == text:
        return 0
    sys.stderr.write("docs/moves.md is out of date: run python -m tests.topologies.moves\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

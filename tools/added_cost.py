"""Tables of docs/choosing.md from the review's numbers: what each topology and each service adds per month."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Final

from components.facts.egress_modes import EGRESS_MODES
from review.cost.estimate import add_known
from review.cost.parts import Part
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.stacks import ROOT, graph_of, graph_with

DOCUMENT: Final = ROOT / "docs" / "choosing.md"
_BEGIN: Final = "<!-- {}: written by `make docs` -->\n"
_END: Final = "<!-- end of {} -->\n"
_TOPOLOGIES: Final[dict[str, dict[str, Any]]] = {
    "public-proxy": {},
    "vpc-link": {"ingress": {"kind": "alb"}},
    "private-api": {},
}
_FARGATE: Final = {"kind": "fargate", "image": "traefik/whoami:v1.11.0"}
_EC2: Final = {"image": "traefik/whoami:v1.11.0"}
_SERVICES: Final[dict[str, dict[str, Any]]] = {
    "on Fargate, behind one ALB and one VPC link": {
        "topology": "vpc-link",
        "backend": _FARGATE,
        "ingress": {"kind": "alb"},
    },
    "on EC2, each with a forwarder": {"topology": "public-proxy", "backend": _EC2},
    "on EC2, behind one NLB and one VPC link": {"topology": "vpc-link", "backend": _EC2, "ingress": {"kind": "nlb"}},
}
_ROUTE: Final = {"path": "/", "methods": ["ANY"], "authorization": "iam"}


def table() -> str:
    """The rows, with headings."""
    heads = ["topology", *(f"`{mode}`" for mode in EGRESS_MODES)]
    rows = [heads, ["---"] * len(heads)]
    rows += [[f"`{topology}`", *(_added(topology, mode) for mode in EGRESS_MODES)] for topology in _TOPOLOGIES]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def services_table() -> str:
    """The rows about services, with headings."""
    rows = [["services", "the first", "the second", "the third"], ["---"] * 4]
    for words, shared in _SERVICES.items():
        totals = [_total(shared, count) for count in (1, 2, 3)]
        prices = [totals[0], *(after - before for before, after in itertools.pairwise(totals))]
        rows.append([words, *(f"${price:,.2f}" for price in prices)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


_TABLES: Final = {"added cost": table, "cost of services": services_table}
"""How to make each table, by its name in the document."""


def build_texts() -> dict[Path, str]:
    """The document with the tables in their places."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, make in _TABLES.items():
        begin, end = _BEGIN.format(name), _END.format(name)
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{make()}\n{end}{after}"
    return {DOCUMENT: text}


def added_and_backend(stack: str) -> tuple[float, float]:
    """Fixed dollars per month: what the gatehouse adds, and the backend with its load balancer."""
    whole = estimate(graph_of(stack))
    return add_known(whole.list_fixed(Part.GATEHOUSE)), add_known(whole.list_fixed(Part.BACKEND))


def _total(shared: dict[str, Any], count: int) -> float:
    """Fixed dollars per month of a stack with so many services."""
    names = [f"service{number}" for number in range(1, count)]
    config = {
        **shared,
        "network": {"egress": "nat-instance"},
        **({"backends": dict.fromkeys(names, shared["backend"])} if names else {}),
        "api": {"routes": [_ROUTE, *({**_ROUTE, "path": f"/{name}", "target": name} for name in names)]},
    }
    whole = estimate(graph_with(config))
    return add_known(whole.list_fixed(Part.GATEHOUSE)) + add_known(whole.list_fixed(Part.BACKEND))


def _added(topology: str, mode: str) -> str:
    # Without the internet an image comes out of a bucket, and people come in by EC2 Instance Connect.
    closed = mode == "s3-packages"
    backend = {
        "image": "s3://images-of-mine/app.tar.gz" if closed else "traefik/whoami:v1.11.0",
        "access": "instance-connect" if closed else "session-manager",
    }
    config = {
        "topology": topology,
        "network": {"egress": mode, **({"buckets": ["images-of-mine"]} if closed else {})},
        "backend": backend,
        "api": {"routes": [_ROUTE]},
        **_TOPOLOGIES[topology],
    }
    return f"${add_known(estimate(graph_with(config)).list_fixed(Part.GATEHOUSE)):,.2f}"

"""What each topology adds per month with each egress mode, from the review's own numbers: the table of docs/choosing.md.

`python -m dev.docs.added_cost` writes it there.
"""

from __future__ import annotations

from typing import Any, Final

from facts.egress_modes import EGRESS_MODES
from review.cost.estimate import total
from review.cost.parts import Part
from review.tests.bills import estimate
from tests.stacks import ROOT, graph_with

DOCUMENT: Final = ROOT / "docs" / "choosing.md"
_BEGIN: Final = "<!-- added cost: written by `make docs` -->\n"
_END: Final = "<!-- end of added cost -->\n"
_TOPOLOGIES: Final[dict[str, dict[str, Any]]] = {
    "public-proxy": {},
    "vpc-link": {"ingress": {"kind": "alb"}},
    "private-api": {},
}
_ROUTE: Final = {"path": "/", "methods": ["ANY"], "authorization": "iam"}


def table() -> str:
    """The rows, with headings."""
    heads = ["topology", *(f"`{mode}`" for mode in EGRESS_MODES)]
    rows = [heads, ["---"] * len(heads)]
    rows += [[f"`{topology}`", *(_added(topology, mode) for mode in EGRESS_MODES)] for topology in _TOPOLOGIES]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def written() -> str:
    """The document with the table in its place."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


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
    return f"${total(estimate(graph_with(config)).fixed(Part.GATEHOUSE)):,.2f}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")

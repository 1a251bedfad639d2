"""The picture of the README: the diagram of the stack dev, as the review draws it.

`python -m dev.docs.picture` writes it to docs/picture.svg.
"""

from __future__ import annotations

from typing import Final

from review.aws.model.model import AwsModel
from review.reach import trace
from review.report.diagram import draw, priced
from review.report.render.drawing import svg
from review.tests.bills import estimate
from tests.helpers.stacks import ROOT, graph_of

PICTURE: Final = ROOT / "docs" / "picture.svg"


def picture() -> str:
    """The drawing, with its style."""
    graph = graph_of("dev")
    model = AwsModel(graph)
    lines = estimate(graph).fixed()
    diagram = priced(draw(graph, trace(model).paths, model), graph, [(line.resource, line.amount) for line in lines])
    return svg(diagram, alone=True) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")

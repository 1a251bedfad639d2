"""The rows and limitations of a report, for the comparison with those of another version."""

from ..aws.model.model import AwsModel
from ..compare.facts import Described, Row
from ..cost.prices import load_prices
from ..reach import Reach
from .limitations import list_limitations
from .rows import list_rows


def describe(reach: Reach, model: AwsModel) -> Described:
    """Returns what a report says of components, and what they cannot do."""
    components = [
        Row(row.urn, row.name, row.kind, row.summary)
        for row in list_rows(model, reach.statements)
        if row.urn in reach.graph.resources and not reach.graph.resources[row.urn].custom
    ]
    return Described(tuple(components), tuple(list_limitations(reach, model, load_prices())))

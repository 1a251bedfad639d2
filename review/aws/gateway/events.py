"""Events that an HTTP API puts on a bus, and the rules that take them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

from typing import Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.given import held
from ...graph.json_text import opened
from ...graph.reading import items, mapping, text, within

EVENT_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
PARTS: Final = {"source": "Source", "detail-type": "DetailType"}
"""Keys of a pattern, and the parameters of an integration that its events have them from."""


def may_take(graph: Graph, rule: Resource, integration: Resource) -> bool | None:
    """Whether a rule lets an integration's events pass by source and type. None if it puts none, or not known."""
    sent, pattern = held(integration, "requestParameters"), opened(held(rule, "eventPattern"))
    buses = [within(sent, "EventBusName"), held(rule, "eventBusName")]
    puts = held(integration, "integrationSubtype") == "EventBridge-PutEvents"
    if not puts or UNKNOWN in (sent, pattern, *buses) or not mapping(pattern):
        return None
    first, second = (graph.find(bus) or text(bus) or "default" for bus in buses)
    asked = ((items(mapping(pattern).get(key)), within(sent, parameter)) for key, parameter in PARTS.items())
    # A part of the call, such as `$request.body.kind`, may be anything, and so may what an object matches.
    written = [(values, value) for values, value in asked if isinstance(value, str) and "$" not in value and values]
    plain = [(values, value) for values, value in written if all(isinstance(source, str) for source in values)]
    return first == second and all(value in values for values, value in plain)

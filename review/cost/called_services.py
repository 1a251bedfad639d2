"""Services that code calls by itself: no call of the API decides how often, so the estimate only names them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.iam import list_allow_statements
from ..graph import Graph
from ..graph.deployed_inputs import get_deployed_input
from ..graph.prose import join_names
from ..graph.reading import Doubt, MalformedDocument, as_list, as_text

_SERVICES: Final = {
    "bedrock": "Bedrock",
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "firehose": "Firehose",
    "kinesis": "Kinesis",
    "kms": "KMS",
    "rds-data": "RDS Data API",
    "s3": "S3",
    "secretsmanager": "Secrets Manager",
    "ses": "SES",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Parameter Store",
    "states": "Step Functions",
}
"""By the service in the names of actions, those that charge for calls. https://aws.amazon.com/pricing/

Parameter Store charges for advanced parameters, and for all of them with higher throughput.
"""


def list_called_services(graph: Graph) -> Iterator[tuple[str, str]]:
    """Each service that charges for calls, with the components whose roles the stack lets call it."""
    callers: dict[str, dict[str, None]] = defaultdict(dict)
    for policy in graph.list_by_type(*types.ROLE_POLICY, *types.POLICY):
        try:
            statements = list(list_allow_statements(get_deployed_input(policy, "policy")))
        except (Doubt, MalformedDocument):
            continue
        actions = [
            as_text(action)
            for statement in filter(_names_resources, statements)
            for action in as_list(statement.get("Action"))
        ]
        for service in {action.partition(":")[0] for action in actions} & _SERVICES.keys():
            callers[_SERVICES[service]][graph.find_top_component(policy).name] = None
    for service, names in sorted(callers.items()):
        yield service, f"calls of {join_names(sorted(names))}"


def _names_resources(statement: Mapping[str, Any]) -> bool:
    """False for permissions on everything, such as those of Session Manager's agent."""
    return as_list(statement.get("Resource")) not in ([], ["*"])

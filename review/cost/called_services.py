"""Services that code calls by itself: no call of the API decides how often, so the estimate only names them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..facts import aws_permissions
from ..graph.prose import join_names
from ..reach.statements import Statements, list_urns

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
_SERVICE: Final = re.compile(r"arn:[a-z-]+:([a-z]+):|.*[:$]aws:([a-z]+)/[^$]*$")


def list_called_services(statements: Statements) -> Iterator[tuple[str, str]]:
    """Each service that charges for calls, with the components whose roles may call it."""
    callers: dict[str, dict[str, None]] = defaultdict(dict)
    for part in statements.all:
        for service in set(_list_services(part.get_map("rights"))) & _SERVICES.keys():
            callers[_SERVICES[service]][statements.graph.find_top_component(part.resource).name] = None
    for service, names in sorted(callers.items()):
        yield service, f"calls of {join_names(sorted(names))}"


def _list_services(rights: Mapping[str, Any]) -> Iterator[str]:
    for right in rights.get("permissions", {}).values():
        yield aws_permissions.KINDS[right["kind"]].service
        yield from ["kms"] if right.get("key") else []
    yield from (_find_service(arn) for arn in rights.get("secrets", {}).values())
    yield from (service for name, service in {"image": "s3", "keys": "kms"}.items() if name in rights)


def _find_service(secret: Any) -> str:
    """The service of a secret, by its ARN or its resource: Secrets Manager or Parameter Store. Empty if not known."""
    match = _SERVICE.match(next(iter(urn.rpartition("::")[0] for urn in list_urns(secret)), str(secret)))
    return "" if match is None else match[1] or match[2]

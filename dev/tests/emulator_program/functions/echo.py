"""Returns the event, or the result that the query's `answer` names."""

import json
from typing import Any

ANSWERS: dict[str, Any] = {
    "text": "only text",
    "number": 7,
    "mapping": {"message": "no status"},
    "nothing": None,
    "created": {"statusCode": 201, "headers": {"X-One": "1"}, "body": "created"},
    "status-as-text": {"statusCode": "202", "body": "accepted"},
    "several": {"statusCode": 200, "multiValueHeaders": {"X-Many": ["1", "2"]}, "body": "several"},
    "cookies": {"statusCode": 200, "cookies": ["a=1", "b=2"], "body": "cookies"},
    "binary": {"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": "AAEC", "isBase64Encoded": True},
    "empty": {"statusCode": 204},
    "typed": {"statusCode": 200, "headers": {"content-type": "text/html; charset=utf-8"}, "body": "<p>"},
    "bad-status": {"statusCode": "many", "body": "x"},
    "body-is-no-text": {"statusCode": 200, "body": {"a": 1}},
}


def handler(event: dict[str, Any], context: object) -> Any:
    query = event.get("queryStringParameters") or {}
    name = query.get("answer")
    if name == "raise":
        raise ValueError("on purpose")
    if name is not None:
        return ANSWERS[name]
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}

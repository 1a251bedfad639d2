"""Answers with where it would read the orders. A real one opens a connection with the secret's user and password."""

import json
import os
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the database's address, and the name of the secret that holds its password."""
    answer = {
        "database": f"{os.environ['DATABASE_HOST']}:5432",
        "secret": os.environ["DATABASE_SECRET"].rpartition(":")[2],
        "caller": event["requestContext"]["identity"].get("userArn"),
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answer)}

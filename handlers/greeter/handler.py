"""Greets its caller and names where it runs: the smallest backend there is, for trying an API out."""

import json
import logging
import os
import socket
from typing import Any

logger = logging.getLogger()
logger.setLevel(os.environ.get("LOG_LEVEL", "INFO"))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Greet whom the query's `name` names, for events of REST and HTTP APIs alike."""
    del context
    name = (event.get("queryStringParameters") or {}).get("name") or "there"
    address = own_address()
    logger.info("greeting from %s", address)
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"message": f"Hi {name}, Hello from Lambda running at {address}"}, ensure_ascii=False),
        "isBase64Encoded": False,
    }


def own_address() -> str:
    """The address that this function runs at."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "an address it does not know"

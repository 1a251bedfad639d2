"""The response to a request that could not be forwarded."""

import json

from .answer import Answer
from .log_line import Record
from .refusal import Refused


def build_failure(error: Exception, record: Record) -> Answer:
    """Returns an error response. For HEAD it has no body (RFC 9110 9.3.2)."""
    status, reason = 500, "the forwarder failed"
    record.kind = f"internal: {type(error).__name__}"
    if isinstance(error, Refused):
        status, reason, record.kind = error.status, error.reason, error.kind
    body = json.dumps({"message": reason, "requestId": record.identifier}).encode()
    if record.incoming and record.incoming.method == "HEAD":
        body = b""
    return Answer(status, {"content-type": ("Content-Type", ["application/json"])}, body)

"""Request headers by which a backend learns who called, and under which prefix.

A caller's own headers of these names never reach a backend. docs/topologies.md describes them; the forwarder in
`handlers/` has the same names, which a test compares.
"""

from typing import Final

CONTEXT: Final = "x-amzn-request-context"
"""API Gateway's context of the request as JSON, named as AWS Lambda Web Adapter names it; from the forwarder only."""
SUBJECT: Final = "X-Authenticated-Userid"
SCOPES: Final = "X-Authenticated-Scope"
PRINCIPAL: Final = "X-Authenticated-Principal"
KEY: Final = "X-Credential-Identifier"
SOURCE: Final = "X-Real-IP"
REQUEST: Final = "X-Gateway-Request-Id"
PREFIX: Final = "X-Forwarded-Prefix"

SINGLE: Final = (SUBJECT, SCOPES, PRINCIPAL, KEY, SOURCE, REQUEST)
"""One value each."""

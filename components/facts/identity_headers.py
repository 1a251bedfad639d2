"""Request headers by which a backend learns who called, and under which prefix.

docs/topologies.md describes them, and when a caller cannot write them; the forwarder in `handlers/` has the same names,
which a test compares.
"""

from typing import Final

SUBJECT: Final = "X-Authenticated-Userid"
SUBJECT_START: Final = "sub:"
"""In front of the subject: an HTTP API's mapping must have a value also if the token has no `sub`."""
PRINCIPAL: Final = "X-Authenticated-Principal"
KEY: Final = "X-Credential-Identifier"
SOURCE: Final = "X-Real-IP"
REQUEST: Final = "X-Gateway-Request-Id"
PREFIX: Final = "X-Forwarded-Prefix"

SINGLE: Final = (SUBJECT, PRINCIPAL, KEY, SOURCE, REQUEST)
"""One value each."""
SCOPES: Final = "X-Authenticated-Scope"
"""Never sent, and removed from the caller's request: backends of other gateways read it."""

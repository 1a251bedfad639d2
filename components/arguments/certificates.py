"""Certificate authorities that a backend's certificate must come from, as PEM."""

import re
import ssl
from typing import Annotated, Final

import pulumi

from .marks import SECRET, Check, RefusedError

_WANT: Final = "the PEM text of one or more certificates, `-----BEGIN CERTIFICATE-----` …"
_BLOCK: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
_MOST_BYTES: Final = 3000
"""A function's variables have 4 KB together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def check_certificates(value: str) -> None:
    """Raises ValueError for a text that is no PEM of certificates, and for one that has a private key."""
    if value.startswith("arn:"):
        how = "in a program, give its value: aws.ssm.get_parameter_output(name=…).value"
        raise RefusedError(f"{_WANT}, not an ARN: the forwarder can call no service of AWS", how)
    kinds = set(_BLOCK.findall(value))
    if kinds != {"CERTIFICATE"}:
        remedy = (
            "take the private key out, and replace it if it was committed" if any("KEY" in it for it in kinds) else ""
        )
        raise RefusedError(_WANT, remedy)
    if len(value.encode()) > _MOST_BYTES:
        remedy = "name the authority that signed the backend's certificate, and no others"
        raise RefusedError(f"{_WANT}, {_MOST_BYTES:,} bytes together: a function's variables have 4 KB", remedy)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=value)
    except (ssl.SSLError, ValueError):
        raise RefusedError(_WANT, "a certificate in it is broken: copy the whole file") from None


# Not shown in messages, because a private key may be in it by mistake.
Certificates = Annotated[str, SECRET, Check(check_certificates)]
CertificatesInput = Annotated[pulumi.Input[str], SECRET, Check(check_certificates)]

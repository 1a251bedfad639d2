"""Signature Version 4 with the credentials of this run. The first signature loads the library, which takes long."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from botocore.auth import SigV4Auth

ACCESS_KEY_ID: Final = "AKIAGATEHOUSETRY0000"
SECRET_ACCESS_KEY: Final = "gatehouse/try/this/key/is/local/and/opens/no"  # noqa: S105 # it opens nothing
SERVICE: Final = "execute-api"


def _make_signer(region: str) -> "SigV4Auth":
    from botocore.auth import SigV4Auth
    from botocore.credentials import Credentials

    return SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), SERVICE, region)


def compute_signature(method: str, url: str, headers: Mapping[str, str], body: bytes, region: str, moment: str) -> str:
    """The signature of a request of this moment (`20260101T000000Z`)."""
    from botocore.awsrequest import AWSRequest

    signed, signer = AWSRequest(method, url, headers, body), _make_signer(region)
    signed.context["timestamp"] = moment
    return str(signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed))


def sign(method: str, url: str, host: str, body: bytes, region: str) -> dict[str, str]:
    """The headers by which a request is signed now. `host` is that of a domain; empty for the URL's."""
    from botocore.awsrequest import AWSRequest

    signed = AWSRequest(method, url, headers={"Host": host} if host else {}, data=body)
    _make_signer(region).add_auth(signed)
    return {name: value for name, value in signed.headers.items() if name.lower() != "host"}

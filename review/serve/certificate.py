"""A self-signed certificate for this run, so that `--tls` serves `https` as AWS does."""

import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .asgi import HOST
from .stages import OWN_HOSTS

_DAYS: Final = 30


class Certificate:
    """A certificate for the addresses of this machine, with its key, in a folder that the end of its block removes."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gatehouse-tls-")
        self.file = Path(self._folder.name, "certificate.pem")
        """What a client has to trust: `curl --cacert`."""
        key, names = ec.generate_private_key(ec.SECP256R1()), (host for host in OWN_HOSTS if host != HOST)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gatehouse try")])
        now = datetime.datetime.now(datetime.UTC)
        known = [x509.IPAddress(ipaddress.ip_address(HOST)), *map(x509.DNSName, names)]
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=_DAYS))
            .add_extension(x509.SubjectAlternativeName(known), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret = Path(self._folder.name, "key.pem")
        secret.touch(mode=0o600)
        form = serialization.PrivateFormat.PKCS8
        secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.file, secret)

    def trusted(self) -> ssl.SSLContext:
        """A client's context that trusts this certificate, and no other."""
        return ssl.create_default_context(cafile=str(self.file))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

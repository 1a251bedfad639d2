"""What `gatehouse verify` finds of a stack on the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from review.engine_files.document import REFRESH
from review.engine_files.plan import read_refresh
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.verification import verify

from .cli import Engine
from .existing_resources import REGION
from .planned import written

_NOT_KEPT: Final = "RestApi): changed: securityPolicy"
"""An input that moto does not keep."""


def faults_of_new(engine: Engine, stack: str, cwd: Path | None = None) -> Iterator[str]:
    """Drift of a stack that was just deployed."""
    # Only where it is needed: half a second to load.
    import boto3

    printed = written(engine, stack, "refresh", *REFRESH.split()[1:], cwd=cwd)
    refresh = read_refresh(REFRESH, Path(printed).read_bytes())
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    found = verify(refresh, Cloud(_Emulated(session, engine.endpoint)), Caller(), offline=True)
    yield from (f"drifted: {line}" for line in found.drift if not line.endswith(_NOT_KEPT))


class _Emulated:
    """A session whose clients call the emulator."""

    def __init__(self, session: Any, endpoint: str) -> None:
        self._session, self._endpoint = session, endpoint

    def get_credentials(self) -> Any:
        return self._session.get_credentials()

    def client(self, service: str, **options: Any) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint, **options)

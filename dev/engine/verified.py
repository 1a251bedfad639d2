"""What `gatehouse verify` finds of a stack on the emulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from review.engine_files.document import REFRESH
from review.engine_files.plan import read_refresh
from review.report.render import verification as report
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.verification import policy, verify

from .calls import unpermitted
from .cli import Engine
from .emulator import CALLS
from .existing_resources import REGION
from .planned import written

_NOT_KEPT: Final = frozenset({("RestApi", "securityPolicy")})
"""Inputs that moto does not keep."""
_NOT_ANSWERED: Final = ("GetAuthorizers", "ListFunctionUrlConfigs", "DescribeInstanceInformation")
"""Calls that moto does not answer, for some APIs at least."""


def verified(engine: Engine, stack: str, cwd: Path | None = None) -> tuple[dict[str, Any], Any]:
    """The report of a stack as JSON, and the policies for its calls."""
    # Only where it is needed: half a second to load.
    import boto3

    refresh = read_refresh(written(engine, stack, "refresh", *REFRESH.split()[1:], cwd=cwd))
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    verification = verify(refresh, Cloud(_Emulated(session, engine.endpoint)), Caller(), offline=True)
    return report.document(verification), policy(refresh.before)


def faults_of_new(engine: Engine, stack: str, cwd: Path | None = None) -> Iterator[str]:
    """What is wrong in the report of a stack that was just deployed: any drift, a gap, a call that `--policy` lacks."""
    file = engine.folder / CALLS
    earlier = file.read_text() if file.exists() else ""
    file.unlink(missing_ok=True)
    result, (policies, unknown) = verified(engine, stack, cwd)
    yield from (f"{name}: {words} has drifted" for name, words in drifted(result))
    unread = (line for line in result["notRead"] if not any(call in line for call in _NOT_ANSWERED))
    yield from (f"not read: {line}" for line in unread)
    # Types of other programs are not all known, which `--policy` says.
    yield from unpermitted(policies, file) if not unknown else ()
    file.write_text(earlier)


def drifted(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name of a resource, and the input that differs or what became of it."""
    for drift in answer["drift"]:
        kind = drift["type"].rpartition(":")[2]
        if drift["kind"] != "changed":
            yield drift["resource"], f"{kind} {drift['kind']}"
        for difference in drift["differences"] if drift["kind"] == "changed" else ():
            if (kind, difference["input"]) not in _NOT_KEPT:
                yield drift["resource"], difference["input"]


class _Emulated:
    """A session whose clients call the emulator."""

    def __init__(self, session: Any, endpoint: str) -> None:
        self._session, self._endpoint = session, endpoint

    def get_credentials(self) -> Any:
        return self._session.get_credentials()

    def client(self, service: str, **options: Any) -> Any:
        return self._session.client(service, endpoint_url=self._endpoint, **options)

"""A call that the SDK repeats is run once, unless it failed; no binary and no emulator."""

from collections.abc import Iterator
from typing import Any

from .repeated import Repeated


class Counted:
    """Answers with the number of the call, and with these statuses in turn."""

    def __init__(self, *statuses: str) -> None:
        self.statuses, self.calls = list(statuses), 0

    def __call__(self, _: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        self.calls += 1
        start_response(self.statuses.pop(0), [("x", "1")])
        yield str(self.calls).encode()


def sent(application: Repeated, call: str | None) -> tuple[str, bytes]:
    heads: list[Any] = []
    environ = {"HTTP_AMZ_SDK_INVOCATION_ID": call} if call else {}
    body = b"".join(application(environ, lambda *head: heads.append(head)))
    return heads[-1][0], body


def test_a_repeated_call_gets_the_answer_of_the_first() -> None:
    inner = Counted("200 OK", "200 OK")
    application = Repeated(inner)
    assert [sent(application, one) for one in ("a", "a", "b", "a")] == [
        ("200 OK", b"1"), ("200 OK", b"1"), ("200 OK", b"2"), ("200 OK", b"1")]  # fmt: skip
    assert inner.calls == 2


def test_a_failed_call_is_run_again() -> None:
    application = Repeated(Counted("400 Bad Request", "200 OK"))
    assert [sent(application, "a")[0] for _ in range(3)] == ["400 Bad Request", "200 OK", "200 OK"]


def test_a_request_without_a_call_is_run_each_time() -> None:
    inner = Counted("200 OK", "200 OK")
    assert [sent(Repeated(inner), None)[1] for _ in range(2)] == [b"1", b"2"]

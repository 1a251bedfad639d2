"""Resolves the name of the backend."""

from _thread import allocate_lock, start_new_thread

from . import dialer
from .deadline import Deadline
from .refusal import Refused


def resolve(host: str, port: int, deadline: Deadline) -> dialer.Addresses:
    """Returns the addresses of a name. Resolvers have no deadline: a thread waits, and may outlive the request."""
    found: list[dialer.Addresses] = []
    done = allocate_lock()
    done.acquire()

    def ask() -> None:
        try:
            found.append(dialer.look_up(host, port))
        finally:
            done.release()

    start_new_thread(ask, ())
    if not done.acquire(timeout=deadline.left()):
        raise Refused(504, "the backend's name was not resolved in time", "dns")
    return found[0]

"""Resolves the name of the backend."""

# Saves loading the file of `collections.abc`.
from _collections_abc import Callable
from _thread import allocate_lock, start_new_thread

from .connection import Addresses
from .deadline import Deadline
from .refusal import Refused


def resolve(look_up: Callable[[], Addresses], deadline: Deadline) -> Addresses:
    """Returns what `look_up` finds. Resolvers have no deadline: a thread waits, and may outlive the request."""
    addresses: list[Addresses] = []
    done = allocate_lock()
    done.acquire()

    def ask() -> None:
        try:
            addresses.append(look_up())
        finally:
            done.release()

    start_new_thread(ask, ())
    if not done.acquire(timeout=deadline.remaining_seconds()):
        raise Refused(504, "the backend's name was not resolved in time", "dns")
    return addresses[0]

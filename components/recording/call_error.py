"""The error of a request that the engine would refuse."""


class CallError(Exception):
    """A request of the program that the engine would refuse. The program gets the message."""

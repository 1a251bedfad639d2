"""The SDK in the program's process: what is replaced in it, and stand-ins for values that the review does not have.

It runs by the program's Python and SDK, as the recorder does. So it imports only Python's library, and `pulumi` with
what that requires.
"""

FOLDERS = {"HOME": "home", "TMPDIR": "tmp"}
"""Folders in the folder of a process, by the variables that name them."""

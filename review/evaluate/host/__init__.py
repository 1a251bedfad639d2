"""The program's side of an evaluation: starts a Python program as Pulumi's language host does, and watches it.

Everything here, and the recorder, runs in the program's process, by the program's Python and SDK. So it imports only
Python's library, `pulumi` with what that requires, and modules of the review that do the same.
"""

FOLDERS = {"HOME": "home", "TMPDIR": "tmp"}
"""Folders in the folder of a process, by the variables that name them."""

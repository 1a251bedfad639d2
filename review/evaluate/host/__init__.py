"""The program's side of an evaluation: starts a Python program as Pulumi's language host does, and watches it.

Everything here runs in the program's process, by the program's Python and SDK, so it imports only Python's library and
`pulumi` with what that requires. What it reports to the review is a claim: it may add doubt, and takes none away.
"""

FOLDERS = {"HOME": "home", "TMPDIR": "tmp"}
"""Folders in the folder of a process, by the variables that name them."""

"""`python -m review`: see `python -m review --help`."""

from __future__ import annotations

import sys

from .launch import explain_unusable_python

if __name__ == "__main__":
    reason = explain_unusable_python()
    if reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
    from .cli.command import process

    sys.exit(process(sys.argv[1:]))

"""`python -m review`: see `python -m review --help`."""

from __future__ import annotations

import sys

from .launch import unusable

if __name__ == "__main__":
    reason = unusable()
    if reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
    from .cli.command import main
    from .evaluate.isolation import isolated_process

    with isolated_process():
        status = main(sys.argv[1:])
    sys.exit(status)

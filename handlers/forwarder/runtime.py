"""Starts the runtime that can stream. The wrapper runs it in place of Lambda's runtime."""

import sys

from forwarder.runtime_loop import run

if __name__ == "__main__":
    sys.exit(run())

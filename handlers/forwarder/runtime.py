"""The loop that can stream, which the wrapper starts in place of Lambda's own runtime."""

import sys

from forwarder.runtime_loop import run

if __name__ == "__main__":
    sys.exit(run())

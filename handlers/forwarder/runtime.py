"""What the wrapper starts in place of Lambda's own runtime: the loop that can stream."""

import sys

from forwarder.runtime_loop import run

if __name__ == "__main__":
    sys.exit(run())

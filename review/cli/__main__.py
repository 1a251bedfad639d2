"""`python -m review.cli` is the command `gatehouse`, for a checkout."""

import sys

from .gatehouse import main

sys.exit(main())

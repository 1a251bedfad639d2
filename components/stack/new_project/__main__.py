"""`make new` in a checkout."""

import sys

from . import main

sys.exit(main(sys.argv[1:], "make new"))

"""The month of AWS's own price examples."""

from typing import Final

HOURS: Final = 730
"""Hours in a month, as AWS's pricing calculator counts them."""
SECONDS: Final = HOURS * 3600

"""What a review tells the program about packages of functions."""

from typing import Final

WITHOUT_PACKAGES: Final = "GATEHOUSE_WITHOUT_PACKAGES"
"""Environment variable of a run that installs none: of a review, which has no network, and of the mocks for tests."""

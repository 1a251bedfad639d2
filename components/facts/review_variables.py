"""Environment variables by which a review tells a program about its run."""

from typing import Final

WITHOUT_PACKAGES: Final = "GATEHOUSE_WITHOUT_PACKAGES"
"""Of a run that installs no packages of functions: of a review, which has no network, and of the mocks for tests."""
STACK_FILE: Final = "GATEHOUSE_STACK_FILE"
"""The stack file, which may have another place and name than the CLI's. Messages name lines of it."""

"""What every test shares."""

import gc

from hypothesis import settings

# A slow machine is no fault of the code: time is measured in bench/, never asserted.
settings.register_profile("gatehouse", deadline=None)
settings.load_profile("gatehouse")


def pytest_collection_finish() -> None:
    """Leave what was imported to the end out of garbage collection, which took a third of the time of a stack."""
    gc.collect()
    gc.freeze()

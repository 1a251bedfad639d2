"""What every test shares."""

import gc
import sys

from hypothesis import settings

# A slow machine is no fault of the code: time is measured in bench/, never asserted.
settings.register_profile("gatehouse", deadline=None)
settings.load_profile("gatehouse")

# An evaluation makes and drops objects by the hundred thousand, nearly all without a circle.
gc.set_threshold(50_000, 20)

_frozen = 0


def pytest_runtest_teardown() -> None:
    """Leave what was imported out of garbage collection: the AWS SDK alone is half of the time of a stack.

    Whole services of it are imported by the tests that need them. The review's command turns collection off.
    """
    global _frozen
    gc.enable()
    if len(sys.modules) > _frozen + 500:
        gc.collect()
        gc.freeze()
        _frozen = len(sys.modules)

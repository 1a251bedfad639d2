"""What every test shares."""

from hypothesis import settings

# A slow machine is no fault of the code: time is measured in bench/, never asserted.
settings.register_profile("gatehouse", deadline=None)
settings.load_profile("gatehouse")

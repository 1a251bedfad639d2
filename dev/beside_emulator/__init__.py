"""`make try`'s gateway beside an emulator from PyPI: the same APIs, the same calls, every difference listed."""

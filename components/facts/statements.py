"""How a component registers the statement of its reach, for the component and for what reads it."""

from typing import Final

KEY: Final = "reach"
"""Input under which a component registers its statement."""
VERSION: Final = 1
"""Version of the shape. A renamed or moved key is another version, since it changes the next preview of every stack."""
PACKAGE: Final = "gatehouse:index:"
"""Types of components begin with it."""
OWN_ACCOUNT: Final = "own"
"""The account of the stack, among accounts whose identities may call."""
SIGNED_IN: Final = ("cognito", "iam", "jwt")
"""Callers whom API Gateway has checked, so that a forwarder asks them for no signature."""

"""The program of a test that declares components: it runs what the test handed over."""

from tests.components.declare import hand_over

hand_over()()

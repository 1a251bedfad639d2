"""The program of a test that declares components: it runs what the test handed over."""

from review.tests.helpers.declare import hand_over

hand_over()()

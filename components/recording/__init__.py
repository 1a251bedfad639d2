"""Records what a program declares.

Only `recorder` and `transforms` need the SDK, and the review loads them with a program.
"""

"""Facts that only AWS knows: the region of the stack, machine images, and networks that exist already.

Every lookup of the components is here. If the value to look up is not known yet, the output is unknown.
"""

"""Confines the process that runs a reviewed program, before anything of the program's environment starts."""

"""Facts that the program and the review share: limits of AWS, defaults, and lists of regions, hosts, images and sizes.

Nothing here imports another part of the project. Each of the two wheels has a copy of this folder, so that a program
and the review of it may have different versions.
"""

"""Facts that the program and the review share: limits of AWS, defaults, and lists of regions, hosts, images and sizes.

Nothing here imports another part of the project. pip installs this folder as `gatehouse_facts`.
"""

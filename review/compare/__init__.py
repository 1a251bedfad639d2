"""The comparison of two versions of a stack, by the facts that their reports state."""

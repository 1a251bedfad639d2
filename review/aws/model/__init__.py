"""The model: everything that the wings read of one graph."""

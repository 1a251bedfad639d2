"""Mistakes in the arguments of ApiFront that AWS or a browser would refuse. The settings use the same functions."""

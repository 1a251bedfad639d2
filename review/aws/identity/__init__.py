"""Policies, roles and public access."""

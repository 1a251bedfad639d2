"""Mocks: outputs of resources and results of lookups, shaped as AWS shapes them."""

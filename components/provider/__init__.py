"""The components as a provider for programs in other languages."""

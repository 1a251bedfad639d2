"""What the provider and AWS do with a changed or deleted resource: what is replaced, and what is refused."""

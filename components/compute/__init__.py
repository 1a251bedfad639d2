"""What the backends are made of: instances, tasks, images, and what they may do."""

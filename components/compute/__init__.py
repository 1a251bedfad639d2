"""Parts of the backends: instances, tasks, images, and what they may do."""

"""Who may call before and after an update."""

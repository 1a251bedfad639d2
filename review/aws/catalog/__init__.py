"""What AWS's resource types are: parts in traffic, names, actions, and traps."""

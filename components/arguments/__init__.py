"""Arguments of components and settings of stack files: types with their limits, their reader, and its errors."""

"""What a program declares, as the engine's protocol carries it: shared with the review, which loads no SDK."""

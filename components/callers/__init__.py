"""An order on the callers that statements name, which the program and the review share. Nothing here loads the SDK."""

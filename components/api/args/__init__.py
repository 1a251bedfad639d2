"""Arguments of ApiFront: one file for each section."""

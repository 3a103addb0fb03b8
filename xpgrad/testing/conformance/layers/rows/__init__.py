"""The rows of the table of layers, by subject."""

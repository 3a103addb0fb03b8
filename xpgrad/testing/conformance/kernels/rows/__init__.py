"""The rows of the table of kernels, by subject."""

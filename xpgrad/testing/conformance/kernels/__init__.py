"""The table of kernels: inputs for every extension function, and for standard ones that kernels replace."""

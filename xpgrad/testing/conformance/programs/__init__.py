"""Programs of one line, and how they are run."""

"""The tables of checks, a module for each level of the report."""

"""Rows of the table of ops, by the modules of ``xpgrad.ops``."""

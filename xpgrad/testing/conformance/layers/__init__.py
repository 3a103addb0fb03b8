"""The table of layers, a module of rows for each subject, and what a row is."""

"""The ops: a table of rows, and the questions that each row is asked."""

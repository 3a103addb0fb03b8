"""The conformance kit: what a backend must do for programs to run on it as on NumPy, as a table of checks.

``python -m xpgrad conformance NAME`` asks them all of a backend and writes a report;
``pytest --pyargs xpgrad.testing.conformance --xpgrad-backend=NAME`` does the same with pytest's options. A check is
`check.Check`: a stable id, the level that it belongs to, what the library must have, and a function that raises.
`levels` has the tables; most of them are generated from those of ops, programs, layers and optimizers, so that what is
added there is asked of every backend. `docs/howto/backend.md` is the way from an empty folder to a passing report.
"""

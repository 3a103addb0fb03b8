"""PyTorch's own operator database, put to xpgrad: `entries` names the questions, `walk` asks them.

``python -m tests.parity.op_db NAME...`` from the root asks the entries of these names, or all.
"""

from xpgrad.ops import rounding
from xpgrad.testing.conformance.ops.case import Case, Domain, draw

# Between halves and integers, on both sides of 0.
SMOOTH = Domain(-0.45, -0.05)

CASES = [
    *(Case(op, (draw(2, 3, of=SMOOTH),)) for op in (rounding.floor, rounding.ceil, rounding.trunc, rounding.round)),
    Case(rounding.round, (draw(2, 3, of=Domain(2.05, 2.45)),), complex_too=True, label="above"),
    Case(rounding.nextafter, (draw(2, 3), draw(2, 3))),
]

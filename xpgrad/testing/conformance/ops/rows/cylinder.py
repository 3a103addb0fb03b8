import scipy.special

from xpgrad.ops import cylinder
from xpgrad.testing.conformance.ops.case import POSITIVE, Case, draw

CASES = [
    Case(op, (draw(2, 3, of=POSITIVE),), reference=getattr(scipy.special, op.forward.__name__))
    for op in (
        cylinder.j0,
        cylinder.j1,
        cylinder.y0,
        cylinder.y1,
        cylinder.k0,
        cylinder.k1,
        cylinder.k0e,
        cylinder.k1e,
    )
]

import scipy.special

from xpgrad.ops import bessel
from xpgrad.testing.conformance.ops.case import POSITIVE, Case, Domain, draw

KINDS = ("j0", "j1", "y0", "y1", "i0", "i1", "k0", "k0e", "k1", "k1e")

CASES = [
    *(
        Case(op, (draw(2, 3),), reference=getattr(scipy.special, op.forward.__name__))
        for op in (bessel.i0, bessel.i0e, bessel.i1, bessel.i1e)
    ),
    Case(bessel.i0e, (draw(2, 3, of=Domain(7.0, 12.0)),), reference=scipy.special.i0e, label="large"),
    *(
        Case(
            bessel.bessel,
            (draw(2, 9, of=of),),
            {"kind": kind},
            lambda x, kind: getattr(scipy.special, kind)(x),
            label=label,
        )
        for kind in KINDS
        for label, of in (("", POSITIVE), ("large", Domain(5.0, 40.0)))
    ),
    *(
        Case(
            bessel.bessel,
            (draw(2, 9, of=of),),
            {"kind": "airy_ai"},
            lambda x, kind: scipy.special.airy(x)[0],
            label=label,
        )
        for label, of in (("", Domain(-4.5, 2.5)), ("large", Domain(2.0, 9.0)), ("negative", Domain(-9.0, -3.5)))
    ),
    Case(bessel.bessel, (draw(2, 9),), {"kind": "spherical_j0"}, lambda x, kind: scipy.special.spherical_jn(0, x)),
]

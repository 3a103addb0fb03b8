import numpy as np
import scipy.special

from xpgrad.ops import gamma
from xpgrad.testing.conformance.ops.case import POSITIVE, Case, Domain, draw

ORDERS = np.asarray([[0.5, 1.2, 2.0, 3.1]])

CASES = [
    Case(gamma.gammaln, (draw(2, 3, of=POSITIVE),), reference=scipy.special.gammaln),
    Case(gamma.digamma, (draw(2, 3, of=POSITIVE),), reference=scipy.special.digamma),
    *(
        Case(gamma.polygamma, (draw(2, 3, of=POSITIVE),), {"n": n}, lambda x, n: scipy.special.polygamma(n, x))
        for n in (1, 2)
    ),
    Case(gamma.zeta, (ORDERS + 1, draw(2, 4, of=Domain(0.8, 3.0))), reference=scipy.special.zeta, refused=("x",)),
    *(
        Case(
            op,
            (scale * ORDERS, draw(3, 4, of=Domain(low, high))),
            reference=getattr(scipy.special, op.forward.__name__),
            label=label,
            refused=("a",),
        )
        for op in (gamma.gammainc, gamma.gammaincc)
        for label, scale, low, high in (
            ("", 1.0, 0.1, 5.0),
            ("of small", 0.1, 0.01, 0.9),
            ("of large", 40.0, 10.0, 70.0),
        )
    ),
]

import scipy.special
from case import POSITIVE, UNIT, Case, draw

from xpgrad.ops import special

CASES = [
    Case(special.erf, (draw(2, 3),), reference=scipy.special.erf),
    Case(special.erfc, (draw(2, 3),), reference=scipy.special.erfc),
    Case(special.erfinv, (draw(2, 3, of=UNIT),), reference=scipy.special.erfinv),
    Case(special.gammaln, (draw(2, 3, of=POSITIVE),), reference=scipy.special.gammaln),
    Case(special.digamma, (draw(2, 3, of=POSITIVE),), reference=scipy.special.digamma),
    *(
        Case(special.polygamma, (draw(2, 3, of=POSITIVE),), {"n": n}, lambda x, n: scipy.special.polygamma(n, x))
        for n in (1, 2)
    ),
]

import scipy.special

from xpgrad.ops import error
from xpgrad.testing.conformance.ops.case import UNIT, Case, Domain, draw

CASES = [
    Case(error.erf, (draw(2, 3),), reference=scipy.special.erf),
    Case(error.erfc, (draw(2, 3),), reference=scipy.special.erfc),
    Case(error.erfcx, (draw(2, 3),), reference=scipy.special.erfcx, tolerance=1e-6),
    Case(error.erfinv, (draw(2, 3, of=UNIT),), reference=scipy.special.erfinv),
    Case(error.ndtri, (draw(2, 3, of=Domain(0.1, 0.9)),), reference=scipy.special.ndtri),
    Case(error.log_ndtr, (draw(2, 3),), reference=scipy.special.log_ndtr),
]

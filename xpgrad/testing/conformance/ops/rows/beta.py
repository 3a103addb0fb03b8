import numpy as np
import scipy.special

from xpgrad.ops import beta
from xpgrad.testing.conformance.ops.case import Case, Domain, draw

A, B = np.array([0.7, 2.5, 6.0]), np.array([1.5, 0.4, 3.0])

CASES = [
    Case(beta.betainc, (A, B, draw(2, 3, of=Domain(0.1, 0.9))), reference=scipy.special.betainc, refused=("a", "b")),
]

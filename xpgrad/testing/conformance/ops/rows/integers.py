import numpy as np

from xpgrad.ops import integers
from xpgrad.testing.conformance.ops.case import Case

PAIR = (np.asarray([[12, 0, -9, 7]]), np.asarray([[18], [0], [4]]))

CASES = [
    Case(integers.gcd, PAIR),
    Case(integers.lcm, PAIR),
]

import numpy as np

from xpgrad.ops import logical
from xpgrad.testing.conformance.ops.case import Case

NO_YES = np.asarray([False, True])
BITS = np.asarray([0, 1, 6, -7])
PLACES = np.asarray([[0], [1], [2]])

CASES = [
    *(Case(op, (NO_YES, NO_YES[:, None])) for op in (logical.logical_and, logical.logical_or, logical.logical_xor)),
    Case(logical.logical_not, (NO_YES,)),
    *(Case(op, (BITS, PLACES)) for op in (logical.bitwise_and, logical.bitwise_or, logical.bitwise_xor)),
    Case(logical.bitwise_invert, (BITS,)),
    *(Case(op, (BITS, PLACES)) for op in (logical.bitwise_left_shift, logical.bitwise_right_shift)),
]

import numpy as np
from case import Case, draw

from xpgrad.backends import dtypes
from xpgrad.ops import copying

CASES = [
    Case(copying.copy, (draw(2, 3),), complex_too=True),
    Case(copying.astype, (draw(2, 3),), {"dtype": dtypes.float64}, lambda x, dtype: x),
    Case(copying.astype, (draw(2, 3),), {"dtype": dtypes.complex128}, lambda x, dtype: x + 0j),
    Case(copying.detach, (draw(2, 3),), reference=lambda x: x),
    Case(copying.copy, (np.asarray([1, 2]),), label="of integers"),
]

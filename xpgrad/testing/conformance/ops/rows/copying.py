import numpy as np

from xpgrad.backends.dtypes import complex128
from xpgrad.ops import copying
from xpgrad.testing.conformance.ops.case import Case, draw

CASES = [
    Case(copying.copy, (draw(2, 3),), complex_too=True),
    Case(copying.row_major_copy, (draw(2, 3),), reference=np.copy, complex_too=True),
    Case(copying.row_major_copy, (draw(),), reference=np.copy, label="of 0-d"),
    Case(copying.astype, (draw(2, 3),), {"dtype": complex128}, lambda x, dtype: x.astype(dtype.name)),
    Case(copying.fill, (draw(2, 3), draw()), reference=np.full_like, complex_too=True),
    Case(copying.fill, (draw(2, 3), 2.5), reference=np.full_like, label="with a number"),
    Case(copying.detach, (draw(2, 3),), reference=np.asarray),
]

import numpy as np

from xpgrad.ops import sets
from xpgrad.testing.conformance.ops.case import Case

REPEATED = np.asarray([[2, 0, 2], [5, 0, 2]])

CASES = [
    *(Case(op, (REPEATED,)) for op in (sets.unique_all, sets.unique_counts, sets.unique_inverse)),
    # In which order the values come is up to the library.
    Case(sets.unique_values, (np.asarray([2, 2, 2]),)),
]

import numpy as np
import scipy.special

from xpgrad.ops import activation
from xpgrad.testing.conformance.ops.case import Case, draw

CASES = [
    Case(activation.relu, (draw(2, 3),), reference=lambda x: np.maximum(x, 0)),
    Case(activation.relu, (np.asarray([-2, 3]),), reference=lambda x: np.maximum(x, 0), label="of integers"),
    Case(activation.sigmoid, (draw(2, 3),), complex_too=True, reference=lambda x: 1 / (1 + np.exp(-x))),
    *(Case(activation.softmax, (draw(2, 3),), {"axis": axis}, scipy.special.softmax) for axis in (0, -1)),
    *(Case(activation.log_softmax, (draw(2, 3),), {"axis": axis}, scipy.special.log_softmax) for axis in (0, -1)),
    *(
        Case(activation.logsumexp, (draw(2, 3),), {"axis": axis, "keepdims": keepdims}, scipy.special.logsumexp)
        for axis in (None, 1, (0, 1))
        for keepdims in (False, True)
    ),
]

import numpy as np

from xpgrad.ops import comparison
from xpgrad.testing.conformance.ops.case import Case, draw

ODD = np.asarray([0.0, -0.0, 1.5, np.inf, -np.inf, np.nan])

CASES = [
    *(
        Case(op, (np.asarray([1.0, 2.0, 3.0]), np.asarray([[2.0], [3.0]])))
        for op in (
            comparison.equal, comparison.not_equal, comparison.less, comparison.less_equal, comparison.greater,
            comparison.greater_equal,
        )
    ),
    Case(comparison.less, (draw(2, 3), 0.5), label="with scalar"),
    *(Case(op, (ODD,)) for op in (comparison.isnan, comparison.isinf, comparison.isfinite, comparison.signbit)),
]  # fmt: skip

import numpy as np

from xpgrad.ops import exponential
from xpgrad.testing.conformance.ops.case import POSITIVE, Case, Domain, draw

CASES = [
    *(Case(op, (draw(2, 3),), complex_too=True) for op in (exponential.exp, exponential.expm1, exponential.exp2)),
    *(
        Case(op, (draw(2, 3, of=POSITIVE),), complex_too=True)
        for op in (exponential.log, exponential.log1p, exponential.log2, exponential.log10, exponential.sqrt)
    ),
    Case(exponential.rsqrt, (draw(2, 3, of=POSITIVE),), complex_too=True, reference=lambda x: 1 / np.sqrt(x)),
    Case(exponential.logaddexp, (draw(2, 3), draw(2, 3)), broadcasts=True),
    Case(
        exponential.logaddexp,
        (draw(2, 3), draw(2, 3)),
        reference=lambda x, y: np.log(np.exp(x) + np.exp(y)),
        kind="complex128",
    ),
    Case(exponential.logaddexp2, (draw(2, 3), draw(2, 3)), broadcasts=True),
    Case(
        exponential.ldexp,
        (draw(2, 3), draw(2, 3)),
        reference=lambda x, y: x * 2.0**y,
        broadcasts=True,
        complex_too=True,
    ),
    Case(exponential.frexp, (draw(2, 3, of=Domain(0.6, 0.9)),)),
    Case(exponential.frexp, (draw(2, 3, of=Domain(-7.9, -4.1)),), label="negative"),
]

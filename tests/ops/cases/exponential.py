import numpy as np
from case import POSITIVE, Case, draw

from xpgrad.ops import exponential

CASES = [
    *(Case(op, (draw(2, 3),), complex_too=True) for op in (exponential.exp, exponential.expm1, exponential.exp2)),
    *(
        Case(op, (draw(2, 3, of=POSITIVE),), complex_too=True)
        for op in (exponential.log, exponential.log1p, exponential.log2, exponential.log10, exponential.sqrt)
    ),
    Case(exponential.rsqrt, (draw(2, 3, of=POSITIVE),), complex_too=True, reference=lambda x: 1 / np.sqrt(x)),
    Case(exponential.logaddexp, (draw(2, 3), draw(2, 3)), broadcasts=True),
]

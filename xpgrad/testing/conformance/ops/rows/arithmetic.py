import numpy as np

from xpgrad.ops import arithmetic
from xpgrad.testing.conformance.ops.case import APART, Case, Domain, draw

AWAY = Domain(0.5, 2.0)
PAIR = (draw(2, 3), draw(2, 3))
APART_PAIR = (draw(2, 3, of=APART), draw(2, 3, of=Domain(-1.9, 2.1, apart=True)))


def clamp(x, low, high):
    return np.minimum(x if low is None else np.maximum(x, low), np.inf if high is None else high)


CASES = [
    *(
        Case(op, PAIR, complex_too=True, broadcasts=True)
        for op in (arithmetic.add, arithmetic.subtract, arithmetic.multiply)
    ),
    Case(arithmetic.add, (draw(0, 3), draw(1, 3)), label="empty"),
    Case(arithmetic.subtract, (2.5, draw(3)), label="from scalar"),
    Case(arithmetic.multiply, (draw(3), -1.5), label="by scalar"),
    Case(arithmetic.multiply, (np.asarray([1, 2, 3]), np.asarray([4, 5, 6])), label="of integers"),
    Case(arithmetic.divide, (draw(2, 3), draw(2, 3, of=AWAY)), complex_too=True, broadcasts=True),
    Case(arithmetic.divide, (2.5, draw(3, of=AWAY)), label="of scalar"),
    Case(arithmetic.floor_divide, (draw(2, 3), draw(2, 3, of=AWAY)), broadcasts=True),
    Case(arithmetic.remainder, (draw(2, 3), draw(2, 3, of=AWAY)), broadcasts=True),
    Case(arithmetic.remainder, (draw(2, 3), draw(2, 3, of=Domain(-2.0, -0.5))), label="negative"),
    Case(arithmetic.remainder, (2.5, draw(3, of=AWAY)), label="of scalar"),
    Case(arithmetic.negative, (draw(2, 3),), complex_too=True),
    Case(arithmetic.positive, (draw(2, 3),), complex_too=True),
    Case(arithmetic.abs, (draw(2, 3),), complex_too=True),
    Case(arithmetic.sign, (draw(2, 3),), complex_too=True),
    Case(arithmetic.reciprocal, (draw(2, 3, of=AWAY),), complex_too=True),
    Case(arithmetic.square, (draw(2, 3),), complex_too=True),
    Case(arithmetic.power, (draw(2, 3, of=AWAY), draw(2, 3)), complex_too=True, broadcasts=True),
    *(
        Case(arithmetic.power, (draw(2, 3, of=AWAY), exponent), complex_too=True, label=f"to {exponent}")
        for exponent in (0.0, 1.0, 2.0, -1.5)
    ),
    Case(arithmetic.power, (draw(2, 3), 3), label="of negative numbers"),
    Case(arithmetic.power, (2.5, draw(2, 3)), label="of scalar", complex_too=True),
    Case(arithmetic.copysign, PAIR, broadcasts=True),
    Case(arithmetic.maximum, APART_PAIR, broadcasts=True),
    Case(arithmetic.maximum, (draw(2, 3, of=APART), 0.5), label="with scalar"),
    Case(arithmetic.minimum, APART_PAIR, broadcasts=True),
    Case(arithmetic.nan_to_num, (draw(2, 3),), {"nan": 1.0, "posinf": 2.0, "neginf": None}, complex_too=True),
    Case(arithmetic.clip, (draw(2, 3), -0.5, 0.5), label="by scalars", reference=clamp),
    Case(arithmetic.clip, (draw(2, 3), None, 0.5), label="from above", reference=clamp),
    Case(arithmetic.clip, (draw(2, 3), -0.5, None), label="from below", reference=clamp),
    Case(arithmetic.clip, (draw(2, 3), None, None), label="without bounds", reference=clamp),
    Case(arithmetic.clip, (draw(3, 3), draw(3, 3), draw(3, 3)), broadcasts=True, reference=clamp),
]
